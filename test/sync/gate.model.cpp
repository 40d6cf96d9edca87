// SPDX-License-Identifier: Apache-2.0
// Scenarios of the gate: whoever passes it sees what was done before it was opened.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>

#if defined(WEFT_MODEL)
#include "gate_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

template <class Gate>
struct with {
  static void what_was_done_before(auto& run) {
    Gate g;
    shared data = 0;
    run(
        [&] {
          data = 1;
          g.open();
        },
        [&] {
          g.opened().wait();
          expect_equal(static_cast<int>(data), 1);
        });
  }

  static void a_look(auto& run) {
    Gate g;
    shared data = 0;
    run(
        [&] {
          data = 1;
          g.open();
        },
        [&] {
          if (g.is_open()) expect_equal(static_cast<int>(data), 1);
        });
  }

  static void two_that_open_it(auto& run) {
    Gate g;
    run([&] { g.open(); }, [&] { g.open(); }, [&] { g.opened().wait(); });
  }

  static void an_opening_against_a_timeout(auto& run) {
    Gate g;
    run([&] { (void)weft::as_result(g.opened() | weft::timeout(20us)).wait(); }, [&] { g.open(); });
    expect(g.is_open());
  }

  // A task goes on in the thread that opens it.
  static void a_task_that_waits(auto& run) {
    Gate g;
    moving_tasks tasks;
    run(in_turn([&] {
          (void)tasks.spawn([&]() -> weft::task<> {
            auto op = g.opened();
            co_await std::move(op);
          });
        }),
        in_turn([&] { g.open(); }));
    expect_equal(tasks.live(), 0u);
  }

  // Two tasks wait: the first that wakes destroys it, and the other one does not touch it any more.
  static void the_first_of_two_tasks_destroys_it(auto& run) {
    auto g = std::make_unique<Gate>();
    moving_tasks tasks;
    for (int i = 0; i < 2; ++i) {
      (void)tasks.spawn([&]() -> weft::task<> {
        auto op = g->opened();
        co_await std::move(op);
        g.reset();
      });
    }
    run(in_turn([opened = g.get()] { opened->open(); }));
    expect_equal(tasks.live(), 0u);
  }

  // A task that waited for two destroys both: the one that opened first has been left alone since.
  static void a_task_destroys_what_it_waited_for(auto& run) {
    auto left = std::make_unique<Gate>();
    auto* const opened = left.get();
    Gate right;
    moving_tasks tasks;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = weft::select(left->opened(), right.opened());
      auto const r = co_await std::move(op);
      if (r.index() == 0) left.reset();
    });
    run(in_turn([&] { opened->open(); }));
    expect_equal(tasks.live(), 0u);
    expect(left == nullptr);
  }

  // One that waits for it in two ways destroys it at once. The destructor takes the lock, so this
  // goes well even for one that did not park.
  static void a_thread_that_waits_twice_destroys_it(auto& run) {
    auto g = std::make_unique<Gate>();
    auto* const opened = g.get();
    run(
        [&] {
          (void)weft::select(g->opened(), g->opened()).wait();
          g.reset();
        },
        [&] { opened->open(); });
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(what_was_done_before, .at_least = 26),
        WEFT_SCENARIO(a_look, .at_least = 2),
        WEFT_SCENARIO(a_task_that_waits, .at_least = 14),
        WEFT_SCENARIO(the_first_of_two_tasks_destroys_it, .at_least = 1),
        WEFT_SCENARIO(a_task_destroys_what_it_waited_for, .at_least = 1),
        WEFT_SCENARIO(an_opening_against_a_timeout, .at_least = 100),
        WEFT_SCENARIO(a_thread_that_waits_twice_destroys_it, .at_least = 73),
        WEFT_SCENARIO(two_that_open_it, .at_least = 56),
    };
  }
};

auto const all = with<weft::gate>::all();
bool const registered = weft_test::register_scenarios("gate_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(gate_model, orders) { weft_test::audit_orders(all, {"sync/gate.hpp", "sync/gate.cpp"}); }

template <class Gate>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Gate>::all());
}

TEST(gate_model, mutants) {
  weft_test::hunt(
      all,
      {{"an opening does not release", mutation::weaken, "open_.store(true"},
       {"a look does not acquire", mutation::weaken, "open_.load(weft::acquire)"},
       {"an opening leaves no trace", mutation::skip, "open_.store(true"},
       {.name = "an opening wakes nobody", .variant = variant<weft::opens_silently::gate>()},
       {.name = "an opening looks for waiters before it opens",
        .variant = variant<weft::wakes_then_opens::gate>()},
       {.name = "an opening wakes the first only", .variant = variant<weft::wakes_one::gate>()},
       {.name = "a waiter hangs itself up without looking again",
        .variant = variant<weft::hangs_blindly::gate>()},
       {.name = "a waiter that sees it open ends a wait it has not claimed",
        .variant = variant<weft::ends_unclaimed::gate>()},
       {.name = "one that gave up stays on the list",
        .variant = variant<weft::leaves_its_node::gate>()},
       {.name = "one that won touches the gate", .variant = variant<weft::looks_back::gate>()}});
}

#endif

}  // namespace
