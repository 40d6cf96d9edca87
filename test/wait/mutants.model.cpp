// SPDX-License-Identifier: Apache-2.0
// Mistakes put into the wait protocol, one at a time: some scenario notices each.
#include "scenarios.hpp"

#if defined(WEFT_MODEL)

namespace {

using weft::check::mutation;

weft_test::scenarios every() {
  weft_test::scenarios all;
  for (auto const* some :
       {&weft_test::waiter_scenarios, &weft_test::wait_scenarios, &weft_test::cancel_scenarios}) {
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

TEST(wait_orders, are_needed) {
  weft_test::audit_orders(every(), {"wait/waiter.hpp", "wait/waiter.cpp", "wait/scope.hpp",
                                    "wait/scope.cpp", "wait/context.hpp", "wait/context.cpp",
                                    "wait/thread_context.cpp", "wait/lock_graph.cpp"});
}

}  // namespace

#endif
