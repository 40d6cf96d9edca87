// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

TEST(resume, a_task_goes_on_where_it_started) {
  weft::runtime here{{.workers = 1}};
  weft::runtime there{{.workers = 1}};
  weft::gate open;
  auto waits = [&]() -> weft::task<bool> {
    bool right = &weft::current_runtime() == &here;
    co_await open.opened();  // opened by a worker of the other runtime
    right = right && &weft::current_runtime() == &here;
    co_await weft::after(100us);
    right = right && &weft::current_runtime() == &here;
    auto work = [] { return 1; };
    auto call = weft::blocking(work);
    co_await std::move(call);
    co_return right && &weft::current_runtime() == &here;
  };
  auto opens = [&]() -> weft::task<> {
    open.open();
    co_return;
  };
  weft::group g{here};
  auto f = g.spawn(std::ref(waits));
  weft::sync_wait(opens(), there);
  EXPECT_TRUE(f.get().wait());
  g.join().wait();
}

TEST(resume_on, holds_from_there_on_and_for_who_awaits_it) {
  weft::runtime here{{.workers = 1}};
  weft::runtime there{{.workers = 1}};
  auto moves = [&]() -> weft::task<> {
    EXPECT_EQ(&weft::current_runtime(), &here);
    co_await weft::resume_on(there);
    EXPECT_EQ(&weft::current_runtime(), &there);
    co_await weft::after(100us);
    EXPECT_EQ(&weft::current_runtime(), &there);
  };
  auto body = [&]() -> weft::task<> {
    co_await moves();
    EXPECT_EQ(&weft::current_runtime(), &there);
    co_await weft::resume_on(here);
    EXPECT_EQ(&weft::current_runtime(), &here);
  };
  weft::sync_wait(body(), here);
}

TEST(resume_on, a_strand_and_back) {
  weft::runtime rt{{.workers = 4}};
  weft::strand s{rt};
  int unguarded = 0;
  auto body = [&]() -> weft::task<> {
    for (int i = 0; i < 50; ++i) {
      co_await weft::resume_on(s);
      ++unguarded;
      co_await weft::resume_on(rt);
    }
  };
  weft::group g{rt};
  for (int i = 0; i < 8; ++i) g.spawn(std::ref(body));
  g.join().wait();
  EXPECT_EQ(unguarded, 400);
}

TEST(yield, lets_the_others_that_are_ready_run_first) {
  weft::loop l;
  std::vector<int> order;
  auto body = [&](int me) -> weft::task<> {
    for (int i = 0; i < 3; ++i) {
      order.push_back(me);
      co_await weft::yield();
    }
  };
  weft::group g{l};
  g.spawn(std::ref(body), 1);
  g.spawn(std::ref(body), 2);
  l.poll();
  EXPECT_EQ(order, (std::vector{1, 2, 1, 2, 1, 2}));
  g.join().wait();
}

TEST(budget, a_task_whose_waits_are_always_ready_lets_others_run) {
  weft::runtime rt{{.workers = 1}};
  weft::gate open;
  open.open();
  bool stop = false;
  auto greedy = [&]() -> weft::task<> {
    while (!stop) co_await open.opened();
  };
  auto stops = [&]() -> weft::task<> {
    stop = true;
    co_return;
  };
  weft::group g{rt};
  g.spawn(std::ref(greedy));
  g.spawn(std::ref(stops));
  g.join().wait();
  EXPECT_TRUE(stop);
}

}  // namespace
