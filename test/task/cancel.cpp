// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>

#include "witness.hpp"

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using weft_test::diary;
using weft_test::farewell;
using weft_test::witness;

/// Spawns body(args...), cancels it once it sleeps, and returns when it has ended.
template <class F>
std::string cancel_while_asleep(F body) {
  weft::runtime rt{{.workers = 1}};
  weft::group g{rt};
  auto f = g.spawn(std::ref(body));
  while (rt.stats().jobs == 0 || rt.stats().idle != 1) std::this_thread::yield();
  g.cancel("enough");
  std::string how = "value";
  try {
    f.get().wait();
  } catch (weft::cancelled const& e) {
    how = "cancelled: " + e.reason();
  }
  g.join().wait();
  return how;
}

TEST(cancel, frames_are_destroyed_leaf_first_and_locals_in_reverse) {
  diary d;
  auto leaf = [&]() -> weft::task<> {
    farewell const a{d, "leaf a"};
    farewell const b{d, "leaf b"};
    co_await weft::after(1h);
  };
  auto middle = [&](int) -> weft::task<> {
    farewell const a{d, "middle"};
    co_await leaf();
  };
  auto root = [&]() -> weft::task<> {
    farewell const a{d, "root"};
    co_await middle(1);
  };
  EXPECT_EQ(cancel_while_asleep(root), "cancelled: enough");
  EXPECT_THAT(d.lines(), ElementsAre("leaf b", "leaf a", "middle", "root"));
}

TEST(cancel, catch_all_does_not_see_it) {
  diary d;
  auto body = [&]() -> weft::task<> {
    try {
      co_await weft::after(1h);
    } catch (...) {
      d.write("caught");
    }
    d.write("went on");
  };
  EXPECT_EQ(cancel_while_asleep(body), "cancelled: enough");
  EXPECT_THAT(d.lines(), ElementsAre());
}

TEST(cancel, as_result_turns_it_into_a_value) {
  diary d;
  auto inner = [&]() -> weft::task<int> {
    farewell const a{d, "inner"};
    co_await weft::after(1h);
    co_return 1;
  };
  auto body = [&]() -> weft::task<> {
    auto op = weft::as_result(inner());
    auto r = co_await std::move(op);
    d.write(r.cancelled() ? "cancelled: " + r.reason() : "not cancelled");
  };
  EXPECT_EQ(cancel_while_asleep(body), "value");
  EXPECT_THAT(d.lines(), ElementsAre("inner", "cancelled: enough"));
}

TEST(cancel, as_result_of_an_operation_turns_it_into_a_value) {
  diary d;
  auto body = [&]() -> weft::task<> {
    auto op = weft::as_result(weft::after(1h));
    auto r = co_await std::move(op);
    d.write(r.cancelled() ? "cancelled: " + r.reason() : "not cancelled");
  };
  EXPECT_EQ(cancel_while_asleep(body), "value");
  EXPECT_THAT(d.lines(), ElementsAre("cancelled: enough"));
}

TEST(cancel, is_seen_at_the_next_wait_that_parks) {
  diary d;
  weft::group g;
  auto body = [&]() -> weft::task<> {
    g.cancel("now");
    d.write("goes on");
    weft::gate open;
    open.open();
    co_await open.opened();
    d.write("an open gate does not park");
    EXPECT_TRUE(weft::is_cancelled());
    co_await weft::after(1us);
    d.write("never");
  };
  auto f = g.spawn(std::ref(body));
  EXPECT_THROW(f.get().wait(), weft::cancelled);
  g.join().wait();
  EXPECT_THAT(d.lines(), ElementsAre("goes on", "an open gate does not park"));
}

TEST(cancel, a_checkpoint_sees_it_without_parking) {
  diary d;
  weft::group g;
  auto body = [&]() -> weft::task<> {
    co_await weft::checkpoint();
    d.write("passed");
    g.cancel("now");
    co_await weft::checkpoint();
    d.write("never");
  };
  auto f = g.spawn(std::ref(body));
  EXPECT_THROW(f.get().wait(), weft::cancelled);
  g.join().wait();
  EXPECT_THAT(d.lines(), ElementsAre("passed"));
}

TEST(cancel, a_shield_holds_it_off_until_it_is_lowered) {
  diary d;
  weft::group g;
  auto body = [&]() -> weft::task<> {
    {
      weft::shield const outer;
      {
        weft::shield const inner;
        g.cancel("now");
      }
      co_await weft::after(1us);
      d.write("slept");
      co_await weft::checkpoint();
      d.write("passed");
      co_await weft::yield();
    }
    d.write("lowered");
    co_await weft::after(1us);
    d.write("never");
  };
  auto f = g.spawn(std::ref(body));
  EXPECT_THROW(f.get().wait(), weft::cancelled);
  g.join().wait();
  EXPECT_THAT(d.lines(), ElementsAre("slept", "passed", "lowered"));
}

TEST(cancel, one_that_comes_under_a_shield_ends_a_later_sleep) {
  diary d;
  auto body = [&]() -> weft::task<> {
    {
      weft::shield const up;
      co_await weft::after(5ms);
    }
    co_await weft::after(1h);
  };
  EXPECT_EQ(cancel_while_asleep(body), "cancelled: enough");
}

TEST(cancel, a_cancelled_that_leaves_a_body_completes_it_as_cancelled) {
  diary d;
  auto throws = [&]() -> weft::task<> {
    farewell const a{d, "throws"};
    throw weft::cancelled("by hand");
    co_return;
  };
  auto body = [&]() -> weft::task<> {
    farewell const a{d, "body"};
    try {
      co_await throws();
    } catch (...) {
      d.write("caught");
    }
    d.write("went on");
  };
  try {
    weft::sync_wait(body());
    FAIL();
  } catch (weft::cancelled const& e) {
    EXPECT_EQ(e.reason(), "by hand");
  }
  EXPECT_THAT(d.lines(), ElementsAre("throws", "body"));
}

TEST(cancel, a_cancelled_thrown_deep_below_reaches_as_result_with_its_reason) {
  auto throws = []() -> weft::task<int> {
    co_await weft::yield();
    throw weft::cancelled("by hand");
    co_return 1;
  };
  auto passes = [&]() -> weft::task<int> { co_return co_await throws(); };
  auto body = [&]() -> weft::task<std::string> {
    auto op = weft::as_result(passes());
    auto r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
    co_return r.reason();
  };
  EXPECT_EQ(weft::sync_wait(body()), "by hand");
}

TEST(cancel, a_cancelled_sibling_does_not_fail_the_group) {
  weft::group g;
  auto throws = []() -> weft::task<> {
    throw weft::cancelled("mine alone");
    co_return;
  };
  auto works = []() -> weft::task<int> {
    co_await weft::after(1ms);
    co_return 2;
  };
  auto a = g.spawn(throws);
  auto b = g.spawn(works);
  g.join().wait();
  EXPECT_EQ(b.get().wait(), 2);
  EXPECT_THROW(a.get().wait(), weft::cancelled);
}

TEST(cancel, destructors_on_the_way_up_may_ask_for_the_stack) {
  diary d;
  struct asks {
    diary& to;
    ~asks() { to.write(std::to_string(weft::current_stack().entries.size())); }
  };
  auto leaf = [&]() -> weft::task<> {
    asks const a{d};
    co_await weft::after(1h);
  };
  auto middle = [&]() -> weft::task<> {
    asks const a{d};
    co_await leaf();
  };
  auto root = [&]() -> weft::task<> {
    asks const a{d};
    co_await middle();
  };
  EXPECT_EQ(cancel_while_asleep(root), "cancelled: enough");
  EXPECT_THAT(d.lines(), ElementsAre("3", "2", "1"));
}

TEST(cancel, a_deadline_of_a_scope_ends_what_is_inside) {
  auto body = []() -> weft::task<std::string> {
    weft::scope s;
    s.cancel_after(2ms);
    auto op = weft::after(1h) | weft::with(s);
    try {
      co_await std::move(op);
    } catch (weft::timeout_error const& e) {
      co_return e.what();
    }
    co_return "nothing was thrown";
  };
  EXPECT_THAT(weft::sync_wait(body()), testing::HasSubstr("timed out"));
}

TEST(cancel, races_with_the_end_of_the_wait_and_each_task_ends_once) {
  weft::runtime rt{{.workers = 4}};
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> ended{0};
    auto body = [&](witness) -> weft::task<> {
      struct at_end {
        std::atomic<int>& n;
        ~at_end() { ++n; }
      } const end{ended};
      for (int i = 0; i < 3; ++i) co_await weft::after(10us);
    };
    weft::group g{rt};
    for (int i = 0; i < 10; ++i) g.spawn(std::ref(body), witness{});
    for (int i = 0; i < round % 50; ++i) std::this_thread::yield();
    g.cancel("now");
    g.join().wait();
    ASSERT_EQ(ended, 10);
    ASSERT_EQ(witness::alive(), 0);
  }
}

}  // namespace
