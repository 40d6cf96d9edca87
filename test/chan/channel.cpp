// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using weft::status;

TEST(channel, buffers_exactly_its_capacity) {
  for (std::size_t capacity : {0u, 1u, 2u, 7u}) {
    auto [tx, rx] = weft::make_channel<int>(capacity);
    EXPECT_EQ(tx.capacity(), capacity);
    for (std::size_t i = 0; i < capacity; ++i) EXPECT_TRUE(tx.try_send(1));
    EXPECT_EQ(tx.size(), capacity);
    auto refused = tx.try_send(9);
    EXPECT_EQ(refused.status, status::full);
    EXPECT_EQ(refused.value, 9);
    for (std::size_t i = 0; i < capacity; ++i) EXPECT_TRUE(rx.try_recv());
    EXPECT_EQ(rx.try_recv().status, status::empty);
  }
}

TEST(channel, is_first_in_first_out_round_and_round) {
  auto [tx, rx] = weft::make_channel<int>(3);
  int in = 0, out = 0;
  for (int round = 0; round < 10; ++round) {
    while (tx.try_send(in)) ++in;
    for (int i = 0; i < 2; ++i) EXPECT_EQ(rx.recv().wait(), out++);
  }
}

TEST(channel, a_sender_that_waits_keeps_its_place) {
  auto [tx, rx] = weft::make_channel<int>(1);
  weft_test::by_hand hand;
  auto sends = [&](int v) -> weft::task<> { (void)co_await tx.send(v); };
  for (int i = 0; i < 4; ++i) {
    (void)hand.spawn(sends, i);
    hand.turn();
  }
  EXPECT_EQ(tx.size(), 1u);
  EXPECT_EQ(hand.tasks.live(), 3u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(rx.try_recv().value, i);
  EXPECT_EQ(rx.try_recv().status, status::empty);
  hand.finish();
}

TEST(channel, receivers_that_wait_are_served_in_order) {
  auto [tx, rx] = weft::make_channel<int>(1);
  weft_test::by_hand hand;
  std::vector<int> got;
  auto receives = [&]() -> weft::task<> {
    auto v = co_await rx.recv();
    got.push_back(*v);
  };
  for (int i = 0; i < 3; ++i) (void)hand.spawn(receives);
  hand.turn();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(tx.try_send(i)) << "handed over, not buffered";
  EXPECT_EQ(tx.size(), 0u);
  hand.finish();
  EXPECT_EQ(got, (std::vector{0, 1, 2}));
}

TEST(channel, a_rendezvous_commits_both_or_none) {
  auto [tx, rx] = weft::make_channel<int>(0);
  EXPECT_EQ(tx.try_send(1).status, status::full);
  EXPECT_THROW((void)(tx.send(1) | weft::timeout(1ms)).wait(), weft::timeout_error);
  EXPECT_EQ(rx.try_recv().status, status::empty);
  weft_test::by_hand hand;
  bool accepted = false;
  auto sends = [&]() -> weft::task<> {
    auto r = co_await tx.send(5);
    accepted = bool(r);
  };
  (void)hand.spawn(sends);
  hand.turn();
  EXPECT_FALSE(accepted);
  EXPECT_EQ(rx.try_recv().value, 5);
  hand.finish();
  EXPECT_TRUE(accepted);
}

TEST(channel, one_that_selects_both_sides_does_not_meet_itself) {
  auto [tx, rx] = weft::make_channel<int>(0);
  auto both = weft::select(tx.send(1), rx.recv()) | weft::timeout(1ms);
  EXPECT_THROW((void)std::move(both).wait(), weft::timeout_error);
}

TEST(channel, closed_is_drained_first) {
  auto [tx, rx] = weft::make_channel<int>(2);
  EXPECT_TRUE(tx.try_send(1));
  EXPECT_TRUE(tx.try_send(2));
  tx.close();
  tx.close();
  EXPECT_TRUE(rx.closed());
  EXPECT_EQ(rx.recv().wait(), 1);
  EXPECT_EQ(rx.try_recv().value, 2);
  EXPECT_EQ(rx.recv().wait(), std::nullopt);
  EXPECT_EQ(rx.try_recv().status, status::closed);
}

TEST(channel, closed_gives_senders_their_values_back) {
  auto [tx, rx] = weft::make_channel<std::unique_ptr<int>>(0);
  weft_test::by_hand hand;
  int back = 0;
  auto sends = [&]() -> weft::task<> {
    auto r = co_await tx.send(std::make_unique<int>(7));
    EXPECT_TRUE(r.closed());
    back = *r.value();
  };
  (void)hand.spawn(sends);
  hand.turn();
  rx.close();
  hand.finish();
  EXPECT_EQ(back, 7);
  auto late = tx.send(std::make_unique<int>(8)).wait();
  ASSERT_TRUE(late.closed());
  EXPECT_EQ(*std::move(late).value(), 8);
  auto refused = tx.try_send(std::make_unique<int>(9));
  EXPECT_EQ(refused.status, status::closed);
  EXPECT_EQ(**refused.value, 9);
}

TEST(channel, closed_ends_waiting_receivers) {
  auto [tx, rx] = weft::make_channel<int>(4);
  weft_test::by_hand hand;
  int ended = 0;
  auto receives = [&]() -> weft::task<> {
    auto v = co_await rx.recv();
    if (!v) ++ended;
  };
  for (int i = 0; i < 3; ++i) (void)hand.spawn(receives);
  hand.turn();
  tx.close();
  hand.finish();
  EXPECT_EQ(ended, 3);
}

TEST(channel, closed_ends_a_select_with_several_of_its_cases_once) {
  auto [tx, rx] = weft::make_channel<int>(0);
  weft_test::by_hand hand;
  int ended = 0;
  auto body = [&]() -> weft::task<> {
    auto op = weft::select(rx.recv(), rx.recv(), tx.send(1), tx.send(2));
    auto r = co_await std::move(op);
    EXPECT_TRUE(r.index() != 2 || std::get<2>(r).closed());
    EXPECT_TRUE(r.index() != 3 || std::get<3>(r).closed());
    ++ended;
  };
  (void)hand.spawn(body);
  hand.turn();
  tx.close();
  hand.finish();
  EXPECT_EQ(ended, 1);
}

TEST(channel, the_last_sender_closes_it) {
  auto [tx, rx] = weft::make_channel<int>(2);
  {
    auto first = std::move(tx);
    auto second = first;
    EXPECT_TRUE(second.try_send(1));
    first = std::move(second);
    EXPECT_FALSE(rx.closed());
  }
  EXPECT_EQ(rx.recv().wait(), 1);
  EXPECT_EQ(rx.recv().wait(), std::nullopt);
}

TEST(channel, the_last_receiver_closes_it) {
  auto [tx, rx] = weft::make_channel<int>(2);
  {
    auto first = std::move(rx);
    auto second = first;
    EXPECT_TRUE(tx.try_send(1));
  }
  EXPECT_TRUE(tx.closed());
  EXPECT_EQ(tx.try_send(2).value, 2);
}

TEST(channel, what_is_still_buffered_is_destroyed_with_it) {
  auto const token = std::make_shared<int>(0);
  {
    auto [tx, rx] = weft::make_channel<std::shared_ptr<int>>(3);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(tx.try_send(token));
    EXPECT_EQ(rx.try_recv().value, token);
    EXPECT_TRUE(tx.try_send(token));
    EXPECT_EQ(token.use_count(), 4);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(channel, a_send_that_lost_keeps_its_value_until_it_goes) {
  auto const token = std::make_shared<int>(0);
  auto [tx, rx] = weft::make_channel<std::shared_ptr<int>>(0);
  {
    auto op = weft::as_result(tx.send(token) | weft::timeout(1ms));
    EXPECT_TRUE(std::move(op).wait().failed());
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(channel, a_receiver_that_is_cancelled_takes_nothing) {
  auto [tx, rx] = weft::make_channel<int>(1);
  weft_test::by_hand hand;
  auto receives = [&]() -> weft::task<> { (void)co_await rx.recv(); };
  (void)hand.spawn(receives);
  hand.turn();
  hand.tasks.cancel();
  hand.finish();
  EXPECT_TRUE(tx.try_send(3));
  EXPECT_EQ(rx.try_recv().value, 3);
}

TEST(channel, a_value_that_was_handed_over_is_returned_though_the_task_is_cancelled) {
  auto [tx, rx] = weft::make_channel<int>(0);
  weft_test::by_hand hand;
  int got = 0;
  bool went_on = false;
  auto receives = [&]() -> weft::task<> {
    auto v = co_await rx.recv();
    got = *v;
    (void)co_await rx.recv();  // parks, and sees the cancellation
    went_on = true;
  };
  auto f = hand.spawn(receives);
  hand.turn();
  EXPECT_TRUE(tx.try_send(6));
  hand.tasks.cancel();
  hand.finish();
  EXPECT_EQ(got, 6);
  EXPECT_FALSE(went_on);
  EXPECT_THROW(f.get().wait(), weft::cancelled);
}

// An operation that meddles with what stands after it in a select: nudges the waiter, and at the
// second look serves it by `serve`.
template <class F>
class meddler : public weft::operation_base<meddler<F>> {
 public:
  using result_type = void;
  explicit meddler(F serve) : serve_(std::move(serve)) {}
  [[nodiscard]] weft::case_id try_commit() noexcept { return weft::no_case; }
  [[nodiscard]] bool publish(weft::waiter& w, weft::case_id) {
    if (++looks_ == 1) w.nudge();
    if (looks_ == 2) serve_();
    return false;
  }
  void withdraw() noexcept {}
  void take(weft::case_id) noexcept {}
  [[nodiscard]] weft::wait_info describe() const noexcept { return {"meddle", nullptr, nullptr}; }

 private:
  F serve_;
  int looks_ = 0;
};

TEST(channel, a_waiter_served_while_it_tries_again_is_hung_up_no_more) {
  auto [tx, rx] = weft::make_channel<int>(0);
  auto [full_tx, full_rx] = weft::make_channel<int>(0);
  weft::semaphore permits{0};
  {
    auto r = weft::select(meddler([&] { EXPECT_TRUE(tx.try_send(1)); }), rx.recv()).wait();
    EXPECT_EQ(std::get<1>(r), 1);
    auto s =
        weft::select(meddler([&] { EXPECT_TRUE(full_rx.try_recv()); }), full_tx.send(2)).wait();
    EXPECT_EQ(s.index(), 1u);
    auto p = weft::select(meddler([&] { permits.release(); }), permits.acquire()).wait();
    EXPECT_EQ(p.index(), 1u);
  }
  EXPECT_EQ(tx.try_send(2).status, weft::status::full);
  EXPECT_EQ(full_rx.try_recv().status, weft::status::empty);
}

TEST(channel, an_end_that_was_moved_from_dies) {
  auto misuse = [] {
    auto [tx, rx] = weft::make_channel<int>(1);
    auto moved = std::move(tx);
    (void)tx.try_send(1);
  };
  EXPECT_DEATH(misuse(), "an end of a channel was used after it was moved from");
}

}  // namespace
