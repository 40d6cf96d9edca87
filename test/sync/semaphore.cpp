// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace std::chrono_literals;

// Takes `n` and notes its name.
weft::task<> take(weft::semaphore& s, std::size_t n, std::vector<int>& order, int name) {
  co_await s.acquire(n);
  order.push_back(name);
}

TEST(semaphore, counts_its_permits) {
  weft::semaphore s{2};
  EXPECT_TRUE(s.try_acquire());
  s.acquire().wait();
  EXPECT_FALSE(s.try_acquire());
  EXPECT_EQ(s.available(), 0u);
  EXPECT_THROW((s.acquire() | weft::timeout(1ms)).wait(), weft::timeout_error);
  s.release(3);
  EXPECT_EQ(s.available(), 3u);
  s.acquire(3).wait();
  EXPECT_EQ(s.available(), 0u);
}

TEST(semaphore, serves_in_order_and_lets_none_overtake_a_big_request) {
  weft::semaphore s{1};
  std::vector<int> order;
  weft_test::by_hand hand;
  (void)hand.spawn(&take, std::ref(s), std::size_t{3}, std::ref(order), 3);
  hand.turn();
  (void)hand.spawn(&take, std::ref(s), std::size_t{1}, std::ref(order), 1);
  hand.turn();
  EXPECT_FALSE(s.try_acquire());
  s.release();
  hand.turn();
  EXPECT_TRUE(order.empty());
  s.release(2);
  hand.finish();
  EXPECT_EQ(order, (std::vector{3, 1}));
}

TEST(semaphore, one_that_leaves_lets_those_behind_it_pass) {
  weft::semaphore s{1};
  std::vector<int> order;
  weft_test::by_hand hand;
  weft::scope big = weft::scope::root();
  auto body = [&]() -> weft::task<> {
    auto op = weft::as_result(s.acquire(3) | weft::with(big));
    auto r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
  };
  (void)hand.spawn(body);
  hand.turn();
  (void)hand.spawn(&take, std::ref(s), std::size_t{1}, std::ref(order), 1);
  hand.turn();
  EXPECT_TRUE(order.empty());
  big.cancel();
  hand.finish();
  EXPECT_EQ(order, (std::vector{1}));
  EXPECT_EQ(s.available(), 0u);
}

TEST(semaphore, a_case_that_lost_took_nothing) {
  weft::semaphore a{0}, b{0};
  weft_test::by_hand hand;
  std::size_t which = 9;
  auto body = [&]() -> weft::task<> {
    auto op = weft::select(a.acquire(), b.acquire(2));
    auto r = co_await std::move(op);
    which = r.index();
  };
  (void)hand.spawn(body);
  hand.turn();
  b.release(2);
  hand.finish();
  EXPECT_EQ(which, 1u);
  a.release();
  EXPECT_EQ(a.available(), 1u);
  EXPECT_EQ(b.available(), 0u);
}

TEST(semaphore, two_cases_of_one_select_take_once) {
  weft::semaphore s{0};
  weft_test::by_hand hand;
  auto body = [&]() -> weft::task<> {
    auto op = weft::select(s.acquire(), s.acquire());
    (void)co_await std::move(op);
  };
  (void)hand.spawn(body);
  hand.turn();
  s.release(2);
  hand.finish();
  EXPECT_EQ(s.available(), 1u);
}

TEST(semaphore, destroyed_with_waiters_dies) {
  auto misuse = [] {
    weft_test::by_hand hand;
    auto s = std::make_unique<weft::semaphore>(0u);
    auto body = [&]() -> weft::task<> { co_await s->acquire(); };
    (void)hand.spawn(body);
    hand.turn();
    s.reset();
  };
  EXPECT_DEATH(misuse(), "a semaphore was destroyed while tasks wait for it");
}

}  // namespace
