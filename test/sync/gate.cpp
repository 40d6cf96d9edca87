// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace std::chrono_literals;

TEST(gate, lets_pass_once_it_is_open) {
  weft::gate g;
  EXPECT_FALSE(g.is_open());
  EXPECT_THROW((g.opened() | weft::timeout(0s)).wait(), weft::timeout_error);
  g.open();
  g.open();
  EXPECT_TRUE(g.is_open());
  g.opened().wait();
}

TEST(gate, wakes_tasks_and_threads_and_they_see_what_was_written_before) {
  weft_test::by_hand hand;
  weft::gate g;
  int written = 0;
  int seen = 0;
  auto body = [&]() -> weft::task<> {
    co_await g.opened();
    seen += written;
  };
  for (int i = 0; i < 3; ++i) (void)hand.spawn(body);
  hand.turn();
  EXPECT_EQ(hand.tasks.live(), 3u);
  int seen_by_thread = 0;
  std::thread thread([&] {
    g.opened().wait();
    seen_by_thread = written;
  });
  written = 7;
  g.open();
  thread.join();
  hand.finish();
  EXPECT_EQ(seen, 21);
  EXPECT_EQ(seen_by_thread, 7);
}

TEST(gate, two_cases_of_one_select_wait_for_it) {
  weft_test::by_hand hand;
  weft::gate g;
  auto body = [&]() -> weft::task<> {
    auto either = weft::select(g.opened(), g.opened());
    (void)co_await std::move(either);
  };
  (void)hand.spawn(body);
  hand.turn();
  g.open();
  hand.finish();
}

TEST(gate, destroyed_with_waiters_dies) {
  auto misuse = [] {
    weft_test::by_hand hand;
    auto g = std::make_unique<weft::gate>();
    auto body = [&]() -> weft::task<> { co_await g->opened(); };
    (void)hand.spawn(body);
    hand.turn();
    g.reset();
  };
  EXPECT_DEATH(misuse(), "a gate was destroyed while tasks wait for it");
}

}  // namespace
