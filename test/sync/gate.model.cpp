// SPDX-License-Identifier: Apache-2.0
// Scenarios of the gate: whoever passes it sees what was done before it was opened.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <memory>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

void what_was_done_before(auto& run) {
  weft::gate g;
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

void a_look(auto& run) {
  weft::gate g;
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

void two_that_open_it(auto& run) {
  weft::gate g;
  run([&] { g.open(); }, [&] { g.open(); }, [&] { g.opened().wait(); });
}

void an_opening_against_a_timeout(auto& run) {
  weft::gate g;
  run([&] { (void)weft::as_result(g.opened() | weft::timeout(20us)).wait(); }, [&] { g.open(); });
  expect(g.is_open());
}

// A task that parked destroys it on waking, in the thread that opens it.
void a_task_destroys_it(auto& run) {
  auto g = std::make_unique<weft::gate>();
  auto* const opened = g.get();
  moving_tasks tasks;
  run(in_turn([&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          auto op = g->opened();
          co_await std::move(op);
        });
      }),
      in_turn([&] { opened->open(); }));
  expect_equal(tasks.live(), 0u);
}

// A task that waited for two destroys both: the one that opened first has been left alone since.
void a_task_destroys_what_it_waited_for(auto& run) {
  auto left = std::make_unique<weft::gate>();
  auto* const opened = left.get();
  weft::gate right;
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

}  // namespace

weft_test::scenarios const weft_test::gate_scenarios{
    WEFT_SCENARIO(what_was_done_before),         WEFT_SCENARIO(a_look),
    WEFT_SCENARIO(a_task_destroys_it),           WEFT_SCENARIO(a_task_destroys_what_it_waited_for),
    WEFT_SCENARIO(an_opening_against_a_timeout), WEFT_SCENARIO(two_that_open_it),
};

static bool const registered =
    weft_test::register_scenarios("gate_model", weft_test::gate_scenarios, __FILE__);
