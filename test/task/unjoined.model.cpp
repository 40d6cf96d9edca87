// SPDX-License-Identifier: Apache-2.0
// Scenarios of the handler of errors that nobody joined: whoever gets it, to call it or because
// another one takes its place, sees what was written before it was set.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <weft/task/main.hpp>

#include <memory>
#include <stdexcept>

namespace {

using weft_test::expect_equal, weft_test::where_woken;
using shared = weft::atoms::var<int>;

// A handler has no room for what it uses.
shared* used = nullptr;
void first(std::exception_ptr, weft::stack_trace const&) noexcept {}
void uses(std::exception_ptr, weft::stack_trace const&) noexcept { *used = *used + 1; }

struct world {
  world() {
    used = &told;
    weft::set_unjoined_handler(first);
  }
  world(world const&) = delete;
  world& operator=(world const&) = delete;
  ~world() { weft::set_unjoined_handler(before); }
  shared told = 0;
  weft::unjoined_handler before = weft::set_unjoined_handler(nullptr);
};

// A group goes with an error while the handler is set.
void an_unjoined_error_against_a_new_handler(auto& run) {
  world w;
  where_woken on;
  auto tasks = std::make_unique<weft::group>(on);
  auto body = []() -> weft::task<> {
    throw std::runtime_error("nobody joins");
    co_return;
  };
  (void)tasks->spawn(body);
  where_woken::turn();
  int before = 0;
  run(
      [&] {
        w.told = 1;
        weft::set_unjoined_handler(uses);
      },
      [&] {
        tasks.reset();
        before = weft::set_unjoined_handler(first) == uses;
      });
  if (before != 0) expect_equal(static_cast<int>(w.told) != 0, true);
}

// Two set one: the second gets what the first has set.
void a_handler_that_takes_the_place_of_another(auto& run) {
  world w;
  run(
      [&] {
        w.told = 1;
        weft::set_unjoined_handler(uses);
      },
      [&] { weft::set_unjoined_handler(first)(nullptr, {}); });
}

}  // namespace

weft_test::scenarios const weft_test::unjoined_scenarios{
    WEFT_SCENARIO(a_handler_that_takes_the_place_of_another, .at_least = 2),
    WEFT_SCENARIO(an_unjoined_error_against_a_new_handler, .at_least = 2),
};

static bool const registered =
    weft_test::register_scenarios("unjoined_model", weft_test::unjoined_scenarios, __FILE__);
