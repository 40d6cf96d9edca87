// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

template <class F>
std::string what_it_says(F f) {
  try {
    f();
  } catch (weft::misuse_error const& e) {
    return e.what();
  }
  return "";
}

// A mutex, a condition, and tasks that wait for it and note their name when they go on.
struct waiters {
  weft::mutex m{"door"};
  weft::condition c{"bell"};
  std::vector<int> order;
  weft_test::by_hand hand;

  weft::task<> wait_once(int name) {
    auto lock = co_await m.acquire();
    co_await c.wait(lock);
    EXPECT_TRUE(lock);
    EXPECT_FALSE(m.try_acquire());
    order.push_back(name);
  }
  void start(int name) {
    (void)hand.spawn([this](int n) { return wait_once(n); }, name);
    hand.turn();
  }
};

TEST(condition, lets_one_go_on_at_each_notification_in_the_order_they_came) {
  waiters w;
  for (int i = 0; i < 3; ++i) w.start(i);
  EXPECT_TRUE(w.m.try_acquire());
  w.hand.turn();
  EXPECT_TRUE(w.order.empty());
  w.c.notify_one();
  w.hand.turn();
  EXPECT_EQ(w.order, (std::vector{0}));
  w.c.notify_one();
  w.c.notify_one();
  w.hand.finish();
  EXPECT_EQ(w.order, (std::vector{0, 1, 2}));
}

TEST(condition, lets_all_go_on_that_wait_and_none_that_comes_later) {
  waiters w;
  for (int i = 0; i < 3; ++i) w.start(i);
  w.c.notify_all();
  w.start(3);
  w.hand.turn();
  EXPECT_EQ(w.order, (std::vector{0, 1, 2}));
  w.c.notify_one();
  w.hand.finish();
}

// Those who are notified while the mutex is held stay asleep: the unlock wakes them one by one.
TEST(condition, moves_those_it_notifies_to_the_queue_of_the_mutex) {
  waiters w;
  for (int i = 0; i < 2; ++i) w.start(i);
  auto lock = w.m.try_acquire();
  w.c.notify_all();
  EXPECT_FALSE(w.hand.on.poll());
  (void)w.hand.spawn([&]() -> weft::task<> {
    auto mine = co_await w.m.acquire();
    w.order.push_back(9);
  });
  w.hand.turn();
  lock.release();
  w.hand.finish();
  EXPECT_EQ(w.order, (std::vector{0, 1, 9}));
}

TEST(condition, a_notification_without_waiters_is_not_kept) {
  waiters w;
  w.c.notify_one();
  w.c.notify_all();
  w.start(0);
  w.hand.turn();
  EXPECT_TRUE(w.order.empty());
  w.c.notify_one();
  w.hand.finish();
}

TEST(condition, goes_on_when_the_predicate_holds) {
  waiters w;
  int asked = 0, stock = 0;
  auto body = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    auto op = w.c.wait(lock, [&] {
      ++asked;
      EXPECT_FALSE(w.m.try_acquire());
      return stock > 1;
    });
    co_await std::move(op);
    --stock;
  };
  (void)w.hand.spawn(body);
  w.hand.turn();
  EXPECT_EQ(asked, 1);
  stock = 1;
  w.c.notify_one();
  w.hand.turn();
  EXPECT_EQ(asked, 2);
  EXPECT_TRUE(w.m.try_acquire());
  stock = 2;
  w.c.notify_one();
  w.hand.finish();
  EXPECT_EQ(stock, 1);
  EXPECT_EQ(asked, 3);
}

TEST(condition, does_not_wait_if_the_predicate_holds_at_once) {
  weft::mutex m;
  weft::condition c;
  auto lock = m.try_acquire();
  c.wait(lock, [] { return true; }).wait();
  EXPECT_TRUE(lock);
}

TEST(condition, what_a_predicate_throws_is_the_waits_error_and_the_mutex_is_held) {
  waiters w;
  auto body = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    int asked = 0;
    try {
      auto op = w.c.wait(lock, [&] { return ++asked == 2 ? throw std::string("no") : false; });
      co_await std::move(op);
      ADD_FAILURE();
    } catch (std::string const&) {
    }
    EXPECT_TRUE(lock);
    EXPECT_FALSE(w.m.try_acquire());
  };
  (void)w.hand.spawn(body);
  w.hand.turn();
  w.c.notify_one();
  w.hand.finish();
  EXPECT_TRUE(w.m.try_acquire());
}

TEST(condition, a_thread_hears_of_it) {
  weft::mutex m;
  weft::condition c;
  int stock = 0;
  std::thread consumer([&] {
    for (int i = 0; i < 100; ++i) {
      auto lock = m.acquire().wait();
      c.wait(lock, [&] { return stock > 0; }).wait();
      --stock;
    }
  });
  for (int i = 0; i < 100; ++i) {
    auto lock = m.acquire().wait();
    ++stock;
    c.notify_one();
  }
  consumer.join();
  EXPECT_EQ(stock, 0);
}

TEST(condition, a_timeout_ends_with_the_mutex_held) {
  weft::mutex m;
  weft::condition c;
  auto lock = m.try_acquire();
  EXPECT_THROW((c.wait(lock) | weft::timeout(1ms)).wait(), weft::timeout_error);
  EXPECT_TRUE(lock);
  EXPECT_FALSE(m.try_acquire());
  lock.release();
  EXPECT_TRUE(m.try_acquire());
}

// A cancelled task takes the mutex back, though others have it, before its frames go.
TEST(condition, a_cancelled_wait_takes_the_mutex_back_first) {
  waiters w;
  auto s = weft::scope::root();
  bool ended = false;
  auto body = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    auto op = weft::as_result(w.c.wait(lock) | weft::with(s));
    auto const r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
    EXPECT_TRUE(lock);
    EXPECT_FALSE(w.m.try_acquire());
    ended = true;
  };
  (void)w.hand.spawn(body);
  w.hand.turn();
  auto lock = w.m.try_acquire();
  s.cancel();
  w.hand.turn();
  EXPECT_FALSE(ended);
  lock.release();
  w.hand.finish();
  EXPECT_TRUE(ended);
  EXPECT_TRUE(w.m.try_acquire());
}

TEST(condition, a_cancelled_task_unwinds_with_the_mutex_held) {
  waiters w;
  struct at_end {
    waiters& of;
    bool& held;
    ~at_end() { held = !of.m.try_acquire(); }
  };
  bool held = false;
  auto body = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    at_end const look{w, held};
    co_await w.c.wait(lock);
  };
  (void)w.hand.spawn(body);
  w.hand.turn();
  auto lock = w.m.try_acquire();
  w.hand.tasks.cancel("enough");
  w.hand.turn();
  EXPECT_EQ(w.hand.tasks.live(), 1u);
  lock.release();
  w.hand.finish();
  EXPECT_TRUE(held);
  EXPECT_TRUE(w.m.try_acquire());
}

TEST(condition, a_select_that_lost_it_holds_the_mutex) {
  waiters w;
  weft::gate g;
  auto body = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    auto op = weft::select(w.c.wait(lock), g.opened());
    auto const r = co_await std::move(op);
    EXPECT_EQ(r.index(), 1u);
    EXPECT_TRUE(lock);
    EXPECT_FALSE(w.m.try_acquire());
  };
  (void)w.hand.spawn(body);
  w.hand.turn();
  EXPECT_TRUE(w.m.try_acquire());
  g.open();
  w.hand.finish();
  w.c.notify_one();
}

// The first is notified, and is cancelled before it has the mutex: the second goes on instead.
TEST(condition, one_that_leaves_passes_its_notification_on) {
  waiters w;
  auto s = weft::scope::root();
  auto impatient = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    auto op = weft::as_result(w.c.wait(lock) | weft::with(s));
    auto const r = co_await std::move(op);
    EXPECT_TRUE(r.cancelled());
  };
  (void)w.hand.spawn(impatient);
  w.hand.turn();
  w.start(1);
  auto lock = w.m.try_acquire();
  w.c.notify_one();
  s.cancel();
  w.hand.turn();
  lock.release();
  w.hand.finish();
  EXPECT_EQ(w.order, (std::vector{1}));
}

// But not to one that began to wait after it was sent.
TEST(condition, a_notification_is_not_passed_on_to_one_that_came_later) {
  waiters w;
  auto s = weft::scope::root();
  auto impatient = [&]() -> weft::task<> {
    auto lock = co_await w.m.acquire();
    auto op = weft::as_result(w.c.wait(lock) | weft::with(s));
    (void)co_await std::move(op);
  };
  (void)w.hand.spawn(impatient);
  w.hand.turn();
  w.c.notify_one();  // it is woken, and has not run yet
  auto later = [&]() -> weft::task<> {
    auto lock = w.m.try_acquire();
    EXPECT_TRUE(lock);
    s.cancel();
    co_await w.c.wait(lock);
    w.order.push_back(2);
  };
  weft_test::by_hand other;
  (void)other.spawn(later);
  other.turn();
  w.hand.finish();
  other.turn();
  EXPECT_TRUE(w.order.empty());
  w.c.notify_one();
  other.finish();
  EXPECT_EQ(w.order, (std::vector{2}));
}

TEST(condition, a_wait_without_the_mutex_is_refused) {
  weft::mutex m;
  weft::condition c{"bell"};
  weft::mutex_guard none;
  auto said = what_it_says([&] { c.wait(none).wait(); });
  EXPECT_TRUE(has(said, "condition.cpp:")) << said;
  EXPECT_TRUE(has(said, "condition \"bell\" with a guard that holds no mutex")) << said;
  auto lock = m.try_acquire();
  auto op = c.wait(lock, [] { return true; });
  lock.release();
  said = what_it_says([&] { std::move(op).wait(); });
  EXPECT_TRUE(has(said, "holds no mutex")) << said;
}

TEST(condition, two_cases_of_a_select_with_one_guard_are_refused) {
  weft::mutex m;
  weft::condition a, b;
  auto lock = m.try_acquire();
  auto const said = what_it_says([&] { weft::select(a.wait(lock), b.wait(lock)).wait(); });
  EXPECT_TRUE(has(said, "one guard serves one wait at a time")) << said;
  EXPECT_TRUE(lock);
  EXPECT_FALSE(m.try_acquire());
}

TEST(condition, a_wait_with_another_mutex_than_the_others_is_refused) {
  waiters w;
  w.start(0);
  weft::mutex window{"window"};
  auto lock = window.try_acquire();
  auto said = what_it_says([&] { w.c.wait(lock).wait(); });
  EXPECT_TRUE(has(said,
                  "condition \"bell\" with mutex \"window\", while others wait for it with "
                  "mutex \"door\""))
      << said;
  EXPECT_TRUE(lock);
  EXPECT_FALSE(window.try_acquire());
  w.c.notify_one();
  w.hand.finish();
}

TEST(condition, a_predicate_that_waits_is_refused) {
  weft::mutex m;
  weft::condition c;
  weft::gate g;
  auto lock = m.try_acquire();
  auto const said = what_it_says([&] {
    c.wait(lock, [&] {
       g.opened().wait();
       return true;
     }).wait();
  });
  EXPECT_TRUE(has(said, "inside the predicate of a condition")) << said;
  g.open();
  g.opened().wait();
}

// A wait for a mutex that was locked without a guard.
TEST(mutex, is_adopted_by_the_task_that_locked_it) {
  waiters w;
  auto body = [&]() -> weft::task<> {
    auto key = co_await w.m.acquire();
    EXPECT_EQ(key.disown(), &w.m);
    EXPECT_FALSE(key);
    EXPECT_FALSE(w.m.try_acquire());
    auto again = w.m.adopt();
    co_await w.c.wait(again);
    EXPECT_EQ(again.disown(), &w.m);
    auto last = w.m.adopt();
  };
  (void)w.hand.spawn(body);
  w.hand.turn();
  EXPECT_TRUE(w.m.try_acquire());
  w.c.notify_one();
  w.hand.finish();
  EXPECT_TRUE(w.m.try_acquire());
}

TEST(mutex, is_adopted_by_nobody_else) {
  waiters w;
  auto said = what_it_says([&] { (void)w.m.adopt(); });
  EXPECT_TRUE(has(said, "mutex \"door\" is not held by the one that adopts it at")) << said;
  EXPECT_TRUE(has(said, "nobody holds it")) << said;
  auto lock = w.m.try_acquire();
  auto body = [&]() -> weft::task<> {
    auto const why = what_it_says([&] { (void)w.m.adopt(); });
    EXPECT_TRUE(has(why, "holds it, since condition.cpp:")) << why;
    co_return;
  };
  (void)w.hand.spawn(body);
  w.hand.finish();
  EXPECT_EQ(lock.disown(), &w.m);
  w.m.adopt().release();
  EXPECT_TRUE(w.m.try_acquire());
}

TEST(condition, destroyed_with_waiters_dies) {
  auto misuse = [] {
    weft_test::by_hand hand;
    weft::mutex m;
    auto c = std::make_unique<weft::condition>("bell");
    auto body = [&]() -> weft::task<> {
      auto lock = co_await m.acquire();
      co_await c->wait(lock);
    };
    (void)hand.spawn(body);
    hand.turn();
    c.reset();
  };
  EXPECT_DEATH(misuse(), "condition \"bell\" was destroyed while tasks wait for it");
}

}  // namespace
