// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;

TEST(scope, keeps_the_first_reason) {
  auto s = weft::scope::root();
  EXPECT_FALSE(s.cancelled());
  EXPECT_EQ(s.reason(), "");
  EXPECT_TRUE(s.cancel("first"));
  EXPECT_FALSE(s.cancel("second"));
  EXPECT_TRUE(s.cancelled());
  EXPECT_EQ(s.reason(), "first");
}

TEST(scope, cancels_those_below_and_not_those_above) {
  auto top = weft::scope::root();
  auto middle = top.child();
  auto low = middle.child();
  auto beside = top.child();
  middle.cancel("middle");
  EXPECT_FALSE(top.cancelled());
  EXPECT_FALSE(beside.cancelled());
  EXPECT_EQ(low.reason(), "middle");
  top.cancel("top");
  EXPECT_EQ(beside.reason(), "top");
  EXPECT_EQ(low.reason(), "middle") << "the first reason counts";
}

TEST(scope, made_below_a_cancelled_one_is_born_cancelled) {
  auto top = weft::scope::root();
  top.cancel("gone");
  auto late = top.child();
  EXPECT_TRUE(late.cancelled());
  EXPECT_EQ(late.child().reason(), "gone");
  EXPECT_FALSE(late.cancel("again"));
}

TEST(scope, is_reached_after_its_handles_have_gone) {
  weft_test::by_hand hand;
  auto top = weft::scope::root();
  weft::gate g;
  auto low = [&] {
    auto middle = top.child();
    return middle.child();
  }();
  auto waits = [&]() -> weft::task<std::string> {
    auto op = weft::as_result(g.opened() | weft::with(low));
    auto r = co_await std::move(op);
    co_return r.reason();
  };
  auto said = hand.spawn(waits);
  hand.turn();
  top.cancel("from far above");
  hand.finish();
  EXPECT_EQ(said.get().wait(), "from far above");
}

TEST(scope, a_deep_tree_is_cancelled_and_destroyed_without_recursion) {
  auto top = weft::scope::root();
  auto low = top;
  for (int i = 0; i < 100'000; ++i) low = low.child();
  top.cancel();
  EXPECT_TRUE(low.cancelled());
  top = weft::scope::root();
}

TEST(scope, of_the_calling_code) {
  weft_test::by_hand hand;
  EXPECT_EQ(weft::this_scope().state(), nullptr);
  EXPECT_FALSE(weft::is_cancelled());
  bool before = true, after = false;
  auto body = [&]() -> weft::task<> {
    EXPECT_EQ(weft::this_scope().state(), hand.tasks.in().state());
    before = weft::is_cancelled();
    weft::scope mine;
    hand.tasks.cancel();
    after = weft::is_cancelled();
    EXPECT_TRUE(mine.cancelled()) << "a scope made in a task is a child of the task's";
    co_return;
  };
  (void)hand.spawn(body);
  hand.finish();
  EXPECT_FALSE(before);
  EXPECT_TRUE(after);
}

TEST(scope, cancels_every_wait_below_now_and_later) {
  weft_test::by_hand hand;
  weft::gate never;
  int started = 0, went_on = 0;
  auto body = [&]() -> weft::task<> {
    ++started;
    co_await never.opened();
    ++went_on;
  };
  for (int i = 0; i < 5; ++i) (void)hand.spawn(body);
  hand.turn();
  hand.tasks.cancel();
  (void)hand.spawn(body);
  hand.finish();
  EXPECT_EQ(started, 6);
  EXPECT_EQ(went_on, 0);
}

TEST(scope, cancellation_destroys_frames_from_the_leaf_up) {
  weft_test::by_hand hand;
  weft::gate never;
  std::vector<int> order;
  struct note {
    std::vector<int>& to;
    int what;
    ~note() { to.push_back(what); }
  };
  auto leaf = [&]() -> weft::task<> {
    note n{order, 3};
    co_await never.opened();
  };
  auto middle = [&]() -> weft::task<> {
    note n{order, 2};
    co_await leaf();
  };
  auto body = [&]() -> weft::task<> {
    note n{order, 1};
    try {
      co_await middle();
    } catch (...) {
      order.push_back(9);
    }
  };
  (void)hand.spawn(body);
  hand.turn();
  hand.tasks.cancel();
  hand.finish();
  EXPECT_EQ(order, (std::vector{3, 2, 1}));
}

TEST(shield, postpones_cancellation_to_the_first_wait_after_it) {
  weft_test::by_hand hand;
  weft::gate g, never;
  bool passed = false, went_on = false;
  auto body = [&]() -> weft::task<> {
    {
      weft::shield outer;
      {
        weft::shield inner;
        co_await g.opened();
      }
      co_await weft::after(1ms);
      passed = true;
      EXPECT_TRUE(weft::is_cancelled());
    }
    co_await never.opened();
    went_on = true;
  };
  (void)hand.spawn(body);
  hand.turn();
  hand.tasks.cancel();
  hand.turn();
  EXPECT_FALSE(passed);
  g.open();
  hand.finish();
  EXPECT_TRUE(passed);
  EXPECT_FALSE(went_on);
}

TEST(shield, holds_the_scope_given_to_a_wait_off_too) {
  weft_test::by_hand hand;
  auto s = weft::scope::root();
  weft::gate g;
  bool passed = false;
  auto body = [&]() -> weft::task<> {
    weft::shield up;
    co_await (g.opened() | weft::with(s));
    passed = true;
  };
  (void)hand.spawn(body);
  hand.turn();
  s.cancel();
  hand.turn();
  EXPECT_FALSE(passed);
  g.open();
  hand.finish();
  EXPECT_TRUE(passed);
}

TEST(scope, a_deadline_cancels_it) {
  auto s = weft::scope::root();
  auto const start = weft::clock::now();
  s.cancel_after(1h);
  s.cancel_after(2ms);
  s.cancel_at(start + 30min);
  weft::gate never;
  EXPECT_THROW((never.opened() | weft::with(s)).wait(), weft::timeout_error);
  EXPECT_GE(weft::clock::now() - start, 2ms);
}

TEST(scope, a_deadline_that_passes_after_a_cancellation_changes_nothing) {
  auto s = weft::scope::root();
  s.cancel("the user left");
  s.cancel_after(0s);
  weft::after(5ms).wait();
  weft::gate never;
  EXPECT_THROW((never.opened() | weft::with(s)).wait(), weft::cancelled);
}

TEST(scope, goes_before_its_deadline) {
  for (int i = 0; i < 100; ++i) {
    auto s = weft::scope::root();
    s.cancel_after(i % 2 == 0 ? duration_cast<weft::duration>(1h) : weft::duration(i * 1000));
  }
}

}  // namespace
