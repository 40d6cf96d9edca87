// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

TEST(latch, opens_at_zero_and_stays_open) {
  weft::latch l{3};
  EXPECT_FALSE(l.try_wait());
  l.count_down(2);
  EXPECT_THROW((l.wait() | weft::timeout(1ms)).wait(), weft::timeout_error);
  l.count_down();
  EXPECT_TRUE(l.try_wait());
  l.wait().wait();
  l.wait().wait();
}

TEST(latch, of_zero_is_open) {
  weft::latch l{0};
  EXPECT_TRUE(l.try_wait());
  l.wait().wait();
  l.count_down(0);
}

TEST(latch, lets_all_pass_that_wait) {
  weft::latch l{2};
  weft_test::by_hand hand;
  int passed = 0;
  auto body = [&]() -> weft::task<> {
    co_await l.wait();
    ++passed;
  };
  for (int i = 0; i < 3; ++i) (void)hand.spawn(body);
  hand.turn();
  l.count_down();
  hand.turn();
  EXPECT_EQ(passed, 0);
  l.count_down();
  hand.finish();
  EXPECT_EQ(passed, 3);
}

TEST(latch, those_that_arrive_and_wait_pass_together) {
  weft::latch l{3};
  weft_test::by_hand hand;
  int passed = 0;
  auto body = [&](std::size_t n) -> weft::task<> {
    co_await l.arrive_and_wait(n);
    ++passed;
  };
  (void)hand.spawn(body, 1u);
  hand.turn();
  EXPECT_EQ(passed, 0);
  (void)hand.spawn(body, 2u);
  hand.finish();
  EXPECT_EQ(passed, 2);
}

TEST(latch, threads_pass_it_too) {
  weft::latch l{2};
  std::thread other([&] { l.arrive_and_wait().wait(); });
  l.arrive_and_wait().wait();
  other.join();
  EXPECT_TRUE(l.try_wait());
}

// The last one to arrive does not look at it again: the other may have destroyed it.
TEST(latch, whoever_is_let_out_may_destroy_it) {
  auto l = std::make_unique<weft::latch>(2u);
  weft_test::by_hand hand;
  auto body = [&]() -> weft::task<> {
    co_await l->wait();
    l.reset();
  };
  (void)hand.spawn(body);
  hand.turn();
  l->count_down();
  auto op = l->arrive_and_wait();
  hand.finish();
  EXPECT_EQ(l, nullptr);
  std::move(op).wait();
}

TEST(latch, a_wait_that_was_cancelled_leaves_it_as_it_is) {
  weft::latch l{1};
  weft_test::by_hand hand;
  auto s = weft::scope::root();
  bool cancelled = false;
  auto body = [&]() -> weft::task<> {
    auto op = weft::as_result(l.wait() | weft::with(s));
    auto const r = co_await std::move(op);
    cancelled = r.cancelled();
  };
  (void)hand.spawn(body);
  hand.turn();
  s.cancel();
  hand.finish();
  EXPECT_TRUE(cancelled);
  l.count_down();
  EXPECT_TRUE(l.try_wait());
}

TEST(latch, is_not_counted_down_below_zero) {
  weft::latch l{2};
  try {
    l.count_down(3);
    FAIL();
  } catch (weft::misuse_error const& e) {
    std::string const said = e.what();
    EXPECT_NE(said.find("counted down by 3 at latch.cpp:"), std::string::npos) << said;
    EXPECT_NE(said.find("only 2 is left"), std::string::npos) << said;
  }
  EXPECT_FALSE(l.try_wait());
  l.count_down(2);
  EXPECT_THROW(l.count_down(), weft::misuse_error);
  EXPECT_THROW((void)l.arrive_and_wait(), weft::misuse_error);
}

TEST(latch, destroyed_with_waiters_dies) {
  auto misuse = [] {
    weft_test::by_hand hand;
    auto l = std::make_unique<weft::latch>(1u);
    auto body = [&]() -> weft::task<> { co_await l->wait(); };
    (void)hand.spawn(body);
    hand.turn();
    l.reset();
  };
  EXPECT_DEATH(misuse(), "a latch was destroyed while tasks wait for it");
}

}  // namespace
