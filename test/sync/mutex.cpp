// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

TEST(mutex, is_held_by_one) {
  weft::mutex m;
  auto guard = m.acquire().wait();
  EXPECT_TRUE(guard);
  EXPECT_FALSE(m.try_acquire());
  EXPECT_THROW((void)(m.acquire() | weft::timeout(1ms)).wait(), weft::timeout_error);
  guard.release();
  EXPECT_FALSE(guard);
  EXPECT_TRUE(m.try_acquire());
}

TEST(mutex, works_with_the_standard_guards_in_threads) {
  weft::mutex a, b;
  {
    std::scoped_lock both{a, b};
    EXPECT_FALSE(a.try_lock());
    EXPECT_FALSE(b.try_lock());
  }
  std::unique_lock one{a, std::try_to_lock};
  EXPECT_TRUE(one.owns_lock());
}

TEST(mutex_guard, gives_the_lock_back_when_it_is_replaced) {
  weft::mutex a, b;
  auto guard = a.try_acquire();
  guard = b.try_acquire();
  EXPECT_TRUE(a.try_acquire());
  auto moved = std::move(guard);
  EXPECT_FALSE(b.try_acquire());
}

TEST(mutex, wakes_one_task_at_each_unlock) {
  weft_test::by_hand hand;
  weft::mutex m;
  std::vector<int> order;
  auto body = [&](int name) -> weft::task<> {
    auto guard = co_await m.acquire();
    order.push_back(name);
  };
  auto guard = m.try_acquire();
  for (int i = 0; i < 3; ++i) {
    (void)hand.spawn(body, i);
    hand.turn();
  }
  guard.release();
  hand.finish();
  EXPECT_EQ(order, (std::vector{0, 1, 2}));
}

// The first waiter was told to try again and is cancelled instead, while a newcomer has the lock:
// the second waiter must hear of it when the newcomer lets go.
TEST(mutex, a_waiter_that_leaves_passes_its_turn_on_past_a_newcomer) {
  weft_test::by_hand hand;
  weft::mutex m;
  auto first = weft::scope::root();
  auto impatient = [&]() -> weft::task<> {
    auto op = weft::as_result(m.acquire() | weft::with(first));
    auto r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
  };
  bool got = false;
  auto patient = [&]() -> weft::task<> {
    auto guard = co_await m.acquire();
    got = true;
  };
  auto guard = m.try_acquire();
  (void)hand.spawn(impatient);
  hand.turn();
  (void)hand.spawn(patient);
  hand.turn();
  guard.release();
  guard = m.try_acquire();
  ASSERT_TRUE(guard);
  first.cancel();
  hand.turn();
  EXPECT_FALSE(got);
  guard.release();
  hand.turn();
  EXPECT_TRUE(got);
}

TEST(mutex, a_waiter_that_leaves_a_free_lock_wakes_the_next) {
  weft_test::by_hand hand;
  weft::mutex m;
  auto first = weft::scope::root();
  auto impatient = [&]() -> weft::task<> {
    auto op = weft::as_result(m.acquire() | weft::with(first));
    (void)co_await std::move(op);
  };
  auto patient = [&]() -> weft::task<> { auto guard = co_await m.acquire(); };
  auto guard = m.try_acquire();
  (void)hand.spawn(impatient);
  hand.turn();
  (void)hand.spawn(patient);
  hand.turn();
  guard.release();
  first.cancel();
  hand.finish();
}

TEST(mutex, a_select_that_lost_it_does_not_hold_it) {
  weft_test::by_hand hand;
  weft::mutex m;
  weft::gate g;
  auto body = [&]() -> weft::task<> {
    auto op = weft::select(m.acquire(), g.opened());
    auto r = co_await std::move(op);
    EXPECT_EQ(r.index(), 1u);
  };
  auto guard = m.try_acquire();
  (void)hand.spawn(body);
  hand.turn();
  g.open();
  hand.finish();
  guard.release();
  EXPECT_TRUE(m.try_acquire());
}

TEST(mutex, waiting_for_the_own_lock_is_a_deadlock) {
  weft_test::by_hand hand;
  weft::mutex m{"ledger"};
  auto body = [&]() -> weft::task<std::string> {
    auto guard = co_await m.acquire();
    try {
      auto again = co_await m.acquire();
    } catch (weft::deadlock_error const& e) {
      co_return e.what();
    }
    co_return "";
  };
  auto said = hand.spawn(body);
  hand.finish();
  auto const text = said.get().wait();
  EXPECT_TRUE(has(text, "waits for itself")) << text;
  EXPECT_TRUE(has(text, "mutex \"ledger\"")) << text;
  EXPECT_TRUE(has(text, "mutex.cpp:")) << text;
  EXPECT_TRUE(has(text, "same order")) << text;
  EXPECT_TRUE(m.try_acquire());
}

// `names.size()` tasks, each holding one lock and wanting the next one's.
std::vector<std::string> circle(weft_test::by_hand& hand, std::vector<char const*> const& names) {
  std::vector<std::unique_ptr<weft::mutex>> locks;
  for (auto* n : names) locks.push_back(std::make_unique<weft::mutex>(n));
  weft::gate all_hold;
  std::vector<std::string> said;
  auto body = [&](std::size_t i) -> weft::task<> {
    auto mine = co_await locks[i]->acquire();
    co_await all_hold.opened();
    try {
      auto next = co_await locks[(i + 1) % locks.size()]->acquire();
    } catch (weft::deadlock_error const& e) {
      said.emplace_back(e.what());
    }
  };
  for (std::size_t i = 0; i < locks.size(); ++i) (void)hand.spawn(body, i);
  hand.turn();
  all_hold.open();
  hand.finish();
  return said;
}

TEST(mutex, two_tasks_that_wait_for_each_other_are_told_once) {
  weft_test::by_hand hand;
  auto const said = circle(hand, {"accounts", "journal"});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(has(said[0], "2 tasks wait in a circle")) << said[0];
  EXPECT_TRUE(has(said[0], "\"accounts\"")) << said[0];
  EXPECT_TRUE(has(said[0], "\"journal\"")) << said[0];
}

TEST(mutex, three_tasks_in_a_circle_are_told_once) {
  weft_test::by_hand hand;
  auto const said = circle(hand, {"a", "b", "c"});
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(has(said[0], "3 tasks wait in a circle")) << said[0];
}

TEST(mutex, a_task_and_a_thread_that_wait_for_each_other_are_told_once) {
  weft::mutex a{"a"}, b{"b"};
  weft::gate thread_holds, task_holds;
  std::atomic<int> told{0};
  std::thread thread([&] {
    auto mine = b.acquire().wait();
    thread_holds.open();
    task_holds.opened().wait();
    try {
      auto next = a.acquire().wait();
    } catch (weft::deadlock_error const& e) {
      EXPECT_TRUE(has(e.what(), "wait in a circle")) << e.what();
      ++told;
    }
  });
  auto body = [&]() -> weft::task<> {
    auto mine = co_await a.acquire();
    task_holds.open();
    co_await thread_holds.opened();
    try {
      auto next = co_await b.acquire();
    } catch (weft::deadlock_error const&) {
      ++told;
    }
  };
  weft_test::by_hand hand;
  (void)hand.spawn(body);
  hand.finish();
  thread.join();
  EXPECT_EQ(told, 1);
}

TEST(mutex, a_wait_that_can_leave_by_itself_is_no_deadlock) {
  weft::mutex m;
  auto guard = m.try_acquire();
  EXPECT_THROW((void)(m.acquire() | weft::timeout(1ms)).wait(), weft::timeout_error);
}

TEST(mutex, is_not_locked_by_a_worker_that_would_block) {
  weft::mutex m;
  auto body = [&]() -> weft::task<std::string> {
    try {
      m.lock();
    } catch (weft::misuse_error const& e) {
      co_return e.what();
    }
    co_return "";
  };
  auto const text = weft::sync_wait(body());
  EXPECT_TRUE(has(text, "co_await")) << text;
  EXPECT_TRUE(has(text, "blocking")) << text;
  EXPECT_TRUE(has(text, "mutex.cpp:")) << text;
  EXPECT_TRUE(m.try_acquire());
}

TEST(mutex, destroyed_with_waiters_dies) {
  auto misuse = [] {
    weft_test::by_hand hand;
    auto m = std::make_unique<weft::mutex>("ledger");
    auto guard = m->try_acquire();
    auto body = [&]() -> weft::task<> { auto mine = co_await m->acquire(); };
    (void)hand.spawn(body);
    hand.turn();
    m.reset();
  };
  EXPECT_DEATH(misuse(), "mutex \"ledger\" was destroyed while tasks wait for it");
}

TEST(mutex, destroyed_while_it_is_held_dies) {
  auto misuse = [] {
    weft::mutex m{"ledger"};
    m.lock();
  };
  EXPECT_DEATH(misuse(), "mutex \"ledger\" was destroyed while it is held, since mutex.cpp:");
}

TEST(guarded, is_reached_through_its_lock_only) {
  weft::guarded<std::vector<int>> g{2u, 7};
  {
    auto key = g.acquire().wait();
    key->push_back(3);
    EXPECT_FALSE(g.try_acquire());
  }
  weft_test::by_hand hand;
  auto body = [&]() -> weft::task<std::size_t> {
    auto key = co_await g.acquire();
    co_return (*key).size();
  };
  auto size = hand.spawn(body);
  hand.finish();
  EXPECT_EQ(size.get().wait(), 3u);
  EXPECT_TRUE(g.try_acquire());
}

}  // namespace
