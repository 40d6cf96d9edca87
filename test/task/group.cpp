// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "witness.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using weft_test::witness;

weft::task<int> value(int x) { co_return x; }
weft::task<> sleeps() { co_await weft::after(1h); }
weft::task<> fails(char const* why) {
  throw std::runtime_error(why);
  co_return;
}

TEST(group, spawns_and_joins) {
  weft::group g;
  std::vector<weft::future<int>> all;
  for (int i = 0; i < 1000; ++i) all.push_back(g.spawn(&value, i));
  g.join().wait();
  EXPECT_EQ(g.live(), 0u);
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(all[static_cast<std::size_t>(i)].get().wait(), i);
}

TEST(group, join_throws_the_first_error_and_the_others_are_cancelled) {
  weft::group g;
  auto other = g.spawn(&sleeps);
  g.spawn(&fails, "first");
  try {
    g.join().wait();
    FAIL();
  } catch (std::runtime_error const& e) {
    EXPECT_STREQ(e.what(), "first");
  }
  try {
    other.get().wait();
    FAIL();
  } catch (weft::cancelled const& e) {
    EXPECT_EQ(e.reason(), "another task of the group failed");
  }
  g.join().wait();  // the error was delivered
}

TEST(group, a_value_may_be_taken_though_a_sibling_failed) {
  weft::group g;
  auto good = g.spawn(&value, 3);
  EXPECT_EQ(good.get().wait(), 3);
  auto bad = g.spawn(&fails, "no");
  EXPECT_THROW(bad.get().wait(), std::runtime_error);
  EXPECT_THROW(g.join().wait(), std::runtime_error);
}

TEST(group, what_is_spawned_after_a_cancellation_is_born_cancelled) {
  weft::group g;
  g.cancel("closed");
  auto f = g.spawn(&sleeps);
  try {
    f.get().wait();
    FAIL();
  } catch (weft::cancelled const& e) {
    EXPECT_EQ(e.reason(), "closed");
  }
  // What does not wait is not cancelled.
  EXPECT_EQ(g.spawn(&value, 1).get().wait(), 1);
  g.join().wait();
}

TEST(group, its_destructor_cancels_and_waits) {
  {
    weft::group g;
    auto body = [](witness) -> weft::task<> { co_await weft::after(1h); };
    for (int i = 0; i < 50; ++i) g.spawn(body, witness{});
  }
  EXPECT_EQ(witness::alive(), 0);
}

TEST(group, a_future_may_be_dropped) {
  weft::group g;
  { auto f = g.spawn(&value, 1); }
  g.join().wait();
}

TEST(group, spawns_from_many_threads_and_from_its_own_tasks) {
  weft::group g;
  std::atomic<int> ran{0};
  auto leaf = [&]() -> weft::task<> {
    ++ran;
    co_return;
  };
  auto branch = [&]() -> weft::task<> {
    for (int i = 0; i < 10; ++i) g.spawn(std::ref(leaf));
    co_return;
  };
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; ++i) g.spawn(std::ref(branch));
      });
  }
  g.join().wait();
  EXPECT_EQ(ran, 2000);
}

// Arguments and captures are moved into the task's keep, whatever the parameters are.
weft::task<std::size_t> by_reference(std::string const& s) {
  co_await weft::after(10us);
  co_return s.size();
}
weft::task<std::size_t> by_rvalue(std::string&& s) {
  co_await weft::after(10us);
  co_return s.size();
}
weft::task<std::size_t> by_view(std::string_view s) {
  co_await weft::after(10us);
  co_return s.size();
}
weft::task<std::size_t> by_value(std::string s) {
  co_await weft::after(10us);
  co_return s.size();
}

TEST(group, arguments_live_as_long_as_the_task) {
  std::string const text(100, 'x');
  weft::group g;
  auto generic = [](auto const& s) -> weft::task<std::size_t> {
    co_await weft::after(10us);
    co_return s.size();
  };
  auto lambda = [](std::string const& s) -> weft::task<std::size_t> {
    co_await weft::after(10us);
    co_return s.size();
  };
  auto capture = [text](int) -> weft::task<std::size_t> {
    co_await weft::after(10us);
    co_return text.size();
  };
  std::vector<weft::future<std::size_t>> all;
  all.push_back(g.spawn(&by_reference, text));
  all.push_back(g.spawn(&by_rvalue, text));
  all.push_back(g.spawn(&by_view, text));
  all.push_back(g.spawn(&by_value, text));
  all.push_back(g.spawn(generic, text));
  all.push_back(g.spawn(lambda, text));
  all.push_back(g.spawn(capture, 1));
  for (auto& f : all) EXPECT_EQ(f.get().wait(), 100u);
  g.join().wait();
}

TEST(group, arguments_that_only_move) {
  weft::group g;
  auto reads = [](std::unique_ptr<int> p) -> weft::task<int> { co_return *p; };
  EXPECT_EQ(g.spawn(reads, std::make_unique<int>(6)).get().wait(), 6);
  auto holds = [p = std::make_unique<int>(7)]() -> weft::task<int> { co_return *p; };
  EXPECT_EQ(g.spawn(std::move(holds)).get().wait(), 7);
  g.join().wait();
}

TEST(group, a_shared_future_serves_many) {
  weft::group g;
  auto f = g.spawn(&value, 8).share();
  auto reads = [](weft::shared_future<int> from) -> weft::task<int> {
    auto op = from.get();
    int const& x = co_await std::move(op);
    co_return x;
  };
  std::vector<weft::future<int>> all;
  for (int i = 0; i < 10; ++i) all.push_back(g.spawn(reads, f));
  for (auto& r : all) EXPECT_EQ(r.get().wait(), 8);
  g.join().wait();
}

struct caught {
  std::string error;
  std::string chain;
};
caught unjoined;

TEST(group, an_error_that_nobody_joins_goes_to_the_handler_with_its_chain) {
  auto const before = weft::set_unjoined_handler(
      [](std::exception_ptr e, weft::stack_trace const& chain) noexcept {
        try {
          std::rethrow_exception(std::move(e));
        } catch (std::exception const& x) {
          unjoined = {x.what(), chain.text()};
        }
      });
  {
    weft::group g;
    g.spawn(&fails, "lost");
  }
  EXPECT_EQ(unjoined.error, "lost");
  EXPECT_THAT(unjoined.chain, HasSubstr("group.cpp:"));
  EXPECT_THAT(unjoined.chain, HasSubstr("in fails"));
  weft::set_unjoined_handler(before);
}

TEST(group_death, by_default_an_error_that_nobody_joins_is_printed_and_aborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::group g;
        g.spawn(&fails, "lost");
      },
      "an error of a task was never joined: lost\n  at group.cpp:[0-9]+ in fails\n.*join\\(\\)");
}

TEST(group_death, used_after_its_end_dies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        alignas(weft::group) static unsigned char room[sizeof(weft::group)];
        auto* g = new (room) weft::group;
        g->~group();
        g->spawn(&value, 1);
      },
      "a group was used after its end\n.*\n.*spawn inside the body of with_group");
}

TEST(group_death, an_object_lost_on_a_worker_names_with_group) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto wrong = []() -> weft::task<> {
    weft::group g;
    g.spawn(&sleeps);
    co_return;
  };
  EXPECT_DEATH(weft::sync_wait(wrong()),
               "a group object was destroyed on a worker while its tasks run\n.*\n.*with_group");
}

TEST(group_death, an_operation_used_twice_dies) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::group g;
        auto op = g.join();
        std::move(op).wait();
        std::move(op).wait();
      },
      "an operation was used twice\n.*\n.*make a new one for each wait");
}

}  // namespace
