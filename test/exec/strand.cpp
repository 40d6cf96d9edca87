// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "calls.hpp"

namespace {

using namespace std::chrono_literals;
using weft_test::call;

TEST(strand, jobs_of_one_poster_run_in_order) {
  weft::runtime rt{{.workers = 2}};
  weft::strand s{rt};
  std::vector<int> seen;
  std::vector<std::unique_ptr<call>> jobs;
  std::latch done{500};
  for (int i = 0; i < 500; ++i)
    jobs.push_back(std::make_unique<call>([&, i] {
      seen.push_back(i);
      done.count_down();
    }));
  for (auto& j : jobs) s.post(*j);
  done.wait();
  for (int i = 0; i < 500; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
  while (rt.stats().idle != 2) std::this_thread::yield();  // the last turn has given the strand up
}

TEST(strand, never_runs_two_jobs_at_once) {
  weft::runtime rt{{.workers = 4}};
  weft::strand s{rt};
  int unguarded = 0;
  std::atomic<int> inside{0};
  std::atomic<bool> met{false};
  auto body = [&]() -> weft::task<> {
    for (int i = 0; i < 200; ++i) {
      if (inside.fetch_add(1) != 0) met = true;
      ++unguarded;
      inside.fetch_sub(1);
      co_await weft::yield();
    }
  };
  weft::group g{s};
  for (int i = 0; i < 8; ++i) g.spawn(std::ref(body));
  g.join().wait();
  EXPECT_EQ(unguarded, 1600);
  EXPECT_FALSE(met);
}

TEST(strand, gives_way_to_others_of_its_executor_after_a_batch) {
  weft::loop l;
  weft::strand s{l};
  std::vector<char> order;
  std::vector<std::unique_ptr<call>> jobs;
  for (int i = 0; i < 100; ++i)
    jobs.push_back(std::make_unique<call>([&] { order.push_back('s'); }));
  for (auto& j : jobs) s.post(*j);
  call other{[&] { order.push_back('o'); }};
  l.post(other);
  l.poll();
  ASSERT_EQ(order.size(), 101u);
  EXPECT_NE(order.back(), 'o');
}

TEST(strand, timers_and_waits_of_its_tasks_end_on_it) {
  weft::runtime rt{{.workers = 2}};
  weft::strand s{rt};
  int unguarded = 0;
  auto sleeper = [&]() -> weft::task<> {
    for (int i = 0; i < 5; ++i) {
      co_await weft::after(100us);
      ++unguarded;
    }
  };
  weft::group g{s};
  for (int i = 0; i < 20; ++i) g.spawn(std::ref(sleeper));
  g.join().wait();
  EXPECT_EQ(unguarded, 100);
}

TEST(strand_death, destroyed_with_jobs_on_it_dies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::loop l;
        call job{[] {}};
        weft::strand s{l};
        s.post(job);
      },
      "a strand was destroyed while jobs wait on it or run");
}

}  // namespace
