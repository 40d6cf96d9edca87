// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

#include "witness.hpp"

namespace {

using namespace std::chrono_literals;
using weft_test::diary;
using weft_test::farewell;
using weft_test::witness;

weft::task<> sleeps(witness) { co_await weft::after(1h); }
weft::task<int> value(int x) { co_return x; }
weft::task<> fails() {
  throw std::runtime_error("broken");
  co_return;
}

TEST(with_group, gives_the_value_of_its_body) {
  auto outer = []() -> weft::task<int> {
    auto body = [](weft::group& g) -> weft::task<int> {
      auto a = g.spawn(&value, 40);
      auto b = g.spawn(&value, 2);
      int const x = co_await a.get();
      int const y = co_await b.get();
      co_return x + y;
    };
    co_return co_await weft::with_group(body);
  };
  EXPECT_EQ(weft::sync_wait(outer()), 42);
}

TEST(with_group, ends_only_when_everything_in_it_has_ended) {
  std::atomic<int> ended{0};
  auto outer = [&]() -> weft::task<int> {
    auto child = [&]() -> weft::task<> {
      co_await weft::after(2ms);
      ++ended;
    };
    auto body = [&](weft::group& g) -> weft::task<> {
      for (int i = 0; i < 10; ++i) g.spawn(std::ref(child));
      co_return;
    };
    co_await weft::with_group(body);
    co_return ended.load();
  };
  EXPECT_EQ(weft::sync_wait(outer()), 10);
}

TEST(with_group, an_error_of_the_body_cancels_the_tasks) {
  auto outer = []() -> weft::task<std::string> {
    auto body = [](weft::group& g) -> weft::task<> {
      for (int i = 0; i < 10; ++i) g.spawn(&sleeps, witness{});
      co_await weft::yield();
      throw std::runtime_error("the body");
    };
    try {
      co_await weft::with_group(body);
    } catch (std::runtime_error const& e) {
      EXPECT_EQ(witness::alive(), 0);
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(weft::sync_wait(outer()), "the body");
}

TEST(with_group, an_error_of_a_task_cancels_the_body_and_the_others) {
  diary d;
  auto outer = [&]() -> weft::task<std::string> {
    auto body = [&](weft::group& g) -> weft::task<> {
      farewell const in_body{d, "body"};
      g.spawn(&sleeps, witness{});
      g.spawn(&fails);
      co_await weft::after(1h);
      d.write("never");
    };
    try {
      co_await weft::with_group(body);
    } catch (std::runtime_error const& e) {
      EXPECT_EQ(witness::alive(), 0);
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(weft::sync_wait(outer()), "broken");
  EXPECT_THAT(d.lines(), testing::ElementsAre("body"));
}

TEST(with_group, cancelling_the_own_group_is_thrown_to_who_awaits_it_with_the_reason) {
  auto outer = []() -> weft::task<std::string> {
    auto body = [](weft::group& g) -> weft::task<> {
      g.cancel("seen enough");
      co_await weft::after(1h);
    };
    try {
      co_await weft::with_group(body);
    } catch (weft::cancelled const& e) {
      EXPECT_FALSE(weft::is_cancelled());
      co_return e.reason();
    }
    co_return "nothing was thrown";
  };
  EXPECT_EQ(weft::sync_wait(outer()), "seen enough");
}

TEST(with_group, a_body_that_gives_a_value_has_one_though_it_cancelled_the_rest) {
  auto outer = []() -> weft::task<int> {
    auto body = [](weft::group& g) -> weft::task<int> {
      g.spawn(&sleeps, witness{});
      g.cancel("enough");
      co_return 5;
    };
    co_return co_await weft::with_group(body);
  };
  EXPECT_EQ(weft::sync_wait(outer()), 5);
  EXPECT_EQ(witness::alive(), 0);
}

TEST(with_group, spawned_or_awaited_as_a_result_its_own_cancellation_is_one) {
  auto outer = []() -> weft::task<> {
    auto body = [](weft::group& g) -> weft::task<> {
      g.cancel("mine");
      co_await weft::after(1h);
    };
    auto op = weft::as_result(weft::with_group(body));
    auto r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
    EXPECT_EQ(r.reason(), "mine");
    auto around = [&](weft::group& g) -> weft::task<std::string> {
      auto run = [&] { return weft::with_group(body); };
      auto f = g.spawn(run);
      auto get = weft::as_result(f.get());
      auto inner = co_await std::move(get);
      co_return inner.reason();
    };
    auto const reason = co_await weft::with_group(around);
    EXPECT_EQ(reason, "mine");
  };
  weft::sync_wait(outer());
}

TEST(with_group, a_cancellation_from_outside_reaches_everything_and_goes_on_up) {
  diary d;
  weft::gate started;
  auto outer = [&]() -> weft::task<> {
    farewell const in_outer{d, "outer"};
    auto body = [&](weft::group& g) -> weft::task<> {
      g.spawn(&sleeps, witness{});
      started.open();
      co_await weft::after(1h);
    };
    try {
      co_await weft::with_group(body);
    } catch (...) {
      d.write("caught");
    }
    d.write("went on");
  };
  weft::group g;
  auto f = g.spawn(std::ref(outer));
  started.opened().wait();
  g.cancel("from outside");
  try {
    f.get().wait();
    FAIL();
  } catch (weft::cancelled const& e) {
    EXPECT_EQ(e.reason(), "from outside");
  }
  g.join().wait();
  EXPECT_THAT(d.lines(), testing::ElementsAre("outer"));
  EXPECT_EQ(witness::alive(), 0);
}

TEST(with_group, nests) {
  struct recursion {
    static weft::task<int> leaves(int depth) {
      if (depth == 0) co_return 1;
      auto body = [depth](weft::group& g) -> weft::task<int> {
        auto a = g.spawn(&recursion::leaves, depth - 1);
        auto b = g.spawn(&recursion::leaves, depth - 1);
        int const x = co_await a.get();
        int const y = co_await b.get();
        co_return x + y;
      };
      co_return co_await weft::with_group(body);
    }
  };
  EXPECT_EQ(weft::sync_wait(recursion::leaves(8)), 256);
}

TEST(with_group, the_body_may_be_given_as_a_callable_that_only_moves) {
  auto outer = []() -> weft::task<int> {
    auto body = [p = std::make_unique<int>(3)](weft::group&) -> weft::task<int> { co_return *p; };
    auto t = weft::with_group(std::move(body));
    co_return co_await std::move(t);
  };
  EXPECT_EQ(weft::sync_wait(outer()), 3);
}

}  // namespace
