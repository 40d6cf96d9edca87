// SPDX-License-Identifier: Apache-2.0
// Scenarios of promise and future: the value arrives once, and the state they share goes once.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>
#include <optional>
#include <stdexcept>

#if defined(WEFT_MODEL)
#include "future_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// A value whose moves the checker watches.
struct parcel {
  explicit parcel(int v) : value(v) {}
  parcel(parcel&& o) noexcept : value(static_cast<int>(o.value)) { o.value = 0; }
  ~parcel() = default;
  weft::atoms::var<int> value;
};

template <template <class> class Promise>
struct with {
  // A promise, and the future of what it promises; either may go.
  struct pair {
    using promise = Promise<parcel>;
    using future = decltype(std::declval<promise&>().get_future());
    std::optional<promise> give{std::in_place};
    std::optional<future> take{give->get_future()};
  };

  static void a_value_against_a_get(auto& run) {
    pair p;
    run([&] { p.give->set_value(1); },
        [&] { expect_equal(static_cast<int>(p.take->get().wait().value), 1); });
  }

  static void an_error_against_a_get(auto& run) {
    pair p;
    run([&] { p.give->set_exception(std::make_exception_ptr(std::runtime_error("no"))); },
        [&] { expect(weft::as_result(p.take->get()).wait().failed()); });
  }

  static void a_look(auto& run) {
    pair p;
    run([&] { p.give->set_value(1); },
        [&] {
          if (p.take->ready()) expect_equal(static_cast<int>(p.take->get().wait().value), 1);
        });
  }

  // Dropped without a value.
  static void a_promise_that_is_broken(auto& run) {
    pair p;
    run([&] { p.give.reset(); }, [&] { expect(weft::as_result(p.take->get()).wait().failed()); });
  }

  // Nobody waits any more, or does not yet, when the value comes.
  static void a_value_against_the_end_of_the_future(auto& run) {
    pair p;
    run(
        [&] {
          p.give->set_value(1);
          p.give.reset();
        },
        [&] { p.take.reset(); });
  }

  static void the_end_of_both(auto& run) {
    pair p;
    run([&] { p.give.reset(); }, [&] { p.take.reset(); });
  }

  // Who gets the value may destroy the promise at once, and with its future the state.
  static void a_promise_destroyed_on_waking(auto& run) {
    auto give = std::make_unique<Promise<parcel>>();
    auto take = std::make_optional(give->get_future());
    auto* const set = give.get();
    run([&] { set->set_value(1); },
        [&] {
          (void)take->get().wait();
          give.reset();
          take.reset();
        });
  }

  // A get that times out has taken nothing.
  static void a_value_against_a_timeout(auto& run) {
    pair p;
    run([&] { p.give->set_value(1); },
        [&] { (void)weft::as_result(p.take->get() | weft::timeout(20us)).wait(); });
    if (p.take->valid()) expect_equal(static_cast<int>(p.take->get().wait().value), 1);
  }

  // Two wait for one value: a task that waits already, and a thread.
  static void a_value_for_two(auto& run) {
    pair p;
    std::optional<decltype(p.take->share())> a{p.take->share()}, b{a};
    moving_tasks tasks;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = a->get();
      auto const& v = co_await std::move(op);
      expect_equal(static_cast<int>(v.value), 1);
      a.reset();
    });
    run(in_turn([&] { p.give->set_value(1); }), [&] {
      expect_equal(static_cast<int>(b->get().wait().value), 1);
      b.reset();
    });
    expect_equal(tasks.live(), 0u);
  }

  // A task goes on with the value in the thread that has set it, and ends with the last reference.
  static void a_task_that_gets(auto& run) {
    pair p;
    moving_tasks tasks;
    int got = 0;
    run(in_turn([&] {
          (void)tasks.spawn([&]() -> weft::task<> {
            auto op = p.take->get();
            auto const v = co_await std::move(op);
            got = v.value;
            p.take.reset();
          });
        }),
        in_turn([&] { p.give->set_value(1); }));
    expect_equal(tasks.live(), 0u);
    expect_equal(got, 1);
  }

  // A select of two futures, each of which may be ready while the other is looked at.
  static void a_select_of_two(auto& run) {
    pair p, q;
    run([&] { (void)weft::select(p.take->get(), q.take->get()).wait(); },
        [&] {
          p.give->set_value(1);
          q.give->set_value(2);
        });
    expect(p.take->valid() != q.take->valid());
  }

  // One waits for the same in two ways: its wait ends once.
  static void a_select_of_the_same(auto& run) {
    Promise<void> give;
    auto const shared = give.get_future().share();
    run([&] { (void)weft::select(shared.get(), shared.get()).wait(); }, [&] { give.set_value(); });
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(a_value_against_a_get, .at_least = 320),
        WEFT_SCENARIO(an_error_against_a_get, .at_least = 320),
        WEFT_SCENARIO(a_look, .at_least = 7),
        WEFT_SCENARIO(a_promise_that_is_broken, .at_least = 730),
        WEFT_SCENARIO(a_value_against_the_end_of_the_future, .at_least = 13),
        WEFT_SCENARIO(the_end_of_both, .at_least = 13),
        WEFT_SCENARIO(a_promise_destroyed_on_waking, .at_least = 1200),
        WEFT_SCENARIO(a_value_against_a_timeout, .at_least = 1200),
        WEFT_SCENARIO(a_task_that_gets, .at_least = 200),
        WEFT_SCENARIO(a_select_of_the_same, .at_least = 4000),
        WEFT_SCENARIO(a_select_of_two, .at_least = 7600),
        WEFT_SCENARIO(a_value_for_two, .at_least = 7300),
    };
  }
};

auto const all = with<weft::promise>::all();
bool const registered = weft_test::register_scenarios("future_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(future_model, orders) { weft_test::audit_orders(all, {"sync/future.hpp", "sync/future.cpp"}); }

template <template <class> class Promise>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Promise>::all());
}

TEST(future_model, mutants) {
  weft_test::hunt(
      all, {{"a look does not acquire the ending", mutation::weaken, "ending_.load(weft::acquire)"},
            {"a reference is given up without an order", mutation::weaken,
             "last() || refs_.fetch_sub(1"},
            {"two give up a reference at once", mutation::tear, "last() || refs_.fetch_sub(1"},
            {"the last one does not acquire", mutation::weaken, "refs_.load(weft::acquire)"},
            {.name = "an ending wakes nobody", .variant = variant<weft::ends_silently::promise>()},
            {.name = "an ending looks for waiters without the lock",
             .variant = variant<weft::looks_without_lock::promise>()},
            {.name = "a waiter hangs itself up without looking again",
             .variant = variant<weft::hangs_on_unseen::promise>()},
            {.name = "a waiter that sees the end ends a wait it has not claimed",
             .variant = variant<weft::ends_it_unclaimed::promise>()},
            {.name = "the ending is told before the value is there",
             .variant = variant<weft::told_early::promise>()},
            {.name = "a promise sets a state that it does not keep",
             .variant = variant<weft::keeps_nothing::promise>()},
            {.name = "a reference is given up, then the others are looked at",
             .variant = variant<weft::counted_in_two_steps::promise>()}});
}

#endif

}  // namespace
