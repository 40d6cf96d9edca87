// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "witness.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using weft_test::witness;

weft::task<int> value(int x) { co_return x; }
weft::task<> nothing() { co_return; }
weft::task<int> fails() {
  throw std::runtime_error("no");
  co_return 1;
}
weft::task<int> sum(int a, int b) {
  int const x = co_await value(a);
  co_await nothing();
  int const y = co_await value(b);
  co_return x + y;
}

TEST(task, gives_its_value) {
  EXPECT_EQ(weft::sync_wait(value(7)), 7);
  EXPECT_EQ(weft::sync_wait(sum(20, 22)), 42);
  weft::sync_wait(nothing());
}

TEST(task, throws_its_error_where_it_is_awaited) {
  auto body = []() -> weft::task<std::string> {
    try {
      co_await fails();
    } catch (std::runtime_error const& e) {
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(weft::sync_wait(body()), "no");
  EXPECT_THROW(weft::sync_wait(fails()), std::runtime_error);
}

TEST(task, is_lazy_and_may_be_dropped) {
  bool ran = false;
  auto body = [&](witness) -> weft::task<> {
    ran = true;
    co_return;
  };
  {
    auto t = body(witness{});
    EXPECT_TRUE(t.valid());
    EXPECT_EQ(witness::alive(), 1);
  }
  EXPECT_EQ(witness::alive(), 0);
  EXPECT_FALSE(ran);
}

TEST(task, moves_and_replaces_what_it_held) {
  auto body = [](witness) -> weft::task<int> { co_return 5; };
  auto a = body(witness{});
  auto b = std::move(a);
  EXPECT_FALSE(a.valid());
  a = body(witness{});
  EXPECT_EQ(witness::alive(), 2);
  a = std::move(b);
  EXPECT_EQ(witness::alive(), 1);
  EXPECT_EQ(weft::sync_wait(std::move(a)), 5);
  EXPECT_EQ(witness::alive(), 0);
  static_assert(!std::is_copy_constructible_v<weft::task<int>>);
}

TEST(task, used_twice_is_refused) {
  auto body = []() -> weft::task<std::string> {
    auto t = value(1);
    co_await std::move(t);
    try {
      co_await std::move(t);
    } catch (weft::misuse_error const& e) {
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_THAT(weft::sync_wait(body()), HasSubstr("a task was used twice"));
  auto t = value(1);
  weft::sync_wait(std::move(t));
  EXPECT_THROW(weft::sync_wait(std::move(t)), weft::misuse_error);
}

TEST(task, values_may_only_move) {
  auto makes = [](int x) -> weft::task<std::unique_ptr<int>> {
    co_return std::make_unique<int>(x);
  };
  auto passes = [&]() -> weft::task<std::unique_ptr<int>> {
    auto p = co_await makes(3);
    ++*p;
    co_return p;
  };
  EXPECT_EQ(*weft::sync_wait(passes()), 4);
}

TEST(task, a_value_whose_move_throws_is_an_error_of_the_task) {
  struct stubborn {
    stubborn() = default;
    stubborn(stubborn&& o) : moves(o.moves + 1) {
      if (moves > 1) throw std::runtime_error("will not move again");
    }
    int moves = 0;
  };
  auto makes = []() -> weft::task<stubborn> { co_return stubborn{}; };
  EXPECT_THROW(weft::sync_wait(makes()), std::runtime_error);
}

TEST(task, references_pass_as_reference_wrappers) {
  int x = 1;
  auto gives = [](int& r) -> weft::task<std::reference_wrapper<int>> { co_return r; };
  weft::sync_wait(gives(x)).get() = 9;
  EXPECT_EQ(x, 9);
  weft::group g;
  g.spawn(gives, std::ref(x)).get().wait().get() = 10;
  EXPECT_EQ(x, 10);
  g.join().wait();
}

TEST(task, as_result_gives_value_error_or_nothing_of_it) {
  auto body = []() -> weft::task<> {
    auto good = weft::as_result(value(4));
    auto r = co_await std::move(good);
    EXPECT_TRUE(r.has_value());
    EXPECT_EQ(*r, 4);
    auto bad = weft::as_result(fails());
    auto e = co_await std::move(bad);
    EXPECT_TRUE(e.failed());
    EXPECT_THROW(std::move(e).value(), std::runtime_error);
    auto empty = weft::as_result(nothing());
    auto v = co_await std::move(empty);
    EXPECT_TRUE(v.has_value());
  };
  weft::sync_wait(body());
}

TEST(task, sync_wait_on_a_worker_is_refused_by_place) {
  auto body = []() -> weft::task<std::string> {
    try {
      weft::sync_wait(nothing());
    } catch (weft::misuse_error const& e) {
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  auto const text = weft::sync_wait(body());
  EXPECT_THAT(text, HasSubstr("task.cpp:"));
  EXPECT_THAT(text, HasSubstr("co_await"));
}

// A stack that grew with the number of awaits would end the process here.
weft::task<long> many_awaits(int n) {
  long all = 0;
  for (int i = 0; i < n; ++i) all += co_await value(1);
  co_return all;
}

TEST(task, a_million_awaits_in_a_row_use_no_stack) {
  EXPECT_EQ(weft::sync_wait(many_awaits(1'000'000)), 1'000'000);
}

constexpr int deep = 100'000;

weft::task<int> descend(int n) {
  witness const here;
  if (n == 0) co_return 0;
  int const below = co_await descend(n - 1);
  co_return below + 1;
}

TEST(task, a_hundred_thousand_awaits_inside_each_other_complete) {
  EXPECT_EQ(weft::sync_wait(descend(deep)), deep);
  EXPECT_EQ(witness::alive(), 0);
}

weft::task<int> descend_and_sleep(int n) {
  witness const here;
  if (n == 0) {
    co_await weft::after(1h);
    co_return 0;
  }
  int const below = co_await descend_and_sleep(n - 1);
  co_return below + 1;
}

TEST(task, a_hundred_thousand_awaits_inside_each_other_are_cancelled) {
  weft::runtime rt{{.workers = 2}};
  weft::group g{rt};
  auto f = g.spawn(&descend_and_sleep, deep);
  while (witness::alive() != deep + 1 || rt.stats().idle != 2) std::this_thread::yield();
  g.cancel("deep enough");
  EXPECT_THROW(f.get().wait(), weft::cancelled);
  g.join().wait();
  EXPECT_EQ(witness::alive(), 0);
}

weft::task<int> descend_and_throw(int n) {
  witness const here;
  if (n == 0) throw std::runtime_error("the bottom");
  int const below = co_await descend_and_throw(n - 1);
  co_return below + 1;
}

TEST(task, an_error_comes_up_from_a_depth_of_ten_thousand) {
  EXPECT_THROW(weft::sync_wait(descend_and_throw(10'000)), std::runtime_error);
  EXPECT_EQ(witness::alive(), 0);
}

}  // namespace
