// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <semaphore>
#include <thread>

#include "calls.hpp"

namespace {

using namespace std::chrono_literals;
using weft_test::call;

TEST(hooks, around_worker_wraps_the_life_of_each_worker) {
  std::atomic<int> entered{0};
  std::atomic<int> left{0};
  {
    weft::runtime rt{{.workers = 2, .around_worker = [&](std::function<void()> const& life) {
                        ++entered;
                        life();
                        ++left;
                      }}};
    auto body = [&]() -> weft::task<int> { co_return entered.load(); };
    EXPECT_GE(weft::sync_wait(body(), rt), 1);
    EXPECT_EQ(left, 0);
  }
  EXPECT_EQ(entered, 2);
  EXPECT_EQ(left, 2);
}

TEST(hooks, around_park_wraps_each_sleep) {
  std::atomic<int> asleep{0};
  weft::runtime rt{{.workers = 1, .around_park = [&](std::function<void()> const& nap) {
                      ++asleep;
                      nap();
                      --asleep;
                    }}};
  while (asleep != 1) std::this_thread::yield();
  std::binary_semaphore done{0};
  int seen = -1;
  call looks{[&] {
    seen = asleep;
    done.release();
  }};
  rt.post(looks);
  done.acquire();
  EXPECT_EQ(seen, 0);
}

/// Events that a test sets off by hand.
class bell : public weft::poller {
 public:
  void poll(weft::time_point deadline) override {
    std::unique_lock hold{lock_};
    if (deadline > weft::clock::now()) ++waits_;
    auto stirred = [&] { return rung_ != nullptr || woken_; };
    if (deadline == weft::never) {
      changed_.wait(hold, stirred);
    } else {
      changed_.wait_until(hold, deadline, stirred);
    }
    woken_ = false;
    auto* const j = std::exchange(rung_, nullptr);
    hold.unlock();
    if (j) weft::current_runtime().post(*j);
  }
  void wake() noexcept override {
    std::scoped_lock hold{lock_};
    woken_ = true;
    changed_.notify_all();
  }
  void ring(weft::job& j) {
    std::scoped_lock hold{lock_};
    rung_ = &j;
    changed_.notify_all();
  }
  [[nodiscard]] int waits() {
    std::scoped_lock hold{lock_};
    return waits_;
  }

 private:
  std::mutex lock_;
  std::condition_variable changed_;
  weft::job* rung_ = nullptr;
  bool woken_ = false;
  int waits_ = 0;
};

TEST(hooks, a_parked_worker_waits_for_events) {
  bell events;
  weft::runtime rt{{.workers = 2, .events = &events}};
  while (events.waits() == 0) std::this_thread::yield();
  std::binary_semaphore done{0};
  call rung{[&] { done.release(); }};
  events.ring(rung);
  done.acquire();
}

TEST(hooks, one_that_waits_for_events_is_woken_by_posts_and_timers) {
  bell events;
  weft::runtime rt{{.workers = 1, .events = &events}};
  for (int i = 0; i < 50; ++i) {
    while (rt.stats().idle != 1) std::this_thread::yield();
    std::binary_semaphore done{0};
    call posted{[&] { done.release(); }};
    rt.post(posted);
    done.acquire();
  }
  auto sleeps = []() -> weft::task<> { co_await weft::after(1ms); };
  weft::sync_wait(sleeps(), rt);
}

TEST(hooks, busy_workers_look_for_events_in_passing_and_leave_nobody_without_a_deadline) {
  bell events;
  weft::runtime rt{{.workers = 2, .events = &events}};
  std::atomic<bool> over{false};
  std::binary_semaphore done{0};
  // Keeps one worker busy with short jobs, so that it polls now and then while the other parks;
  // then it stays in one job until a timer of its own has fired, which the other has to see to.
  for (int round = 0; round < 20; ++round) {
    int left = 500;
    weft_test::alarm ring{[&] { over = true; }};
    call* self = nullptr;
    call busy{[&] {
      if (--left != 0) return rt.post(*self);
      ring.when = rt.now() + 100us;
      rt.arm(ring);
      while (!over) std::this_thread::yield();
      done.release();
    }};
    self = &busy;
    over = false;
    rt.post(busy);
    ASSERT_TRUE(done.try_acquire_for(5s));
  }
}

TEST(hooks, with_a_poller_nobody_is_said_to_sleep_for_good) {
  bell events;
  std::atomic<bool> said{false};
  weft::runtime rt{{.workers = 1, .events = &events}};
  rt.on_all_asleep([&] { said = true; });
  weft::gate open;
  auto waits = [&]() -> weft::task<> { co_await open.opened(); };
  weft::group g{rt};
  g.spawn(std::ref(waits));
  weft::after(300ms).wait();
  EXPECT_FALSE(said);
  open.open();
  g.join().wait();
}

TEST(hooks, all_asleep_is_said_once_when_nothing_can_wake_the_work) {
  std::atomic<int> said{0};
  std::binary_semaphore once{0};
  weft::runtime rt{{.workers = 2}};
  rt.on_all_asleep([&] {
    ++said;
    once.release();
  });
  weft::gate open;
  auto waits = [&]() -> weft::task<> { co_await open.opened(); };
  {
    weft::group g{rt};
    g.spawn(std::ref(waits));
    once.acquire();
    open.open();
    g.join().wait();
  }
  rt.on_all_asleep({});
  EXPECT_EQ(said, 1);
}

TEST(hooks, a_sleep_with_an_end_is_not_all_asleep) {
  std::atomic<int> said{0};
  weft::runtime rt{{.workers = 2}};
  rt.on_all_asleep([&] { ++said; });
  auto sleeps = []() -> weft::task<> { co_await weft::after(300ms); };
  weft::sync_wait(sleeps(), rt);
  EXPECT_EQ(said, 0);
}

}  // namespace
