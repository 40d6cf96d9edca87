// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "witness.hpp"

namespace {

using namespace std::chrono_literals;
using weft_test::witness;

weft::task<int> value(int x) { co_return x; }
weft::task<std::string> text(std::string s) {
  co_await weft::yield();
  co_return s;
}
weft::task<> nothing() { co_return; }
weft::task<int> sleeps(witness) {
  co_await weft::after(1h);
  co_return 0;
}
weft::task<int> fails() {
  throw std::runtime_error("broken");
  co_return 0;
}
weft::task<int> gives_up() {
  throw weft::cancelled("not today");
  co_return 0;
}

TEST(when_all, gives_all_values_in_order) {
  auto t = weft::when_all(value(1), text("two"), nothing());
  auto [one, two, three] = weft::sync_wait(std::move(t));
  EXPECT_EQ(one, 1);
  EXPECT_EQ(two, "two");
  static_assert(std::is_same_v<decltype(three), std::monostate>);
}

TEST(when_all, takes_a_vector) {
  std::vector<weft::task<int>> tasks;
  for (int i = 0; i < 100; ++i) tasks.push_back(value(i));
  auto const values = weft::sync_wait(weft::when_all(std::move(tasks)));
  ASSERT_EQ(values.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], i);
  EXPECT_TRUE(weft::sync_wait(weft::when_all(std::vector<weft::task<int>>{})).empty());
}

TEST(when_all, the_first_error_cancels_the_others_and_is_thrown_when_all_have_ended) {
  EXPECT_THROW(weft::sync_wait(weft::when_all(sleeps(witness{}), fails())), std::runtime_error);
  EXPECT_EQ(witness::alive(), 0);
}

TEST(when_all, one_that_ends_as_cancelled_by_itself_is_thrown_with_its_reason) {
  auto body = []() -> weft::task<std::string> {
    auto all = weft::when_all(value(1), gives_up());
    try {
      co_await std::move(all);
    } catch (weft::cancelled const& e) {
      co_return e.reason();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(weft::sync_wait(body()), "not today");
}

TEST(when_all, passes_values_that_only_move) {
  auto makes = [](int x) -> weft::task<std::unique_ptr<int>> {
    co_return std::make_unique<int>(x);
  };
  auto [a, b] = weft::sync_wait(weft::when_all(makes(1), makes(2)));
  EXPECT_EQ(*a + *b, 3);
}

TEST(when_any, gives_the_first_and_the_others_have_ended) {
  auto body = []() -> weft::task<std::size_t> {
    auto any = weft::when_any(sleeps(witness{}), text("quick"), sleeps(witness{}));
    auto first = co_await std::move(any);
    EXPECT_EQ(witness::alive(), 0);
    EXPECT_EQ(std::get<1>(first), "quick");
    co_return first.index();
  };
  EXPECT_EQ(weft::sync_wait(body()), 1u);
}

TEST(when_any, throws_if_the_first_one_failed) {
  auto body = []() -> weft::task<std::string> {
    auto any = weft::when_any(sleeps(witness{}), fails());
    try {
      co_await std::move(any);
    } catch (std::runtime_error const& e) {
      EXPECT_EQ(witness::alive(), 0);
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(weft::sync_wait(body()), "broken");
}

TEST(when_any, in_a_plain_thread_it_may_be_waited_for) {
  auto first = weft::when_any(sleeps(witness{}), value(3)).wait();
  EXPECT_EQ(std::get<1>(first), 3);
  EXPECT_EQ(witness::alive(), 0);
}

TEST(task_operation, a_task_with_a_time_limit_is_cancelled_by_it) {
  auto body = []() -> weft::task<bool> {
    auto op = sleeps(witness{}) | weft::timeout(2ms);
    try {
      co_await std::move(op);
    } catch (weft::timeout_error const&) {
      co_return witness::alive() == 0;
    }
    co_return false;
  };
  EXPECT_TRUE(weft::sync_wait(body()));
}

TEST(task_operation, a_task_that_is_in_time_gives_its_value) {
  auto body = []() -> weft::task<std::string> {
    auto op = text("in time") | weft::timeout(1h);
    co_return co_await std::move(op);
  };
  EXPECT_EQ(weft::sync_wait(body()), "in time");
}

TEST(task_operation, one_that_lost_at_once_was_never_started) {
  bool ran = false;
  auto body = [&]() -> weft::task<std::size_t> {
    auto lazy = [&](witness) -> weft::task<int> {
      ran = true;
      co_return 1;
    };
    weft::gate open;
    open.open();
    // The case tried first is random; the open gate commits before anything is started.
    auto op = weft::select(lazy(witness{}), open.opened());
    auto r = co_await std::move(op);
    co_return r.index();
  };
  for (int i = 0; i < 20; ++i) EXPECT_EQ(weft::sync_wait(body()), 1u);
  EXPECT_FALSE(ran);
  EXPECT_EQ(witness::alive(), 0);
}

TEST(task_operation, a_loser_that_takes_time_to_end_is_waited_for) {
  bool cleaned = false;
  auto body = [&]() -> weft::task<bool> {
    auto slow_to_end = [&]() -> weft::task<int> {
      auto sleep = weft::as_result(weft::after(1h));
      auto const slept = co_await std::move(sleep);
      EXPECT_TRUE(slept.cancelled());
      weft::shield still_working;
      co_await weft::after(3ms);
      cleaned = true;
      co_return 1;
    };
    auto op = weft::select(slow_to_end(), weft::after(1ms));
    auto r = co_await std::move(op);
    co_return r.index() == 1 && cleaned;
  };
  EXPECT_TRUE(weft::sync_wait(body()));
}

}  // namespace
