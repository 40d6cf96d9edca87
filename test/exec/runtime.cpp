// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <latch>
#include <memory>
#include <optional>
#include <semaphore>
#include <set>
#include <thread>
#include <vector>

#include "calls.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using weft_test::call;

/// Sets a variable of the environment for the length of a test.
class environment {
 public:
  environment(char const* name, char const* value) : name_(name) { ::setenv(name, value, 1); }
  ~environment() { ::unsetenv(name_); }
  environment(environment const&) = delete;
  environment& operator=(environment const&) = delete;

 private:
  char const* name_;
};

template <class F>
std::string misuse_of(F f) {
  try {
    f();
  } catch (weft::misuse_error const& e) {
    return e.what();
  }
  return "no misuse_error was thrown";
}

TEST(runtime, runs_what_is_posted_from_outside_on_its_workers) {
  weft::runtime rt{{.workers = 3}};
  EXPECT_EQ(rt.workers(), 3u);
  EXPECT_FALSE(rt.on_worker());
  std::latch done{100};
  std::atomic<int> elsewhere{0};
  std::vector<std::unique_ptr<call>> jobs;
  for (int i = 0; i < 100; ++i)
    jobs.push_back(std::make_unique<call>([&] {
      if (!rt.on_worker() || &weft::current_runtime() != &rt) ++elsewhere;
      done.count_down();
    }));
  for (auto& j : jobs) rt.post(*j);
  done.wait();
  EXPECT_EQ(elsewhere, 0);
}

TEST(runtime, a_job_that_posts_more_than_a_ring_holds_loses_none) {
  weft::runtime rt{{.workers = 2}};
  constexpr int many = 5000;
  std::latch done{many};
  std::vector<std::unique_ptr<call>> jobs;
  for (int i = 0; i < many; ++i)
    jobs.push_back(std::make_unique<call>([&] { done.count_down(); }));
  call poster{[&] {
    for (auto& j : jobs) rt.post(*j);
  }};
  rt.post(poster);
  done.wait();
  EXPECT_GE(rt.stats().jobs, static_cast<std::uint64_t>(many));
}

TEST(runtime, a_job_that_runs_long_holds_up_neither_the_next_one_nor_timers) {
  weft::runtime rt{{.workers = 2}};
  std::binary_semaphore other_ran{0};
  std::binary_semaphore done{0};
  call woken_by_it{[&] { other_ran.release(); }};
  call long_one{[&] {
    rt.post_next(woken_by_it);  // in the slot of this worker
    other_ran.acquire();
    done.release();
  }};
  rt.post(long_one);
  done.acquire();

  weft_test::alarm ring{[&] { other_ran.release(); }};
  call sets_and_stays{[&] {
    ring.when = rt.now() + 2ms;
    rt.arm(ring);  // in the wheel of this worker
    other_ran.acquire();
    done.release();
  }};
  rt.post(sets_and_stays);
  done.acquire();
}

weft::task<weft::runtime*> which() {
  co_await weft::after(10us);
  co_return &weft::current_runtime();
}

TEST(runtime, several_live_at_once_and_pass_work_to_each_other) {
  weft::runtime first{{.workers = 1, .name = "first"}};
  weft::runtime second{{.workers = 2, .name = "second"}};
  EXPECT_EQ(weft::sync_wait(which(), first), &first);
  EXPECT_EQ(weft::sync_wait(which(), second), &second);

  weft::gate open;
  auto waits = [&]() -> weft::task<weft::runtime*> {
    co_await open.opened();
    co_return &weft::current_runtime();
  };
  auto opens = [&]() -> weft::task<> {
    open.open();
    co_return;
  };
  weft::group on_first{first};
  auto where = on_first.spawn(std::ref(waits));
  weft::sync_wait(opens(), second);
  EXPECT_EQ(where.get().wait(), &first);
  on_first.join().wait();
}

TEST(runtime, in_a_plain_thread_the_current_one_is_the_default) {
  EXPECT_EQ(&weft::current_runtime(), &weft::default_runtime());
}

TEST(runtime, its_destructor_cancels_what_runs_and_waits_for_it) {
  bool ended = false;
  std::string why;
  {
    std::optional<weft::group> g;
    std::latch started{1};
    auto body = [&]() -> weft::task<> {
      struct at_end {
        bool& flag;
        ~at_end() { flag = true; }
      } end{ended};
      started.count_down();
      co_await weft::after(1h);
    };
    std::jthread owner;
    {
      weft::runtime rt{{.workers = 1}};
      g.emplace(rt);
      auto f = g->spawn(std::ref(body));
      started.wait();
      // Another thread gives the group up once its task has ended, which is what ends the work.
      owner = std::jthread([&g, f = std::move(f), &why]() mutable {
        try {
          f.get().wait();
        } catch (weft::cancelled const& e) {
          why = e.reason();
        }
        g.reset();
      });
    }
    EXPECT_TRUE(ended);
  }
  EXPECT_EQ(why, "the runtime is shut down");
}

TEST(runtime, may_go_as_soon_as_its_work_has_ended) {
  for (int i = 0; i < 100; ++i) {
    weft::promise<int> p;
    std::thread other;
    {
      weft::runtime rt{{.workers = 2, .spare_workers = 2}};
      auto reads = [f = p.get_future()]() mutable -> weft::task<int> {
        auto value = f.get();
        co_return co_await std::move(value);
      };
      weft::group g{rt};
      auto result = g.spawn(std::move(reads));
      other = std::thread([&] { p.set_value(i); });  // wakes the task from outside
      EXPECT_EQ(result.get().wait(), i);
      g.join().wait();
    }
    other.join();
  }
}

TEST(runtime, wind_down_says_whether_the_work_has_ended_in_time) {
  weft::runtime rt{{.workers = 1}};
  EXPECT_TRUE(rt.wind_down("nothing to do", 0s));

  weft::runtime busy{{.workers = 1}};
  weft::gate open;
  std::latch inside{1};
  auto deaf = [&]() -> weft::task<> {
    weft::shield no_cancellation;
    inside.count_down();
    co_await open.opened();
  };
  {
    weft::group g{busy};
    g.spawn(std::ref(deaf));
    inside.wait();
    EXPECT_FALSE(busy.wind_down("enough", 2ms));
    EXPECT_TRUE(busy.root().cancelled());
    EXPECT_EQ(busy.root().reason(), "enough");
    EXPECT_THAT(busy.dump(), HasSubstr("cancelled: enough"));
    open.open();
    g.join().wait();
  }
  EXPECT_TRUE(busy.wind_down("again", 0s));
}

TEST(runtime, dump_names_each_task_with_what_it_waits_for_and_where) {
  weft::runtime rt{{.workers = 1}};
  weft::gate open;
  std::latch started{1};
  auto inner = [&]() -> weft::task<> {
    started.count_down();
    co_await open.opened();
  };
  auto outer = [&]() -> weft::task<> { co_await inner(); };
  weft::group g{rt};
  g.spawn(std::ref(outer));
  started.wait();
  while (rt.stats().idle != 1) std::this_thread::yield();
  auto const text = rt.dump();
  EXPECT_THAT(text, HasSubstr("1 workers, 1 asleep"));
  EXPECT_THAT(text, HasSubstr("waits: gate"));
  EXPECT_THAT(text, testing::ContainsRegex("at runtime.cpp:[0-9]+ in .*\n  at runtime.cpp:[0-9]+"));
  open.open();
  g.join().wait();
  EXPECT_THAT(rt.dump(), HasSubstr("no tasks"));
}

TEST(runtime, stats_count_jobs_parks_and_threads) {
  weft::runtime rt{{.workers = 2}};
  weft::sync_wait(which(), rt);
  while (rt.stats().idle != 2) std::this_thread::yield();
  auto const s = rt.stats();
  EXPECT_GE(s.jobs, 1u);  // and another if its sleep was not over before it could begin
  EXPECT_GE(s.parks, 1u);
  EXPECT_EQ(s.workers, 2u);
  EXPECT_EQ(s.threads, 2u);
  EXPECT_EQ(s.spare, 0u);
  EXPECT_EQ(s.blocking, 0u);
}

TEST(runtime, too_many_workers_are_refused) {
  EXPECT_THAT(misuse_of([] { weft::runtime rt{{.workers = 500, .spare_workers = 64}}; }),
              HasSubstr("at most 512 together"));
}

TEST(runtime, the_environment_says_how_many_workers) {
  environment const three{"WEFT_WORKERS", "3"};
  EXPECT_EQ(weft::runtime{}.workers(), 3u);
  EXPECT_EQ((weft::runtime{{.workers = 1}}.workers()), 1u);
}

TEST(runtime, a_number_of_workers_that_is_none_is_refused_by_name) {
  for (auto const* bad : {"many", "0", "-1", "4x", "449", "99999999999999999999"}) {
    environment const set{"WEFT_WORKERS", bad};
    EXPECT_THAT(misuse_of([] { weft::runtime rt; }),
                testing::AllOf(HasSubstr(std::string("WEFT_WORKERS=") + bad),
                               HasSubstr("from 1 to 448")));
  }
  environment const empty{"WEFT_WORKERS", ""};
  EXPECT_GE(weft::runtime{}.workers(), 1u);
}

TEST(runtime_death, a_bad_number_of_workers_ends_weft_main_with_a_message) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto body = []() -> weft::task<> { co_return; };
  EXPECT_EXIT(
      {
        ::setenv("WEFT_WORKERS", "many", 1);
        std::exit(weft::main(body));
      },
      testing::ExitedWithCode(1), "weft: error: WEFT_WORKERS=many is not a number of workers");
}

TEST(runtime_death, destroyed_on_its_own_worker_dies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto* rt = new weft::runtime{{.workers = 1}};
        call wrong{[&] { delete rt; }};
        rt->post(wrong);
        weft::after(10s).wait();
      },
      "a runtime is destroyed on its own worker");
}

TEST(runtime_death, destroyed_by_its_own_blocking_call_dies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto* rt = new weft::runtime{{.workers = 1}};
        call wrong{[&] { delete rt; }};
        rt->post_blocking(wrong);
        weft::after(10s).wait();
      },
      "a runtime is destroyed by a blocking call of its own");
}

}  // namespace
