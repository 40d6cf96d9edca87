// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/sync/mutex.cpp.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>
#include <mutex>

#if defined(WEFT_MODEL)
#include "mutex_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

constexpr int turns = weft::atoms::tiny ? 1 : 3;

// A lock that is held, and tasks that wait for it.
template <class Mutex>
class held_lock {
 public:
  Mutex m;
  decltype(std::declval<Mutex&>().try_acquire()) guard = m.try_acquire();
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
  // One that comes by, and does something if it has the lock.
  template <class F>
  auto attempt(F meanwhile) {
    return in_turn([this, meanwhile] {
      auto const mine = m.try_acquire();
      if (!mine) return;
      meanwhile();
      took();
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

template <class Mutex>
struct with {
  // One at a time, and each sees what the one before wrote.
  static void mutual_exclusion(auto& run) {
    Mutex m;
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
  static void an_attempt(auto& run) {
    Mutex m;
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

  // I1, I2: a waiter hangs itself up while the holder lets go.
  static void a_waiter_against_the_unlock(auto& run) {
    held_lock<Mutex> l;
    run(in_turn([&] { l.wait(); }), l.unlock());
    l.check(1);
  }

  // I1, I2: one more, behind one that hangs there.
  static void two_waiters_against_the_unlock(auto& run) {
    held_lock<Mutex> l;
    l.wait();
    run(in_turn([&] { l.wait(); }), l.unlock());
    l.check(2);
  }

  // I2: the one that was nudged competes with a newcomer; both are served.
  static void a_newcomer_against_the_one_nudged(auto& run) {
    held_lock<Mutex> l;
    l.wait();
    run(l.unlock(), l.attempt([] {}));
    l.check(1);
  }

  // I3: the waiter that was nudged is cancelled; the next one is served.
  static void a_waiter_that_is_cancelled(auto& run) {
    held_lock<Mutex> l;
    auto s = weft::scope::root();
    l.wait_in(s);
    l.wait();
    run(l.unlock(), in_turn([&] { s.cancel(); }));
    l.check(1);
  }

  // I3: and somebody has taken the lock meanwhile: it is that one's unlock that serves the next.
  static void a_waiter_that_is_cancelled_by_a_newcomer(auto& run) {
    held_lock<Mutex> l;
    auto s = weft::scope::root();
    l.wait_in(s);
    l.wait();
    run(l.unlock(), l.attempt([&] { s.cancel(); }));
    l.check(1);
  }

  // I3: a waiter leaves by itself, and passes on what it was nudged for.
  static void a_waiter_that_leaves(auto& run) {
    Mutex m;
    auto guard = m.try_acquire();
    bool served = false;
    run([&] { (void)weft::as_result(m.acquire() | weft::timeout(5us)).wait(); },
        [&] { served = bool(m.acquire().wait()); }, [&] { guard.release(); });
    expect(served);
  }

  // The last of those that use an object destroys it, and the mutex in it, right after it unlocked.
  static void the_last_holder_destroys_it(auto& run) {
    struct object {
      Mutex m;
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

  // One that waited in vain comes again, takes it and is the last one: the unlock that made that
  // possible may not be over yet.
  static void one_that_gave_up_destroys_it(auto& run) {
    struct object {
      Mutex m;
      int users = 2;
    };
    auto s = std::make_unique<object>();
    auto* const m = &s->m;
    auto const last_use = [&s] { return --s->users == 0; };
    (void)m->try_lock();
    run(
        [&] {
          bool const last = last_use();
          m->unlock();
          if (last) s.reset();
        },
        [&] {
          (void)weft::as_result(m->acquire() | weft::timeout(5us)).wait();
          if (!m->try_lock()) return;
          bool const last = last_use();
          m->unlock();
          if (last) s.reset();
        });
  }

  // Two locks in two orders: one of the two learns of the deadlock, and the other gets both.
  static void a_circle(auto& run) {
    Mutex a, b;
    int failed = 0, done = 0;
    auto const both = [&](Mutex& first, Mutex& second) {
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

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(an_attempt, .at_least = 160),
        WEFT_SCENARIO(a_newcomer_against_the_one_nudged, .at_least = 16),
        WEFT_SCENARIO(a_waiter_against_the_unlock, .at_least = 23),
        WEFT_SCENARIO(mutual_exclusion, .at_least = 320),
        WEFT_SCENARIO(the_last_holder_destroys_it, .at_least = 320),
        WEFT_SCENARIO(a_waiter_that_is_cancelled_by_a_newcomer, .at_least = 25000),
        WEFT_SCENARIO(a_waiter_that_is_cancelled, .at_least = 1500),
        WEFT_SCENARIO(one_that_gave_up_destroys_it, .at_least = 47),
        WEFT_SCENARIO(two_waiters_against_the_unlock, .at_least = 6000),
        WEFT_SCENARIO(a_circle, .at_least = 11000),
        WEFT_SCENARIO(a_waiter_that_leaves, .at_least = 3900, .preemptions = 1),
    };
  }
};

auto const all = with<weft::mutex>::all();
bool const registered = weft_test::register_scenarios("mutex_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(mutex_model, orders) { weft_test::audit_orders(all, {"sync/mutex.hpp", "sync/mutex.cpp"}); }

template <class Mutex>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Mutex>::all());
}

TEST(mutex_model, mutants) {
  weft_test::hunt(
      all,
      {{"whoever takes it does not acquire", mutation::weaken,
        "word_.compare_exchange_strong(nobody"},
       {"two take it at once", mutation::tear, "word_.compare_exchange_strong(nobody"},
       {"an unlock does not release", mutation::weaken, "word_.compare_exchange_strong(seen, free"},
       {"an unlock with waiters does not release", mutation::weaken, "word_.store(free"},
       {"an unlock with waiters leaves it held", mutation::skip, "word_.store(free"},
       {.name = "a waiter does not say that it waits (I1)",
        .variant = variant<weft::waits_unsaid::mutex>()},
       {.name = "a waiter takes it as if nobody waited (I1)",
        .variant = variant<weft::takes_as_held::mutex>()},
       {.name = "an unlock wakes nobody (I2)", .variant = variant<weft::unlocks_silently::mutex>()},
       {.name = "an unlock frees it, then takes the list's lock (I2)",
        .variant = variant<weft::frees_outside_lock::mutex>()},
       {.name = "the destructor does not take the list's lock",
        .variant = variant<weft::destroyed_without_lock::mutex>()},
       {.name = "one that leaves does not pass its nudge on (I3)",
        .variant = variant<weft::keeps_the_nudge::mutex>()},
       {.name = "one that leaves does not say that others wait (I3)",
        .variant = variant<weft::passes_on_unsaid::mutex>()},
       {.name = "a waiter takes it, then claims its wait",
        .variant = variant<weft::takes_unclaimed_lock::mutex>()},
       {.name = "a waiter that came too late keeps its claim",
        .variant = variant<weft::keeps_its_claim::mutex>()}});
}

#endif

}  // namespace
