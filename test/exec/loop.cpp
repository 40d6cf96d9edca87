// SPDX-License-Identifier: Apache-2.0
#include <weft/base/thread.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "calls.hpp"

namespace {

using namespace std::chrono_literals;
using weft_test::alarm;
using weft_test::call;

TEST(loop, poll_runs_what_is_ready_in_order) {
  weft::loop l;
  std::vector<int> seen;
  call one{[&] { seen.push_back(1); }};
  call two{[&] { seen.push_back(2); }};
  EXPECT_EQ(l.poll(), 0u);
  l.post(one);
  l.post(two);
  EXPECT_EQ(l.poll(), 2u);
  EXPECT_EQ(seen, (std::vector{1, 2}));
}

TEST(loop, run_one_runs_one) {
  weft::loop l;
  int n = 0;
  call a{[&] { ++n; }};
  call b{[&] { ++n; }};
  l.post(a);
  l.post(b);
  EXPECT_EQ(l.run_one(), 1u);
  EXPECT_EQ(n, 1);
  EXPECT_EQ(l.run_one(), 1u);
  EXPECT_EQ(n, 2);
}

TEST(loop, run_one_waits_for_another_thread) {
  weft::loop l;
  int n = 0;
  call a{[&] { ++n; }};
  std::jthread other([&] { l.post(a); });
  EXPECT_EQ(l.run_one(), 1u);
  EXPECT_EQ(n, 1);
}

TEST(loop, run_returns_after_stop_and_works_again) {
  weft::loop l;
  int n = 0;
  call end{[&] { ++n, l.stop(); }};
  l.post(end);
  EXPECT_EQ(l.run(), 1u);
  l.post(end);
  EXPECT_EQ(l.run(), 1u);
  EXPECT_EQ(n, 2);
  l.stop();
  EXPECT_EQ(l.run(), 0u);
  l.stop();
  EXPECT_EQ(l.run_one(), 0u);
}

TEST(loop, stop_from_another_thread_ends_an_idle_run) {
  weft::loop l;
  std::jthread other([&] { l.stop(); });
  EXPECT_EQ(l.run(), 0u);
}

TEST(loop, a_timer_fires_in_the_thread_that_runs_it) {
  weft::loop l;
  unsigned where = ~0u;
  call end{[&] { l.stop(); }};
  alarm t{[&] {
    where = weft::this_thread()->slot();
    l.post(end);
  }};
  t.when = l.now() + 5ms;
  auto const due = t.when;
  std::jthread other([&] { l.arm(t); });
  EXPECT_EQ(l.run(), 1u);
  EXPECT_EQ(where, weft::this_thread()->slot());
  EXPECT_GE(l.now(), due);
}

TEST(loop, a_disarmed_timer_does_not_fire) {
  weft::loop l;
  alarm t{[] { FAIL(); }};
  t.when = l.now();
  l.arm(t);
  l.disarm(t);
  EXPECT_EQ(l.poll(), 0u);
}

weft::task<std::vector<unsigned>> where_it_runs() {
  std::vector<unsigned> seen;
  seen.push_back(weft::this_thread()->slot());
  co_await weft::after(1ms);
  seen.push_back(weft::this_thread()->slot());
  co_await weft::yield();
  seen.push_back(weft::this_thread()->slot());
  co_return seen;
}

TEST(loop, a_task_on_a_loop_stays_in_its_thread) {
  weft::loop l;
  weft::group g{l};
  auto seen = g.spawn(&where_it_runs);
  while (!seen.ready()) l.run_one();
  EXPECT_EQ(seen.get().wait(), (std::vector<unsigned>(3, weft::this_thread()->slot())));
  g.join().wait();
}

TEST(loop, a_blocking_wait_inside_a_job_is_refused) {
  weft::loop l;
  std::string text;
  call wrong{[&] {
    try {
      weft::after(0s).wait();
    } catch (weft::misuse_error const& e) {
      text = e.what();
    }
  }};
  l.post(wrong);
  l.poll();
  EXPECT_NE(text.find("loop.cpp"), std::string::npos) << text;
  EXPECT_NE(text.find("co_await"), std::string::npos) << text;
  weft::after(0s).wait();  // outside it is fine
}

TEST(loop, polled_on_a_worker_it_leaves_the_worker_one) {
  weft::runtime rt{{.workers = 1}};
  bool refused = false;
  auto body = [&]() -> weft::task<> {
    weft::loop l;
    call nothing{[] {}};
    l.post(nothing);
    l.poll();
    try {
      weft::after(0s).wait();
    } catch (weft::misuse_error const&) {
      refused = true;
    }
    co_return;
  };
  weft::sync_wait(body(), rt);
  EXPECT_TRUE(refused);
}

TEST(loop, may_go_as_soon_as_the_last_thing_posted_has_run) {
  for (int i = 0; i < 500; ++i) {
    auto l = std::make_unique<weft::loop>();
    call end{[&] { l->stop(); }};
    std::thread other([&, at = l.get()] { at->post(end); });
    l->run();
    l.reset();
    other.join();
  }
}

weft::time_point set_by_hand{std::chrono::hours(1)};

TEST(loop, with_a_clock_of_its_own_needs_no_waiting) {
  set_by_hand = weft::time_point{std::chrono::hours(1)};
  weft::loop l{[]() noexcept { return set_by_hand; }};
  bool woke = false;
  bool late = false;
  auto sleeper = [&]() -> weft::task<> {
    co_await weft::after(std::chrono::hours(24));
    woke = true;
  };
  auto waiter = [&]() -> weft::task<> {
    weft::gate never_opened;
    auto op = weft::as_result(never_opened.opened() | weft::timeout(std::chrono::hours(48)));
    auto r = co_await std::move(op);
    late = r.failed();
  };
  weft::group g{l};
  g.spawn(std::ref(sleeper));
  g.spawn(std::ref(waiter));
  l.poll();
  set_by_hand += std::chrono::hours(24) - std::chrono::milliseconds(1);
  l.poll();
  EXPECT_FALSE(woke);
  set_by_hand += std::chrono::milliseconds(2);
  l.poll();
  EXPECT_TRUE(woke);
  EXPECT_FALSE(late);
  set_by_hand += std::chrono::hours(24);
  l.poll();
  EXPECT_TRUE(late);
  EXPECT_EQ(g.live(), 0u);
}

}  // namespace
