// SPDX-License-Identifier: Apache-2.0
// Everything that can end a wait at once: commits, timeouts, cancellations, closing and
// destruction, by four workers and four threads. Every value is counted.
#include <support/scenario.hpp>

#include <weft/weft.hpp>

#include <array>
#include <memory>
#include <mutex>

namespace {

using namespace std::chrono_literals;
using weft_test::dice;

constexpr auto actors = 4u;  // tasks, and as many threads

// Ends the program if a test takes far longer than it was told to: a wait did not end.
class watchdog {
 public:
  watchdog(weft::runtime& rt, std::chrono::nanoseconds limit)
      : thread_([this, &rt, limit] {
          if (weft::as_result(over_.opened() | weft::timeout(limit)).wait()) return;
          std::fprintf(stderr, "a wait did not end\n%s", rt.dump().c_str());
          std::abort();
        }) {}
  watchdog(watchdog const&) = delete;
  watchdog& operator=(watchdog const&) = delete;
  ~watchdog() {
    over_.open();
    thread_.join();
  }

 private:
  weft::gate over_;
  std::thread thread_;
};

// What is traded: each value is a different number.
struct ledger {
  std::atomic<std::uint64_t> next{1}, accepted{0}, arrived{0};
  std::uint64_t new_value() { return next.fetch_add(1); }
};

// The things that one round waits on, and that go at its end.
struct market {
  explicit market(ledger& l) : book(l) {}

  ledger& book;
  std::array<weft::channel_ends<std::uint64_t>, 3> channels{
      weft::make_channel<std::uint64_t>(0), weft::make_channel<std::uint64_t>(1),
      weft::make_channel<std::uint64_t>(3)};
  weft::scope some = weft::scope::root();
  weft::mutex lock;
  long inside = 0;  // guarded by lock
  weft::semaphore permits{2};
  std::atomic<bool> over{false};

  auto take(std::size_t i) {
    return channels[i].rx.recv() | weft::then([this](std::optional<std::uint64_t> v) {
             if (v) book.arrived += *v;
           });
  }
  auto give(std::size_t i) {
    auto const v = book.new_value();
    return channels[i].tx.send(v) | weft::then([this, v](weft::send_result<std::uint64_t> r) {
             if (r) book.accepted += v;
           });
  }
  // The three kinds of steps; each ends soon, one way or another.
  auto trade(dice& d) {
    auto const i = d() % 3;
    return weft::as_result(weft::select(give(i), take((i + d() % 3) % 3), take(d() % 3)) |
                           weft::timeout(std::chrono::microseconds(d() % 200)) |
                           weft::with(some));
  }
  auto lock_or_take(dice& d) {
    auto count = weft::then([this](weft::mutex_guard) {
      EXPECT_EQ(inside++, 0);
      --inside;
    });
    return weft::as_result(weft::select(lock.acquire() | std::move(count), take(d() % 3)) |
                           weft::timeout(std::chrono::microseconds(d() % 200)));
  }
  auto permit(dice& d) {
    auto const n = 1 + d() % 2;
    return weft::as_result(permits.acquire(n) | weft::then([this, n] { permits.release(n); }) |
                           weft::timeout(100us) | weft::with(some));
  }

  // Counted by whoever ends a round: what nobody has taken.
  void clear_up() {
    for (auto& c : channels) {
      c.tx.close();
      while (auto v = c.rx.try_recv().value) book.arrived += *v;
    }
    EXPECT_TRUE(lock.try_acquire());
    EXPECT_EQ(permits.available(), 4u);
  }
};

weft::task<> acts(market& m, std::uint64_t seed) {
  dice d(seed);
  while (!m.over) {
    auto trade = m.trade(d);
    (void)co_await std::move(trade);
    auto other = m.lock_or_take(d);
    (void)co_await std::move(other);
    auto permit = m.permit(d);
    (void)co_await std::move(permit);
    if (d() % 8 == 0) {
      auto plain = m.give(2);  // no timeout: only room, a close or a cancellation ends it
      co_await std::move(plain);
    }
    d.pause();
  }
}

void act_in_a_thread(market& m, std::uint64_t seed) {
  dice d(seed);
  while (!m.over) {
    (void)m.trade(d).wait();
    (void)m.lock_or_take(d).wait();
    (void)m.permit(d).wait();
    if (d() % 8 == 0) m.take(0).wait();  // no timeout: only a sender or a close ends it
    d.pause();
  }
}

void one_round(weft::runtime& rt, ledger& book, dice& d) {
  market m(book);
  weft::group tasks{rt};
  for (unsigned i = 0; i < actors; ++i) (void)tasks.spawn(&acts, std::ref(m), d());
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < actors; ++i)
    threads.emplace_back([&m, s = d()] { act_in_a_thread(m, s); });
  weft::after(std::chrono::microseconds(1000 + d() % 8000)).wait();
  std::array<unsigned, 4> order{0, 1, 2, 3};
  std::swap(order[0], order[d() % 4]);
  std::swap(order[1], order[1 + d() % 3]);
  for (auto what : order) {
    if (what == 0) m.some.cancel("for this round");
    if (what == 1) tasks.cancel();
    if (what == 2) m.channels[d() % 3].rx.close();
    if (what == 3) m.permits.release(2);
    weft::after(std::chrono::microseconds(d() % 300)).wait();
  }
  m.over = true;
  for (auto& c : m.channels) c.tx.close();
  for (auto& t : threads) t.join();
  tasks.join().wait();
  m.clear_up();
}

TEST(wait_race, every_way_to_end_a_wait_at_once) {
  auto const limit = weft_test::duration(10s);
  weft::runtime rt{{.workers = actors}};
  watchdog alive(rt, limit + 60s);
  dice d(weft_test::seed());
  ledger book;
  auto const end = weft::clock::now() + limit;
  int rounds = 0;
  for (; weft::clock::now() < end && !HasFailure(); ++rounds) {
    one_round(rt, book, d);
    ASSERT_EQ(book.accepted, book.arrived) << "in round " << rounds;
  }
  std::printf("%d rounds, %lu values offered\n", rounds,
              static_cast<unsigned long>(book.next.load()));
}

// Tasks in a tree of scopes wait for ever in every way there is; a branch is cancelled while its
// tasks begin to wait. Nothing but the cancellation ends them, so one that were lost would hang.
TEST(wait_race, a_cancellation_reaches_every_wait) {
  auto const limit = weft_test::duration(3s);
  weft::runtime rt{{.workers = 6}};
  watchdog alive(rt, limit + 60s);
  dice d(weft_test::seed());
  auto const end = weft::clock::now() + limit;
  long waits = 0;
  while (weft::clock::now() < end) {
    weft::gate never;
    weft::mutex held;
    auto guard = held.try_acquire();
    auto [tx, rx] = weft::make_channel<int>(0);
    auto leaf = [&](unsigned how) -> weft::task<> {
      if (how == 0) co_await never.opened();
      if (how == 1) (void)co_await held.acquire();
      if (how == 2) (void)co_await rx.recv();
      auto op = weft::select(rx.recv(), never.opened(), weft::after(1h), held.acquire());
      (void)co_await std::move(op);
    };
    auto branch = [&leaf](unsigned how) -> weft::task<> {
      auto body = [&](weft::group& g) -> weft::task<> {
        for (unsigned i = 0; i < 4; ++i) (void)g.spawn(leaf, (how + i) % 4);
        co_await leaf(how);
      };
      co_await weft::with_group(body);
    };
    weft::group all{rt};
    for (unsigned i = 0; i < 4; ++i) (void)all.spawn(branch, i);
    for (auto n = d() % 2000; n > 0; --n) weft::native::pause();
    all.cancel("enough");
    all.join().wait();
    waits += 20;
  }
  std::printf("%ld waits\n", waits);
}

// A counter of signals, handed to whoever waits. `LooksAgain` is what every primitive does: it
// looks under the lock once more before it hangs the waiter up.
template <bool LooksAgain>
class signals {
 public:
  class next_operation : public weft::operation_base<next_operation>, weft::wait_node {
   public:
    using result_type = void;
    explicit next_operation(signals& s) noexcept : of_(s) {}
    [[nodiscard]] weft::case_id try_commit() noexcept {
      {
        std::scoped_lock hold{of_->lock_};
        if (of_->take()) return 0;
      }
      weft_test::may_be_held_up();
      return weft::no_case;
    }
    [[nodiscard]] bool publish(weft::waiter& w, weft::case_id base) noexcept {
      std::scoped_lock hold{of_->lock_};
      if (linked()) return false;
      if (LooksAgain && of_->count_ != 0) {
        if (w.claim_or_gone()) {
          (void)of_->take();
          w.commit(base);
        }
        return true;
      }
      who = &w;
      index = base;
      of_->waiting_.push_back(*this);
      return false;
    }
    void withdraw() noexcept {
      if (!lost()) return;
      std::scoped_lock hold{of_->lock_};
      if (linked()) of_->waiting_.erase(*this);
    }
    void take(weft::case_id) noexcept {}
    [[nodiscard]] weft::wait_info describe() const noexcept { return {"signal", nullptr, nullptr}; }

   private:
    weft::borrowed<signals> of_;
  };

  [[nodiscard]] auto next() noexcept { return next_operation(*this); }
  void post() noexcept {
    weft::wait_node* n = nullptr;
    {
      std::scoped_lock hold{lock_};
      n = weft::claim_first(waiting_);
      if (!n) ++count_;
    }
    if (n) n->who->commit(n->index);
  }

 private:
  [[nodiscard]] bool take() noexcept {
    if (count_ == 0) return false;
    --count_;
    return true;
  }
  weft::spin_lock lock_;
  int count_ = 0;
  weft::wait_list waiting_;
};

// How often one that waited was not woken by a signal that was there, until the first or the end.
template <bool LooksAgain>
int wake_ups_lost(std::chrono::nanoseconds limit) {
  int lost = 0;
  weft_test::runner run{8};
  auto const end = weft::clock::now() + limit;
  while (lost == 0 && weft::clock::now() < end) {
    signals<LooksAgain> s;
    std::atomic<int> woken{0};
    auto wait = [&] {
      if (weft::as_result(s.next() | weft::timeout(200ms)).wait()) ++woken;
    };
    auto post = [&] { s.post(); };
    run(wait, wait, wait, wait, post, post, post, post);
    lost += 4 - woken;
  }
  return lost;
}

TEST(wait_race, a_planted_lost_wake_up_is_found) {
  EXPECT_GT(wake_ups_lost<false>(60s), 0);
}

TEST(wait_race, the_same_without_the_planted_error_loses_none) {
  EXPECT_EQ(wake_ups_lost<true>(weft_test::duration(2s)), 0);
}

}  // namespace
