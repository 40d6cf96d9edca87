// SPDX-License-Identifier: Apache-2.0
#include <weft/wait/dump.hpp>

#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;

std::size_t times(std::string const& text, std::string const& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

weft::task<std::string> leaf() { co_return weft::current_stack().text(); }
weft::task<std::string> branch() {
  auto text = co_await leaf();
  co_return text;
}
weft::task<std::string> root() {
  auto text = co_await branch();
  co_return text;
}

TEST(current_stack, names_the_places_of_the_awaits_innermost_first) {
  weft_test::by_hand hand;
  auto f = hand.spawn(&root);
  hand.finish();
  auto const text = f.get().wait();
  auto const in_leaf = text.find("in leaf");
  auto const in_branch = text.find("in branch");
  auto const in_root = text.find("in root");
  EXPECT_NE(in_root, text.npos) << text;
  EXPECT_LT(in_leaf, in_branch) << text;
  EXPECT_LT(in_branch, in_root) << text;
  EXPECT_EQ(times(text, "context.cpp:"), 3u) << text;
}

TEST(current_stack, goes_on_above_a_group) {
  weft_test::by_hand hand;
  auto parent = []() -> weft::task<std::string> {
    auto body = [](weft::group& g) -> weft::task<std::string> {
      auto f = g.spawn(&branch);
      co_return co_await f.get();
    };
    auto text = co_await weft::with_group(body);
    co_return text;
  };
  auto f = hand.spawn(parent);
  hand.finish();
  auto const text = f.get().wait();
  EXPECT_NE(text.find("in leaf"), text.npos) << text;
  EXPECT_EQ(times(text, "spawned below"), 1u) << text;
}

TEST(current_stack, of_a_plain_thread_is_empty) {
  EXPECT_TRUE(weft::current_stack().entries.empty());
}

TEST(dump, tells_what_each_task_waits_for_with_its_chain) {
  auto [tx, rx] = weft::make_channel<int>(0, "orders");
  weft::mutex m{"ledger"};
  auto guard = m.try_acquire();
  weft_test::by_hand hand;
  auto receives = [&]() -> weft::task<> { (void)co_await rx.recv(); };
  auto outer = [&]() -> weft::task<> { co_await receives(); };
  auto locks = [&]() -> weft::task<> { auto mine = co_await m.acquire(); };
  auto sleeps = []() -> weft::task<> { co_await weft::after(1h); };
  (void)hand.spawn(outer);
  (void)hand.spawn(locks);
  (void)hand.spawn(sleeps);
  hand.turn();
  (void)hand.spawn(sleeps);  // has not run yet
  auto const text = weft::describe_tasks(*hand.tasks.in().state());
  EXPECT_EQ(weft::count_tasks(*hand.tasks.in().state()), 4u);
  EXPECT_EQ(times(text, "waits: recv of \"orders\", for 0."), 1u) << text;
  EXPECT_EQ(times(text, "waits: lock of \"ledger\""), 1u) << text;
  EXPECT_EQ(times(text, "waits: sleep"), 1u) << text;
  EXPECT_EQ(times(text, "runs, or is about to"), 1u) << text;
  EXPECT_GE(times(text, "context.cpp:"), 4u) << text;
  auto const short_text = weft::describe_tasks(*hand.tasks.in().state(), 1);
  EXPECT_EQ(times(short_text, "and 3 more tasks"), 1u) << short_text;
  EXPECT_TRUE(tx.try_send(1)) << "a look leaves the waits as they were";
}

TEST(dump, of_nothing_says_so) {
  auto s = weft::scope::root();
  EXPECT_EQ(weft::describe_tasks(*s.state()), "no tasks\n");
}

TEST(context, a_loop_of_operations_that_never_wait_lets_others_run) {
  weft_test::by_hand hand;
  auto [tx, rx] = weft::make_channel<int>(1);
  bool stop = false;
  long turns = 0;
  auto greedy = [&]() -> weft::task<> {
    while (!stop) {
      (void)co_await tx.send(1);
      (void)co_await rx.recv();
      ++turns;
    }
  };
  auto modest = [&]() -> weft::task<> {
    stop = true;
    co_return;
  };
  (void)hand.spawn(greedy);
  (void)hand.spawn(modest);
  hand.finish();
  EXPECT_LE(turns, 128);
}

TEST(context, each_execution_has_an_id_of_its_own) {
  weft_test::by_hand hand;
  auto body = []() -> weft::task<std::uint64_t> { co_return weft::current_context().id(); };
  auto a = hand.spawn(body);
  auto b = hand.spawn(body);
  hand.finish();
  auto const first = a.get().wait();
  auto const second = b.get().wait();
  EXPECT_NE(first, second);
  EXPECT_NE(first, weft::current_context().id());
}

TEST(select, with_a_task_that_loses_ends_when_the_task_has_ended) {
  weft_test::by_hand hand;
  weft::gate g, never;
  bool task_ended = false;
  struct note {
    bool& to;
    ~note() { to = true; }
  };
  auto slow = [&]() -> weft::task<int> {
    note n{task_ended};
    {
      weft::shield up;
      co_await weft::after(2ms);
    }
    co_await never.opened();
    co_return 1;
  };
  std::size_t which = 9;
  bool ended_first = false;
  auto body = [&]() -> weft::task<> {
    auto op = weft::select(slow(), g.opened());
    auto r = co_await std::move(op);
    which = r.index();
    ended_first = task_ended;
  };
  (void)hand.spawn(body);
  hand.turn();
  g.open();
  hand.finish();
  EXPECT_EQ(which, 1u);
  EXPECT_TRUE(ended_first);
}

TEST(select, of_several_tasks_gives_the_first_and_waits_for_the_others) {
  weft_test::by_hand hand;
  auto sleeper = [](std::chrono::milliseconds d, int v) -> weft::task<int> {
    co_await weft::after(d);
    co_return v;
  };
  auto body = [&]() -> weft::task<int> {
    auto op = weft::race(sleeper(1h, 1), sleeper(1ms, 2), sleeper(1h, 3));
    co_return co_await std::move(op);
  };
  auto f = hand.spawn(body);
  hand.finish();
  EXPECT_EQ(f.get().wait(), 2);
}

}  // namespace
