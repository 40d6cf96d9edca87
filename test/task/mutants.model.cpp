// SPDX-License-Identifier: Apache-2.0
// Mistakes put into groups, one at a time: some scenario notices each.
#include "scenarios.hpp"

#if defined(WEFT_MODEL)
#include <support/mistakes.hpp>

namespace {

using weft::check::mutation;

weft_test::scenarios every() {
  auto all = weft_test::unjoined_scenarios;
  all.insert(all.end(), weft_test::group_scenarios.begin(), weft_test::group_scenarios.end());
  return all;
}

TEST(task_mistakes, are_noticed) {
  weft_test::hunt(every(), {{"a handler is set without its order", mutation::weaken,
                             "return now.exchange(next, acq_rel)"},
                            {"a handler is called without its order", mutation::weaken,
                             "handler.load(acquire)"}});
  weft_test::hunt_mistakes(every());
}

TEST(task_orders, are_needed) {
  weft_test::audit_orders(every(), {"task/group.cpp", "task/unjoined.cpp"});
}

}  // namespace

#endif
