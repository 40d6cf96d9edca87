// SPDX-License-Identifier: Apache-2.0
// Mistakes put into the executors, one at a time: some scenario notices each. A whole runtime is
// explored within a bound of preemptions only, so its parts are tried alone, too.
#include "scenarios.hpp"

#if defined(WEFT_MODEL)
#include <support/mistakes.hpp>

#include <algorithm>

namespace {

using weft::check::mutation;

weft_test::scenarios every() {
  weft_test::scenarios all;
  for (auto const* some : {&weft_test::part_scenarios, &weft_test::executor_scenarios,
                           &weft_test::parking_scenarios}) {
    all.insert(all.end(), some->begin(), some->end());
  }
  // The cheapest first.
  std::ranges::sort(all, {}, [](auto const& s) { return s.how.at_least; });
  return all;
}

TEST(exec_mistakes, are_noticed) {
  weft_test::hunt(
      every(),
      {{"a job is published without a fence (F1)", mutation::weaken, "dek exec.idle: F1"},
       {"a worker sleeps without a fence (F2)", mutation::weaken, "dek exec.idle: F2"},
       {"whoever is told is not woken", mutation::skip, "atoms::unpark_one(&w.token)"},
       {"a worker sleeps without looking at its token", mutation::sleep_blind,
        "woken = atoms::park(w.token, worker::asleep, until)"},
       {"a bit is taken out by a load and a store", mutation::tear, "word(i).fetch_and(~bit(i)"},
       {"a loop sleeps without looking at its changes", mutation::sleep_blind,
        "atoms::park(changes_, seen, wheel_.next())"}});
  auto all = every();
  all.insert(all.end(), weft_test::large_scenarios.begin(), weft_test::large_scenarios.end());
  weft_test::hunt_mistakes(all);
}

TEST(exec_large, at_random) {
  for (auto const& s : weft_test::large_scenarios) {
    auto c = weft_test::checked(s);
    c.how.search = weft::check::strategy::random;
    c.how.preemptions.reset();
    c.how.executions = 5'000;
    auto const r = weft::check::explore(c.how, c.body);
    std::cout << r << '\n';
    EXPECT_TRUE(r.ok());
  }
}

TEST(exec_orders, are_needed) {
  weft_test::audit_orders(every(),
                          {"exec/parking.cpp", "exec/scheduler.cpp", "exec/scheduler.hpp",
                           "exec/spares.cpp", "exec/idle_set.hpp", "exec/injection.hpp",
                           "exec/blocking_pool.cpp", "exec/blocking_pool.hpp", "exec/loop.cpp",
                           "exec/timer_wheel.cpp", "exec/timer_wheel.hpp", "exec/visitors.hpp"},
                          1'000);
}

}  // namespace

#endif
