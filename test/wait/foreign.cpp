// SPDX-License-Identifier: Apache-2.0
// Operations awaited by coroutines whose promise is not weft's.
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <coroutine>
#include <string>

namespace {

using namespace std::chrono_literals;

// Starts at once, ends by itself, knows nothing of weft.
struct eager {
  struct promise_type {
    eager get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

// Has a second way to end.
struct stoppable {
  struct promise_type {
    explicit promise_type(int& s) noexcept : stopped(&s) {}
    template <class... Args>
    explicit promise_type(int& s, Args&&...) noexcept : stopped(&s) {}
    stoppable get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
    std::coroutine_handle<> unhandled_stopped() noexcept {
      ++*stopped;
      std::coroutine_handle<promise_type>::from_promise(*this).destroy();
      return std::noop_coroutine();
    }
    int* stopped;
  };
};

struct counts_destruction {
  int& to;
  ~counts_destruction() { ++to; }
};

// What the tests await, from inside a task, so that there is an executor and a scope.
template <class Start>
void run_inside(weft_test::by_hand& hand, Start start) {
  auto body = [start]() -> weft::task<> {
    start();
    co_return;
  };
  (void)hand.spawn(body);
  hand.turn();
}

eager receives(weft::receiver<int>& rx, std::string& got) {
  auto first = co_await rx.recv();
  got = first ? std::to_string(*first) : "closed";
  auto op = rx.recv() | weft::timeout(1h);
  auto second = co_await std::move(op);
  got += second ? std::to_string(*second) : " closed";
}

TEST(foreign, a_coroutine_waits_and_goes_on_on_the_executor_it_started_on) {
  weft_test::by_hand hand;
  auto [tx, rx] = weft::make_channel<int>(1);
  std::string got;
  EXPECT_TRUE(tx.try_send(1));
  run_inside(hand, [&] { receives(rx, got); });
  EXPECT_EQ(got, "1") << "what is ready does not suspend";
  tx.close();
  EXPECT_EQ(got, "1");
  hand.turn();
  EXPECT_EQ(got, "1 closed");
}

eager waits_or_catches(weft::gate& g, std::string& said) {
  try {
    co_await g.opened();
    said = "open";
  } catch (weft::cancelled const& e) {
    said = e.reason();
  }
}

TEST(foreign, a_promise_without_a_stopped_path_gets_an_exception) {
  weft_test::by_hand hand;
  weft::gate g;
  std::string said;
  run_inside(hand, [&] { waits_or_catches(g, said); });
  hand.tasks.cancel("no more");
  hand.turn();
  EXPECT_EQ(said, "no more");
}

TEST(foreign, a_wait_in_a_scope_cancelled_before_throws_at_once) {
  weft_test::by_hand hand;
  weft::gate g;
  std::string said;
  run_inside(hand, [&] {
    hand.tasks.cancel("too late");
    waits_or_catches(g, said);
  });
  EXPECT_EQ(said, "too late");
}

stoppable waits_or_stops(int&, weft::gate& g, int& destroyed, bool& went_on) {
  counts_destruction d{destroyed};
  try {
    co_await g.opened();
    went_on = true;
  } catch (...) {
    went_on = true;
  }
}

TEST(foreign, a_promise_with_a_stopped_path_takes_it) {
  weft_test::by_hand hand;
  weft::gate g;
  int stopped = 0, destroyed = 0;
  bool went_on = false;
  run_inside(hand, [&] { waits_or_stops(stopped, g, destroyed, went_on); });
  EXPECT_EQ(stopped, 0);
  hand.tasks.cancel();
  hand.turn();
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(destroyed, 1);
  EXPECT_FALSE(went_on);
}

TEST(foreign, a_stopped_path_is_taken_at_once_in_a_cancelled_scope) {
  weft_test::by_hand hand;
  weft::gate g;
  int stopped = 0, destroyed = 0;
  bool went_on = false;
  run_inside(hand, [&] {
    hand.tasks.cancel();
    waits_or_stops(stopped, g, destroyed, went_on);
  });
  EXPECT_EQ(stopped, 1);
  EXPECT_EQ(destroyed, 1);
  EXPECT_FALSE(went_on);
}

eager takes_a_result(weft::gate& g, std::string& said) {
  auto op = weft::as_result(g.opened());
  auto r = co_await std::move(op);
  said = r.cancelled() ? "cancelled" : "open";
}

TEST(foreign, as_result_is_a_value_there_too) {
  weft_test::by_hand hand;
  weft::gate g;
  std::string said;
  run_inside(hand, [&] { takes_a_result(g, said); });
  hand.tasks.cancel();
  hand.turn();
  EXPECT_EQ(said, "cancelled");
}

TEST(foreign, in_a_plain_thread_a_coroutine_goes_on_on_the_default_runtime) {
  weft::gate g, done;
  std::string said;
  auto waits = [](weft::gate& on, weft::gate& then, std::string& to) -> eager {
    co_await on.opened();
    to = "open";
    then.open();
  };
  waits(g, done, said);
  g.open();
  done.opened().wait();
  EXPECT_EQ(said, "open");
}

}  // namespace
