// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/sync/mutex.cpp.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <mutex>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

constexpr int turns = weft::atoms::tiny ? 1 : 3;

// One at a time, and each sees what the one before wrote.
void mutual_exclusion(auto& run) {
  weft::mutex m;
  shared count = 0;
  auto const add = [&] {
    for (int i = 0; i < turns; ++i) {
      auto const guard = m.acquire().wait();
      count = count + 1;
    }
  };
  run(add, add);
  expect_equal(static_cast<int>(count), 2 * turns);
}

// The same for one that does not wait.
void an_attempt(auto& run) {
  weft::mutex m;
  shared count = 0;
  int expected = 1;
  run(
      [&] {
        std::scoped_lock const hold{m};
        count = count + 1;
      },
      [&] {
        auto const guard = m.try_acquire();
        if (!guard) return;
        ++expected;
        count = count + 1;
      });
  expect_equal(static_cast<int>(count), expected);
}

// A lock that is held, and tasks that wait for it.
class held_lock {
 public:
  weft::mutex m;
  weft::mutex_guard guard = m.try_acquire();
  shared count = 0;
  int served = 0;

  // Waits for it in a scope of its own.
  void wait_in(weft::scope s) {
    (void)tasks_.spawn([this, s]() -> weft::task<> {
      auto op = weft::as_result(m.acquire() | weft::with(s));
      auto const r = co_await std::move(op);
      if (r) took();
    });
  }
  void wait() {
    (void)tasks_.spawn([this]() -> weft::task<> {
      auto op = m.acquire();
      auto const mine = co_await std::move(op);
      took();
    });
  }
  auto unlock() {
    return in_turn([this] {
      count = count + 1;
      guard.release();
    });
  }
  // One that comes by.
  auto attempt() {
    return in_turn([this] {
      if (auto const mine = m.try_acquire()) took();
    });
  }
  void check(int at_least) {
    expect_equal(tasks_.live(), 0u);
    expect(served >= at_least);
    expect_equal(static_cast<int>(count), 1 + served);
    expect(bool(m.try_acquire()));
  }

 private:
  void took() {
    count = count + 1;
    ++served;
  }
  moving_tasks tasks_;
};

// I1, I2: a waiter hangs itself up while the holder lets go.
void a_waiter_against_the_unlock(auto& run) {
  held_lock l;
  run(in_turn([&] { l.wait(); }), l.unlock());
  l.check(1);
}

// I1, I2: two of them.
void two_waiters_against_the_unlock(auto& run) {
  held_lock l;
  run(in_turn([&] { l.wait(); }), in_turn([&] { l.wait(); }), l.unlock());
  l.check(2);
}

// I2: the one that was nudged competes with a newcomer; both are served.
void a_newcomer_against_the_one_nudged(auto& run) {
  held_lock l;
  l.wait();
  run(l.unlock(), l.attempt());
  l.check(1);
}

// I3: the waiter that was nudged is cancelled; the next one is served.
void a_waiter_that_is_cancelled(auto& run) {
  held_lock l;
  auto s = weft::scope::root();
  l.wait_in(s);
  l.wait();
  run(l.unlock(), in_turn([&] { s.cancel(); }));
  l.check(1);
}

// I3: and somebody takes the lock meanwhile.
void a_waiter_that_is_cancelled_and_a_newcomer(auto& run) {
  held_lock l;
  auto s = weft::scope::root();
  l.wait_in(s);
  l.wait();
  run(l.unlock(), in_turn([&] { s.cancel(); }), l.attempt());
  l.check(1);
}

// I3: a waiter leaves by itself, and passes on what it was nudged for.
void a_waiter_that_leaves(auto& run) {
  weft::mutex m;
  auto guard = m.try_acquire();
  bool served = false;
  run([&] { (void)weft::as_result(m.acquire() | weft::timeout(5us)).wait(); },
      [&] { served = bool(m.acquire().wait()); }, [&] { guard.release(); });
  expect(served);
}

// The last of those that use an object destroys it, and the mutex in it, right after it unlocked.
void the_last_holder_destroys_it(auto& run) {
  struct object {
    weft::mutex m;
    int users = 2;
  };
  auto* const s = new object;
  auto const use = [s] {
    s->m.lock();
    bool const last = --s->users == 0;
    s->m.unlock();
    if (last) delete s;
  };
  run(use, use);
}

// Two locks in two orders: one of the two learns of the deadlock, and the other gets both.
void a_circle(auto& run) {
  weft::mutex a, b;
  int failed = 0, done = 0;
  auto const both = [&](weft::mutex& first, weft::mutex& second) {
    return [&] {
      try {
        std::unique_lock const outer{first};
        std::unique_lock const inner{second};
        ++done;
      } catch (weft::deadlock_error const&) {
        ++failed;
      }
    };
  };
  run(both(a, b), both(b, a));
  expect_equal(done + failed, 2);
  expect(failed <= 1);
}

}  // namespace

weft_test::scenarios const weft_test::mutex_scenarios{
    WEFT_SCENARIO(an_attempt),
    WEFT_SCENARIO(a_newcomer_against_the_one_nudged),
    WEFT_SCENARIO(a_waiter_that_is_cancelled),
    WEFT_SCENARIO(a_waiter_against_the_unlock),
    WEFT_SCENARIO(mutual_exclusion),
    WEFT_SCENARIO(the_last_holder_destroys_it),
    WEFT_SCENARIO(a_waiter_that_is_cancelled_and_a_newcomer, .preemptions = 0),
    WEFT_SCENARIO(a_circle),
    WEFT_SCENARIO(two_waiters_against_the_unlock, .preemptions = 1),
    WEFT_SCENARIO(a_waiter_that_leaves, .preemptions = 1),
};

static bool const registered =
    weft_test::register_scenarios("mutex_model", weft_test::mutex_scenarios, __FILE__);
