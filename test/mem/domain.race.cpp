// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::uint64_t living = 0x600d600d600d600d, dead = 0xdeaddeaddeaddead;

// Overwritten before it is freed, so that a reader which comes too late sees it even where no
// sanitizer looks on.
struct node {
  explicit node(std::uint64_t v) noexcept : value(v) {}
  ~node() { canary.store(dead, std::memory_order_relaxed); }
  std::atomic<std::uint64_t> canary{living};
  std::atomic<node*> next{nullptr};
  std::uint64_t value;
  [[nodiscard]] bool sound() const noexcept {
    return canary.load(std::memory_order_relaxed) == living;
  }
};

// Treiber, "Systems programming: coping with parallelism", 1986.
template <class Domain>
class stack {
 public:
  explicit stack(Domain& d) : domain_(d) {}
  ~stack() {
    while (node* n = head_) {
      head_ = n->next.load();
      delete n;
    }
  }
  void push(std::uint64_t v) {
    auto* n = new node(v);
    auto* top = head_.load(std::memory_order_relaxed);
    do {
      n->next.store(top, std::memory_order_relaxed);
    } while (
        !head_.compare_exchange_weak(top, n, std::memory_order_release, std::memory_order_relaxed));
  }
  // 0 if empty
  std::uint64_t pop(bool& sound) {
    auto guard = domain_.pin();
    for (;;) {
      node* n = guard.load(head_);
      if (!n) return 0;
      auto* next = n->next.load(std::memory_order_relaxed);
      if (!n->sound()) sound = false;
      auto const value = n->value;
      if (guard.retire_on_cas(head_, n, next)) return value;
    }
  }
  void walk(bool& sound) {
    auto guard = domain_.pin();
    for (node* n = guard.load(head_); n; n = guard.load(n->next)) {
      if (!n->sound()) sound = false;
    }
  }

 private:
  Domain& domain_;
  std::atomic<node*> head_{nullptr};
};

unsigned seed() {
  static unsigned const it = [] {
    char const* given = std::getenv("WEFT_SEED");
    return given ? unsigned(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  }();
  return it;
}

template <class F>
void together(unsigned threads, F f) {
  std::vector<std::thread> all;
  for (unsigned t = 0; t < threads; ++t) all.emplace_back([=] { f(t); });
  for (auto& t : all) t.join();
}

TEST(domain_race, a_stack_of_eight_threads_keeps_every_value_once) {
  SCOPED_TRACE("WEFT_SEED=" + std::to_string(seed()));
  weft::basic_domain<weft::native, 8> domain;
  stack<decltype(domain)> s(domain);
  constexpr unsigned threads = 8;
  constexpr std::uint64_t each = 20000;
  std::atomic<bool> sound{true};
  std::atomic<std::uint64_t> pushed{0}, popped{0};
  together(threads, [&](unsigned t) {
    std::minstd_rand random(seed() + t);
    bool mine = true;
    std::uint64_t in = 0, out = 0;
    for (std::uint64_t i = 0; i < each; ++i) {
      switch (random() % 8) {
        case 0:
          s.walk(mine);
          break;
        case 1:
        case 2:
        case 3: {
          auto const v = 1 + i * threads + t;
          s.push(v);
          in += v;
          break;
        }
        default:
          out += s.pop(mine);
      }
    }
    pushed += in;
    popped += out;
    if (!mine) sound = false;
  });
  bool last = true;
  while (auto v = s.pop(last)) popped += v;
  EXPECT_TRUE(sound && last);
  EXPECT_EQ(pushed, popped);
  domain.reclaim();
  EXPECT_EQ(domain.limbo_count(), 0u);
  EXPECT_LE(domain.slot_count(), threads + 1);
}

TEST(domain_race, threads_that_come_and_go_leave_nothing_behind) {
  weft::basic_domain<weft::native, 4> domain;
  stack<decltype(domain)> s(domain);
  std::atomic<bool> sound{true};
  together(8, [&](unsigned t) {
    for (int round = 0; round < 60; ++round) {
      std::thread([&] {
        bool mine = true;
        for (std::uint64_t i = 1; i < 40; ++i) {
          s.push(i);
          s.pop(mine);
          if (i % 16 == t) domain.leave();
          if (i % 16 == t + 1) domain.reclaim();
        }
        if (!mine) sound = false;
      }).join();
    }
  });
  bool last = true;
  while (s.pop(last)) {
  }
  domain.reclaim();
  EXPECT_TRUE(sound && last);
  EXPECT_EQ(domain.limbo_count(), 0u);
  EXPECT_LE(domain.slot_count(), 17u);
}

TEST(domain_race, a_domain_may_end_while_its_threads_do) {
  for (int round = 0; round < 300; ++round) {
    auto domain = std::make_unique<weft::basic_domain<weft::native, 4>>();
    std::atomic<int> used{0};
    std::vector<std::thread> all;
    for (int t = 0; t < 4; ++t) {
      all.emplace_back([&] {
        for (int i = 0; i < 6; ++i) domain->pin().retire(new node(1));
        ++used;  // the last use: leaving, at the thread's end, races with the destructor
        used.notify_all();
      });
    }
    for (int seen; (seen = used) < 4;) used.wait(seen);
    domain.reset();
    for (auto& t : all) t.join();
  }
}

}  // namespace
