// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <weft/base/thread.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>

namespace {

using namespace std::chrono_literals;

TEST(after, commits_once_its_time_has_come) {
  auto const start = weft::clock::now();
  weft::after(2ms).wait();
  EXPECT_GE(weft::clock::now() - start, 2ms);
  weft::after(0s).wait();
  weft::until(start).wait();
  weft::until(weft::clock::now() + 1ms).wait();
}

TEST(after, a_task_sleeps_too) {
  weft_test::by_hand hand;
  auto const start = weft::clock::now();
  auto body = []() -> weft::task<> { co_await weft::after(2ms); };
  (void)hand.spawn(body);
  hand.finish();
  EXPECT_GE(weft::clock::now() - start, 2ms);
}

TEST(after, that_lost_is_disarmed) {
  weft_test::by_hand hand;
  weft::gate g;
  auto body = [&]() -> weft::task<std::size_t> {
    auto op = weft::select(weft::after(1h), g.opened());
    auto r = co_await std::move(op);
    co_return r.index();
  };
  auto which = hand.spawn(body);
  hand.turn();
  g.open();
  hand.finish();
  EXPECT_EQ(which.get().wait(), 1u);
}

// Two timers of one wait expire in one round of the clock.
TEST(timeout, several_in_one_wait_expire_together) {
  weft_test::by_hand hand;
  weft::gate a, b;
  int failed = 0;
  auto body = [&]() -> weft::task<> {
    for (int i = 0; i < 50; ++i) {
      auto op = weft::as_result(weft::select(a.opened() | weft::timeout(50us),
                                             b.opened() | weft::timeout(50us), weft::after(1h)));
      auto r = co_await std::move(op);
      failed += r.failed() ? 1 : 0;
    }
  };
  for (int i = 0; i < 4; ++i) (void)hand.spawn(body);
  hand.finish();
  EXPECT_EQ(failed, 200);
}

TEST(timeout, several_in_one_wait_of_a_thread_expire_together) {
  weft::gate g;
  for (int i = 0; i < 20; ++i) {
    EXPECT_THROW((g.opened() | weft::timeout(50us) | weft::timeout(50us)).wait(),
                 weft::timeout_error);
  }
}

TEST(timeout, says_what_it_waited_for) {
  auto [tx, rx] = weft::make_channel<int>(0, "orders");
  try {
    (void)(rx.recv() | weft::timeout(1ms)).wait();
    FAIL();
  } catch (weft::timeout_error const& e) {
    EXPECT_STREQ(e.what(), "timed out after 0.001 s, waiting for recv of \"orders\"");
    EXPECT_EQ(e.code(), weft::errc::timed_out);
  }
}

TEST(timeout, of_nothing_still_commits_what_is_ready) {
  auto [tx, rx] = weft::make_channel<int>(1);
  EXPECT_TRUE(tx.try_send(1));
  EXPECT_EQ((rx.recv() | weft::timeout(0s)).wait(), 1);
  EXPECT_THROW((void)(rx.recv() | weft::timeout(0s)).wait(), weft::timeout_error);
  EXPECT_TRUE(tx.try_send(2)) << "the wait that timed out took nothing";
}

TEST(then, gets_the_result_in_the_waiter) {
  auto [tx, rx] = weft::make_channel<int>(1);
  EXPECT_TRUE(tx.try_send(20));
  auto* const here = weft::this_thread();
  auto text = (rx.recv() | weft::then([&](std::optional<int> v) {
                 EXPECT_EQ(weft::this_thread(), here);
                 EXPECT_TRUE(tx.try_send(1)) << "no lock is held";
                 return std::to_string(*v + 1);
               })).wait();
  EXPECT_EQ(text, "21");
  weft::gate g;
  g.open();
  int called = 0;
  (g.opened() | weft::then([&] { ++called; }) | weft::then([&] { ++called; })).wait();
  EXPECT_EQ(called, 2);
}

TEST(then, an_error_of_the_function_is_the_operations) {
  weft::gate g;
  g.open();
  auto op = g.opened() | weft::then([]() -> int { throw std::domain_error("no"); });
  EXPECT_THROW((void)std::move(op).wait(), std::domain_error);
}

TEST(select, gives_a_variant_by_position) {
  auto [tx, rx] = weft::make_channel<std::string>(1);
  weft::gate g;
  EXPECT_TRUE(tx.try_send("hello"));
  auto r = weft::select(g.opened(), rx.recv(), weft::after(1h)).wait();
  using expected = std::variant<std::monostate, std::optional<std::string>, std::monostate>;
  static_assert(std::is_same_v<decltype(r), expected>);
  ASSERT_EQ(r.index(), 1u);
  EXPECT_EQ(std::get<1>(r), "hello");
}

TEST(select, tries_the_cases_in_any_order) {
  weft::gate a, b, c;
  a.open();
  b.open();
  c.open();
  std::size_t times[3] = {};
  for (int i = 0; i < 600; ++i)
    ++times[weft::select(a.opened(), b.opened(), c.opened()).wait().index()];
  for (auto n : times) EXPECT_GT(n, 100u);
}

TEST(select, what_lost_has_no_effect) {
  auto [tx, rx] = weft::make_channel<int>(2);
  auto [full_tx, full_rx] = weft::make_channel<std::unique_ptr<int>>(0);
  weft::gate g;
  weft::mutex m;
  auto guard = m.try_acquire();
  weft_test::by_hand hand;
  auto body = [&]() -> weft::task<std::size_t> {
    auto op = weft::select(rx.recv(), full_tx.send(std::make_unique<int>(1)), m.acquire(),
                           g.opened(), weft::after(1h));
    auto r = co_await std::move(op);
    co_return r.index();
  };
  auto which = hand.spawn(body);
  hand.turn();
  g.open();
  hand.finish();
  EXPECT_EQ(which.get().wait(), 3u);
  EXPECT_TRUE(tx.try_send(1));
  EXPECT_EQ(tx.size(), 1u);
  EXPECT_EQ(full_rx.try_recv().status, weft::status::empty);
  guard.release();
  EXPECT_TRUE(m.try_acquire());
}

TEST(select, nests) {
  auto [tx, rx] = weft::make_channel<int>(1);
  weft::gate g;
  EXPECT_TRUE(tx.try_send(5));
  auto r = weft::select(g.opened(), weft::select(weft::after(1h), rx.recv())).wait();
  ASSERT_EQ(r.index(), 1u);
  EXPECT_EQ(std::get<1>(std::get<1>(r)), 5);
}

TEST(race, gives_the_common_type) {
  auto [a, ra] = weft::make_channel<int>(1);
  auto [b, rb] = weft::make_channel<long>(1);
  auto const value = [](auto v) { return *v; };
  EXPECT_TRUE(b.try_send(7));
  auto v = weft::race(ra.recv() | weft::then(value), rb.recv() | weft::then(value)).wait();
  static_assert(std::is_same_v<decltype(v), long>);
  EXPECT_EQ(v, 7);
}

TEST(with, is_a_boundary_that_throws_the_reason) {
  auto s = weft::scope::root();
  weft::gate g;
  s.cancel("the user left");
  try {
    (g.opened() | weft::with(s)).wait();
    FAIL();
  } catch (weft::cancelled const& e) {
    EXPECT_EQ(e.reason(), "the user left");
  }
  g.open();
  (g.opened() | weft::with(s)).wait();  // what is ready commits
}

TEST(with, wakes_a_wait_that_sleeps) {
  auto s = weft::scope::root();
  weft::gate g;
  std::thread canceller([&] {
    weft::after(2ms).wait();
    s.cancel("enough");
  });
  EXPECT_THROW((g.opened() | weft::with(s)).wait(), weft::cancelled);
  canceller.join();
}

TEST(with, gives_timeout_error_when_the_deadline_of_the_scope_has_passed) {
  auto s = weft::scope::root();
  s.cancel_after(2ms);
  weft::gate g;
  EXPECT_THROW((g.opened() | weft::with(s)).wait(), weft::timeout_error);
  EXPECT_TRUE(s.cancelled());
}

TEST(with, only_the_scope_given_is_the_boundary) {
  weft_test::by_hand hand;
  auto inner = weft::scope::root();
  weft::gate g;
  bool caught = false;
  auto body = [&]() -> weft::task<> {
    try {
      co_await (g.opened() | weft::with(inner));
    } catch (...) {
      caught = true;
    }
  };
  auto f = hand.spawn(body);
  hand.turn();
  hand.tasks.cancel("all of it");
  hand.finish();
  EXPECT_FALSE(caught) << "an ambient cancellation is no exception";
  EXPECT_THROW(f.get().wait(), weft::cancelled);
}

TEST(as_result, turns_every_end_into_a_value) {
  auto [tx, rx] = weft::make_channel<int>(1);
  EXPECT_TRUE(tx.try_send(1));
  auto value = weft::as_result(rx.recv()).wait();
  ASSERT_TRUE(value);
  EXPECT_EQ(**value, 1);

  auto late = weft::as_result(rx.recv() | weft::timeout(0s)).wait();
  ASSERT_TRUE(late.failed());
  EXPECT_THROW((void)std::move(late).value(), weft::timeout_error);

  auto s = weft::scope::root();
  s.cancel("no more");
  auto stopped = weft::as_result(rx.recv() | weft::with(s)).wait();
  ASSERT_TRUE(stopped.cancelled());
  EXPECT_EQ(stopped.reason(), "no more");
  EXPECT_THROW((void)std::move(stopped).value(), weft::cancelled);
}

TEST(as_result, takes_an_ambient_cancellation_as_a_value) {
  weft_test::by_hand hand;
  weft::gate g;
  std::string reason;
  auto body = [&]() -> weft::task<> {
    auto op = weft::as_result(g.opened());
    auto r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
    reason = r.reason();
  };
  (void)hand.spawn(body);
  hand.turn();
  hand.tasks.cancel("closing time");
  hand.finish();
  EXPECT_EQ(reason, "closing time");
}

TEST(operation, used_twice_dies) {
  auto misuse = [] {
    weft::gate g;
    g.open();
    auto op = g.opened();
    std::move(op).wait();
    std::move(op).wait();
  };
  EXPECT_DEATH(misuse(), "an operation was used twice");
}

TEST(operation, does_not_block_a_worker_even_when_it_would_not_have_waited) {
  weft::gate g;
  g.open();
  auto body = [&]() -> weft::task<std::string> {
    try {
      g.opened().wait();
    } catch (weft::misuse_error const& e) {
      co_return e.what();
    }
    co_return "";
  };
  std::string const text = weft::sync_wait(body());
  EXPECT_NE(text.find("co_await"), text.npos) << text;
  EXPECT_NE(text.find("blocking"), text.npos) << text;
  EXPECT_NE(text.find("compose.cpp:"), text.npos) << text;
}

}  // namespace
