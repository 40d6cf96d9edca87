// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/sync/condition.cpp.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>

#if defined(WEFT_MODEL)
#include "condition_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

// A mutex, a condition, tasks that wait for it, and what all of them change under the mutex.
template <class Condition, class Mutex>
class world {
 public:
  Mutex m;
  std::unique_ptr<Condition> owned = std::make_unique<Condition>();
  Condition& c = *owned;
  shared count = 0;
  int served = 0, left = 0;
  weft::context* last = nullptr;  // that began to wait

  // Waits for one notification, in a scope of its own.
  weft::scope wait() {
    auto in = weft::scope::root();
    (void)tasks_.spawn([this, in]() -> weft::task<> {
      auto first = m.acquire();
      auto lock = co_await std::move(first);
      last = &weft::current_context();
      auto op = weft::as_result(c.wait(lock) | weft::with(in));
      auto const r = co_await std::move(op);
      expect(bool(lock));
      count = count + 1;
      ++(r ? served : left);
    });
    return in;
  }
  // Waits until there is something to take.
  void take() {
    (void)tasks_.spawn([this]() -> weft::task<> {
      auto first = m.acquire();
      auto lock = co_await std::move(first);
      auto op = c.wait(lock, [this] { return count > 0; });
      co_await std::move(op);
      expect(count > 0);
      count = count - 1;
      ++served;
    });
  }
  // The only waiter destroys the condition.
  void wait_and_destroy() {
    (void)tasks_.spawn([this]() -> weft::task<> {
      auto first = m.acquire();
      auto lock = co_await std::move(first);
      auto op = c.wait(lock);
      co_await std::move(op);
      owned.reset();
      ++served;
    });
  }
  // One that comes by and changes something, if the mutex is free.
  template <class F>
  auto attempt(F meanwhile) {
    return in_turn([this, meanwhile] {
      auto const lock = m.try_acquire();
      if (!lock) return;
      count = count + 1;
      meanwhile();
    });
  }
  auto notify_one() {
    return in_turn([this] { c.notify_one(); });
  }
  [[nodiscard]] std::size_t live() const { return tasks_.live(); }
  // All have ended, and nobody has the mutex.
  void check(int most) {
    expect_equal(live(), 0u);
    expect_equal(served + left, most);
    expect(bool(m.try_acquire()));
  }

 private:
  moving_tasks tasks_;
};

template <class Condition, class Mutex>
struct with {
  using world = ::world<Condition, Mutex>;

  // C1: what is changed under the mutex is seen by the predicate, or notified of.
  static void a_change_against_a_wait(auto& run) {
    Mutex m;
    Condition c;
    shared there = 0;
    run(
        [&] {
          auto lock = m.acquire().wait();
          c.wait(lock, [&] { return there == 1; }).wait();
          there = 2;
        },
        [&] {
          {
            auto const lock = m.acquire().wait();
            there = 1;
          }
          c.notify_one();
        });
    expect_equal(static_cast<int>(there), 2);
  }

  // C2: a task hangs there; it is notified while another one comes and goes with the mutex.
  static void a_notification_against_a_holder(auto& run) {
    world w;
    (void)w.wait();
    run(w.notify_one(), w.attempt([] {}));
    w.check(1);
  }

  // C1, C2: one comes to wait while another one, that waits, is notified.
  static void a_notification_against_a_newcomer(auto& run) {
    world w;
    (void)w.wait();
    run(w.notify_one(), in_turn([&] { (void)w.wait(); }));
    expect_equal(w.served, 1);
    w.notify_one()();
    w.check(2);
  }

  // C2: two are notified, and go on one after the other, by whoever lets the mutex go.
  static void all_are_notified(auto& run) {
    world w;
    (void)w.wait();
    (void)w.wait();
    run(w.attempt([&] { w.c.notify_all(); }), w.attempt([] {}));
    if (w.live() != 0) in_turn([&] { w.c.notify_all(); })();
    w.check(2);
  }

  // C2: the same without the mutex, against one that has it for a moment.
  static void all_are_notified_from_outside(auto& run) {
    world w;
    (void)w.wait();
    (void)w.wait();
    run(in_turn([&] { w.c.notify_all(); }), w.attempt([] {}));
    w.check(2);
  }

  // C3: two things come, for two that take one each; either may be asked in vain.
  static void a_predicate_that_is_asked_again(auto& run) {
    world w;
    w.take();
    w.take();
    auto give = in_turn([&] {
      w.m.lock();
      w.count = w.count + 1;
      w.m.unlock();
      w.c.notify_all();
    });
    auto other = give;
    run(give, other);
    w.check(2);
    expect_equal(static_cast<int>(w.count), 0);
  }

  // C3: one that is told to try again, as a timer does, has heard nothing.
  static void a_nudge_is_no_notification(auto& run) {
    world w;
    (void)w.wait();
    run(in_turn([&] { w.last->nudge(); }), w.attempt([] {}));
    expect_equal(w.live(), 1u);
    w.notify_one()();
    w.check(1);
  }

  // C4: the first is cancelled while one of the two is notified: somebody hears of it.
  static void a_cancelled_one_against_its_notification(auto& run) {
    world w;
    auto first = w.wait();
    (void)w.wait();
    run(w.notify_one(), in_turn([&] { first.cancel(); }));
    expect_equal(w.served, 1);
    if (w.live() != 0) w.notify_one()();
    expect_equal(w.served + w.left, 2);
    w.check(2);
  }

  // C4: one that began to wait after the notification does not hear of it.
  static void a_notification_is_not_for_those_who_come_later(auto& run) {
    world w;
    auto first = w.wait();
    run(in_turn([&] {
          w.c.notify_one();
          (void)w.wait();
        }),
        in_turn([&] { first.cancel(); }));
    expect_equal(w.live(), 1u);
    w.notify_one()();
    w.check(2);
  }

  // C5: one is cancelled while others have the mutex: it goes on when it has it again.
  static void a_cancelled_one_against_a_holder(auto& run) {
    world w;
    auto first = w.wait();
    run(in_turn([&] { first.cancel(); }), w.attempt([] {}));
    expect_equal(w.left, 1);
    w.check(1);
  }

  // C4, C5: a thread gives up by itself.
  static void a_timeout_against_a_notification(auto& run) {
    Mutex m;
    Condition c;
    shared count = 0;
    run(
        [&] {
          auto lock = m.acquire().wait();
          (void)weft::as_result(c.wait(lock) | weft::timeout(5us)).wait();
          expect(bool(lock));
          count = count + 1;
        },
        [&] {
          auto const lock = m.acquire().wait();
          count = count + 1;
          c.notify_one();
        });
    expect_equal(static_cast<int>(count), 2);
    expect(bool(m.try_acquire()));
  }

  // C5: a select takes what comes first, and holds the mutex either way.
  static void a_select_against_both(auto& run) {
    world w;
    weft::gate g;
    moving_tasks tasks;
    bool held = false;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto lock = w.m.try_acquire();
      auto op = weft::select(w.c.wait(lock), g.opened());
      (void)co_await std::move(op);
      held = bool(lock);
      w.count = w.count + 1;
    });
    run(w.attempt([&] { w.c.notify_one(); }), in_turn([&] { g.open(); }));
    if (tasks.live() != 0) w.notify_one()();
    expect_equal(tasks.live(), 0u);
    expect(held);
    w.check(0);
  }

  static void the_one_notified_destroys_it(auto& run) {
    world w;
    w.wait_and_destroy();
    run(in_turn([c = w.owned.get()] { c->notify_one(); }), w.attempt([] {}));
    w.check(w.served);
    expect_equal(w.served, 1);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(a_nudge_is_no_notification, .at_least = 1),
        WEFT_SCENARIO(a_cancelled_one_against_a_holder, .at_least = 12),
        WEFT_SCENARIO(a_notification_against_a_holder, .at_least = 20),
        WEFT_SCENARIO(the_one_notified_destroys_it, .at_least = 20),
        WEFT_SCENARIO(all_are_notified_from_outside, .at_least = 40),
        WEFT_SCENARIO(all_are_notified, .at_least = 67),
        WEFT_SCENARIO(a_notification_against_a_newcomer, .at_least = 110),
        WEFT_SCENARIO(a_select_against_both, .at_least = 180),
        WEFT_SCENARIO(a_cancelled_one_against_its_notification, .at_least = 1800),
        WEFT_SCENARIO(a_change_against_a_wait, .at_least = 2700),
        WEFT_SCENARIO(a_notification_is_not_for_those_who_come_later, .at_least = 2880),
        WEFT_SCENARIO(a_predicate_that_is_asked_again, .at_least = 13500, .preemptions = 1),
        WEFT_SCENARIO(a_timeout_against_a_notification, .at_least = 23400),
    };
  }
};

auto const all = with<weft::condition, weft::mutex>::all();
bool const registered = weft_test::register_scenarios("condition_model", all, __FILE__);

#if defined(WEFT_MODEL)

template <class Condition, class Mutex>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Condition, Mutex>::all());
}
#define VARIANT(name) variant<weft::name::condition, weft::name::mutex>()

TEST(condition_model, mutants) {
  weft_test::hunt(
      all,
      {{.name = "a waiter gives the mutex up before it hangs (C1)",
        .variant = VARIANT(hangs_unlocked)},
       {.name = "a notification does not say that one moved (C2)",
        .variant = VARIANT(moves_unsaid)},
       {.name = "a notification of all does not say that they moved (C2)",
        .variant = VARIANT(moves_all_unsaid)},
       {.name = "a notification of all moves one (C2)", .variant = VARIANT(notifies_one_of_all)},
       {.name = "one that takes the mutex back does not say that it waits (C2)",
        .variant = VARIANT(queues_unsaid)},
       {.name = "one takes the mutex back as if nobody waited (C2)",
        .variant = VARIANT(takes_back_as_held)},
       {.name = "one that has the mutex back stays in its queue (C2)",
        .variant = VARIANT(stays_in_the_queue)},
       {.name = "the predicate is asked in vain (C3)", .variant = VARIANT(asks_once)},
       {.name = "one goes on that was not notified (C3)", .variant = VARIANT(goes_on_unnotified)},
       {.name = "one that leaves keeps its notification (C4)",
        .variant = VARIANT(keeps_its_notification)},
       {.name = "one that leaves stays on the list (C4)", .variant = VARIANT(stays_on_the_list)},
       {.name = "a notification reaches those who came later (C4)",
        .variant = VARIANT(notifies_later_ones)},
       {.name = "a wait that lost does not take the mutex back (C5)",
        .variant = VARIANT(settles_without)},
       {.name = "one that has the mutex back ends a wait it has not claimed",
        .variant = VARIANT(ends_unclaimed_wait)}});
}

#endif

}  // namespace
