// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <variant>

namespace {

struct node {
  explicit node(int v, node* n = nullptr) : value(v), next(n) {}
  ~node() { value.store(-1, std::memory_order_relaxed); }
  std::atomic<int> value;
  std::atomic<node*> next;
};

using domain = weft::basic_domain<weft::native, 4>;

bool signals_work() {
  return weft::detail::neutralizer<weft::native>::mode() != weft::neutralization::off;
}

// Treiber, "Systems programming: coping with parallelism", 1986.
class stack {
 public:
  explicit stack(domain& d) : domain_(d) {}
  ~stack() {
    while (node* n = head_) {
      head_ = n->next.load();
      delete n;
    }
  }
  void push(int v) {
    auto* n = new node(v, head_.load());
    for (node* top = n->next; !head_.compare_exchange_weak(top, n);) n->next = top;
  }
  int pop() {
    struct two {
      node* top;
      node* next;
      int value;
    };
    for (;;) {
      auto section = domain_.read<1>([&](auto& reader) noexcept -> two {
        node* const top = reader.load(head_);
        reader.reserve(top);
        if (!top) return {nullptr, nullptr, 0};
        return {top, reader.load(top->next), top->value.load(std::memory_order_relaxed)};
      });
      auto [top, next, value] = *section;
      if (!top) return 0;
      if (section.retire_on_cas(head_, top, next)) return value;
    }
  }

 private:
  domain& domain_;
  std::atomic<node*> head_{nullptr};
};

TEST(section, reads_and_returns_what_the_phase_returned) {
  domain d;
  std::atomic<node*> at{new node(7)};
  auto const v = d.read([&](auto& r) noexcept { return r.load(at)->value.load(); });
  EXPECT_EQ(v, 7);
  EXPECT_FALSE(weft::pin_held());
  delete at.load();
}

TEST(section, a_write_phase_retires_and_ends) {
  domain d;
  stack s(d);
  for (int i = 1; i <= 100; ++i) s.push(i);
  for (int i = 100; i >= 1; --i) EXPECT_EQ(s.pop(), i);
  EXPECT_EQ(s.pop(), 0);
  d.reclaim();
  EXPECT_EQ(d.limbo_count(), 0u);
}

TEST(section, what_is_reserved_stays_until_the_write_phase_ends) {
  domain d;
  std::atomic<node*> at{new node(7)};
  {
    auto section = d.read<1>([&](auto& r) noexcept {
      node* const n = r.load(at);
      r.reserve(n);
      return n;
    });
    std::thread([&] {
      d.pin().retire(at.exchange(nullptr));
      for (int i = 0; i < 10; ++i) {
        d.pin().retire(new node(0));
        d.reclaim();
      }
      EXPECT_EQ(d.limbo_count(), 1u) << "the thread in its write phase is passed";
    }).join();
    EXPECT_EQ(section.found()->value, 7);
  }
  d.reclaim();
  EXPECT_EQ(d.limbo_count(), 0u);
}

TEST(section, in_a_pin_it_is_an_ordinary_call) {
  domain d;
  stack s(d);
  s.push(1);
  s.push(2);
  auto const guard = d.pin();
  EXPECT_EQ(s.pop(), 2);
  EXPECT_EQ(d.read([](auto&) noexcept { return 5; }), 5);
  EXPECT_EQ(s.pop(), 1);
  EXPECT_TRUE(weft::pin_held());
}

TEST(section, a_deleter_may_pin_and_read) {
  domain d;
  static domain* in;
  in = &d;
  std::atomic<node*> at{new node(3)};
  static std::atomic<node*>* from;
  from = &at;
  static int seen;
  seen = 0;
  int x[40];
  for (int& i : x) {
    auto section = d.read<1>([&](auto& r) noexcept {
      r.reserve(&i);
      return &i;
    });
    section.retire(*section, [](int*) {
      auto const guard = in->pin();
      seen += in->read([](auto& r) noexcept { return r.load(*from)->value.load(); });
    });
  }
  d.reclaim();
  EXPECT_EQ(seen, 40 * 3);
  delete at.load();
}

// A thread that is stuck in its read phase, at a pointer into what has been retired since.
class stuck {
 public:
  explicit stuck(domain& d, std::atomic<node*>& at) {
    thread_ = std::thread([&] {
      (void)d.read([&](auto& r) noexcept {
        node* const n = r.load(at);
        if (runs_.fetch_add(1) != 0) return 0;
        while (!go_.load(std::memory_order_relaxed)) {
          if (n->value.load(std::memory_order_relaxed) < 0) bad_.store(true);
        }
        return 0;
      });
      d.leave();
    });
    while (runs_ == 0) std::this_thread::yield();
  }
  ~stuck() {
    go_ = true;
    thread_.join();
    EXPECT_FALSE(bad_) << "it read what had been freed";
  }
  [[nodiscard]] int runs() const { return runs_; }

 private:
  std::atomic<int> runs_{0};
  std::atomic<bool> go_{false}, bad_{false};
  std::thread thread_;
};

TEST(section, a_stuck_reader_is_signalled_and_holds_nothing_back) {
  if (!signals_work()) GTEST_SKIP() << "neutralization is off here";
  domain d;
  std::atomic<node*> at{new node(1)};
  {
    stuck reader(d, at);
    std::uint64_t most = 0;
    for (int i = 2; i < 100'000; ++i) {
      auto guard = d.pin();
      guard.retire(at.exchange(new node(i)));
      most = std::max(most, d.limbo_count());
    }
    while (reader.runs() < 2) {  // its processor may have been another's
      auto guard = d.pin();
      guard.retire(at.exchange(new node(1)));
    }
    EXPECT_LT(d.limbo_count(), 50'000u);
  }
  EXPECT_GE(d.signal_count(), 1u);
  EXPECT_GE(d.restart_count(), 1u);
  d.reclaim();
  EXPECT_EQ(d.limbo_count(), 0u);
  delete at.load();
}

// The seed's retry loop: what it does once, it does once.
TEST(section, a_read_that_was_cut_short_is_acknowledged_and_tried_again) {
  domain d;
  std::atomic<node*> at{new node(9)};
  std::atomic<int> runs{0};
  std::atomic<bool> go{false};
  int done = 0, cut = 0, value = 0;
  std::thread reader([&] {
    for (;;) {
      auto r = d.try_read([&](auto& in) noexcept {
        node* const n = in.load(at);
        if (runs.fetch_add(1) == 0) {
          while (!go.load(std::memory_order_relaxed)) {
          }
        }
        return n->value.load();
      });
      if (auto* n = std::get_if<weft::neutralized>(&r)) {
        ++cut;
        std::move(*n).acknowledge();
        continue;
      }
      value = std::get<0>(r);
      ++done;
      break;
    }
    d.leave();
  });
  while (runs == 0) std::this_thread::yield();
  for (int i = 0; signals_work() && runs == 1; ++i) {
    (void)d.attach().try_advance();
    if (i % 64 == 63) std::this_thread::yield();
    if (d.restart_count() != 0) break;
  }
  go = true;
  reader.join();
  EXPECT_EQ(done, 1);
  EXPECT_EQ(value, 9);
  EXPECT_EQ(cut, signals_work() ? 1 : 0);
  delete at.load();
}

TEST(section, a_pin_of_another_thread_is_never_signalled) {
  domain d;
  std::latch pinned(1), done(1);
  std::thread other([&] {
    auto const guard = d.pin();
    pinned.count_down();
    done.wait();
  });
  pinned.wait();
  auto mine = d.attach();
  for (int i = 0; i < 10; ++i) (void)mine.try_advance();
  EXPECT_EQ(d.neutralize(1), 0u);
  EXPECT_EQ(d.signal_count(), 0u);
  done.count_down();
  other.join();
}

TEST(section_death, misplaced_sections_are_refused) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        domain d;
        (void)d.read([&](auto&) noexcept {
          auto const guard = d.pin();
          return 0;
        });
      },
      "a pin in the read phase of a section\n  at .*section.cpp");
  EXPECT_DEATH(
      {
        domain d;
        (void)d.read([&](auto&) noexcept { return d.read([](auto&) noexcept { return 0; }); });
      },
      "a read phase in a read phase\n  at .*section.cpp");
  EXPECT_DEATH(
      {
        domain d;
        auto const section = d.read<1>([](auto&) noexcept { return 0; });
        (void)d.pin();
      },
      "a pin in the write phase of a section");
  EXPECT_DEATH(
      {
        domain d;
        auto const section = d.read<1>([](auto&) noexcept { return 0; });
        (void)d.read([](auto&) noexcept { return 0; });
      },
      "a read phase in the write phase");
}

}  // namespace
