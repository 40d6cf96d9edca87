// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

#include "calls.hpp"

namespace {

using namespace std::chrono_literals;
using weft_test::call;

TEST(blocking, gives_the_value_and_runs_outside_the_workers) {
  weft::runtime rt{{.workers = 1}};
  auto body = [&]() -> weft::task<int> {
    auto f = [&rt] { return rt.on_worker() ? 0 : 42; };
    auto op = weft::blocking(f);
    co_return co_await std::move(op);
  };
  EXPECT_EQ(weft::sync_wait(body(), rt), 42);
  EXPECT_EQ(rt.stats().blocking, 1u);
}

TEST(blocking, gives_the_error) {
  auto fails = []() -> int { throw std::runtime_error("the disk is on fire"); };
  try {
    weft::blocking(fails).wait();
    FAIL();
  } catch (std::runtime_error const& e) {
    EXPECT_STREQ(e.what(), "the disk is on fire");
  }
}

TEST(blocking, moves_values_that_only_move) {
  auto f = [p = std::make_unique<int>(7)]() mutable { return std::move(p); };
  auto p = weft::blocking(std::move(f)).wait();
  EXPECT_EQ(*p, 7);
}

TEST(blocking, a_call_may_wait_for_another_one) {
  // The second one is posted while the thread that will run the first is only just waking up.
  weft::runtime rt{{.workers = 1, .blocking_threads = 2}};
  for (int i = 0; i < 200; ++i) {
    std::binary_semaphore go{0};
    std::latch done{2};
    call waits{[&] {
      go.acquire();
      done.count_down();
    }};
    call releases{[&] {
      go.release();
      done.count_down();
    }};
    rt.post_blocking(waits);
    rt.post_blocking(releases);
    done.wait();
    while (rt.blocking_busy()) std::this_thread::yield();
  }
  EXPECT_LE(rt.stats().blocking, 2u);
}

TEST(blocking, at_most_so_many_threads_do_all_the_work) {
  weft::runtime rt{{.workers = 1, .blocking_threads = 3}};
  std::latch done{100};
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::vector<std::unique_ptr<call>> jobs;
  for (int i = 0; i < 100; ++i)
    jobs.push_back(std::make_unique<call>([&] {
      auto const n = ++inside;
      for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {
      }
      std::this_thread::yield();
      --inside;
      done.count_down();
    }));
  for (auto& j : jobs) rt.post_blocking(*j);
  done.wait();
  EXPECT_LE(most, 3);
  EXPECT_EQ(rt.stats().blocking, 3u);
}

TEST(blocking, one_that_has_not_begun_is_taken_back_by_its_cancellation) {
  weft::runtime rt{{.workers = 1, .blocking_threads = 1}};
  std::binary_semaphore go{0};
  std::latch begun{1};
  call fills{[&] {
    begun.count_down();
    go.acquire();
  }};
  rt.post_blocking(fills);
  begun.wait();

  bool ran = false;
  auto body = [&]() -> weft::task<bool> {
    auto f = [&ran] { ran = true; };
    auto op = weft::as_result(weft::blocking(f) | weft::timeout(1ms));
    auto r = co_await std::move(op);
    co_return r.failed();
  };
  EXPECT_TRUE(weft::sync_wait(body(), rt));
  go.release();
  while (rt.blocking_busy()) std::this_thread::yield();
  EXPECT_FALSE(ran);
}

TEST(blocking, one_that_has_begun_ends_before_its_wait_does) {
  weft::runtime rt{{.workers = 1}};
  std::latch begun{1};
  std::binary_semaphore go{0};
  std::atomic<bool> ended{false};
  auto body = [&]() -> weft::task<> {
    auto f = [&] {
      begun.count_down();
      go.acquire();
      ended = true;
    };
    auto op = weft::blocking(f);
    co_await std::move(op);
  };
  weft::group g{rt};
  auto f = g.spawn(std::ref(body));
  begun.wait();
  g.cancel("no longer wanted");
  EXPECT_FALSE(f.ready());
  go.release();
  EXPECT_THROW(f.get().wait(), weft::cancelled);
  EXPECT_TRUE(ended);
  g.join().wait();
}

TEST(blocking, the_runtime_waits_for_calls_that_run) {
  std::atomic<bool> ended{false};
  std::latch begun{1};
  call slow{[&] {
    begun.count_down();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    ended = true;
  }};
  {
    weft::runtime rt{{.workers = 1}};
    rt.post_blocking(slow);
    begun.wait();
  }
  EXPECT_TRUE(ended);
}

TEST(blocking_region, another_thread_takes_the_place_of_one_that_blocks) {
  weft::runtime rt{{.workers = 1}};
  std::binary_semaphore go{0};
  auto blocks = [&]() -> weft::task<> {
    weft::blocking_region here;
    go.acquire();
    co_return;
  };
  auto releases = [&]() -> weft::task<> {
    go.release();
    co_return;
  };
  weft::group g{rt};
  g.spawn(std::ref(blocks));
  while (rt.stats().spare != 1) std::this_thread::yield();
  g.spawn(std::ref(releases));  // the only worker blocks: a spare has to run it
  g.join().wait();
  EXPECT_EQ(rt.stats().threads, 2u);
}

TEST(blocking_region, many_one_after_the_other_need_one_spare) {
  weft::runtime rt{{.workers = 2}};
  auto body = []() -> weft::task<> {
    for (int i = 0; i < 200; ++i) {
      {
        weft::blocking_region here;
        std::this_thread::yield();
      }
      co_await weft::yield();
    }
  };
  weft::sync_wait(body(), rt);
  EXPECT_LE(rt.stats().threads, 4u);
}

TEST(blocking_region, one_inside_another_does_not_end_it) {
  weft::runtime rt{{.workers = 1}};
  auto body = [&]() -> weft::task<bool> {
    weft::blocking_region outer;
    { weft::blocking_region inner; }
    weft::after(1us).wait();  // refused on a worker that does not say that it blocks
    co_return rt.stats().spare == 1;
  };
  EXPECT_TRUE(weft::sync_wait(body(), rt));
}

TEST(blocking_region, when_the_spares_are_out_the_rest_goes_on) {
  weft::runtime rt{{.workers = 2, .spare_workers = 1}};
  std::counting_semaphore<8> go{0};
  std::latch inside{2};
  auto blocks = [&]() -> weft::task<> {
    weft::blocking_region here;
    inside.count_down();
    go.acquire();
    co_return;
  };
  auto runs = []() -> weft::task<int> { co_return 1; };
  weft::group g{rt};
  g.spawn(std::ref(blocks));
  g.spawn(std::ref(blocks));
  inside.wait();
  EXPECT_EQ(g.spawn(runs).get().wait(), 1);  // on the one spare
  go.release(2);
  g.join().wait();
  EXPECT_EQ(rt.stats().threads, 3u);
}

TEST(blocking_region, many_at_once_leave_no_job_behind) {
  weft::runtime rt{{.workers = 2, .spare_workers = 8}};
  std::atomic<int> ran{0};
  auto body = [&]() -> weft::task<> {
    for (int i = 0; i < 20; ++i) {
      {
        weft::blocking_region here;
        std::this_thread::yield();
      }
      co_await weft::yield();
      ++ran;
    }
  };
  weft::group g{rt};
  for (int i = 0; i < 20; ++i) g.spawn(std::ref(body));
  g.join().wait();
  EXPECT_EQ(ran, 400);
  EXPECT_LE(rt.stats().threads, 10u);
}

TEST(blocking_region, outside_a_worker_it_does_nothing) {
  weft::blocking_region here;
  weft::after(0s).wait();
}

}  // namespace
