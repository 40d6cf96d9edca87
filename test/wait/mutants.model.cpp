// SPDX-License-Identifier: Apache-2.0
// Mistakes put into the wait protocol, one at a time: some scenario notices each.
#include "scenarios.hpp"

#if defined(WEFT_MODEL)
#include <support/mistakes.hpp>

#include <algorithm>

namespace {

using weft::check::mutation;

weft_test::scenarios every() {
  weft_test::scenarios all;
  for (auto const* some :
       {&weft_test::waiter_scenarios, &weft_test::wait_scenarios, &weft_test::cancel_scenarios}) {
    all.insert(all.end(), some->begin(), some->end());
  }
  // The cheapest first.
  std::ranges::sort(all, {}, [](auto const& s) { return s.how.at_least; });
  return all;
}

TEST(wait_mistakes, are_noticed) {
  weft_test::hunt(
      every(),
      {{"a wait begins with a relaxed exchange (W4)", mutation::weaken,
        "word_.exchange(word, weft::seq_cst)"},
       {"the owner looks at its scope without an order (W4)", mutation::weaken,
        "status_.load(weft::seq_cst)"},
       {"the owner sees its scope as it was (W4)", mutation::read_stale,
        "status_.load(weft::seq_cst)"},
       {"a scope is cancelled without an order (W4)", mutation::weaken,
        "status_.store(dead, weft::seq_cst)"},
       {"an end is published without an order (W5)", mutation::weaken, "word_.store(state_ended"},
       {"a claim is a load and a store (W1)", mutation::tear,
        "word_.compare_exchange_weak(w, mine, weft::acquire"},
       {"to arm is a load and a store (W3)", mutation::tear,
        "word_.compare_exchange_weak(w, w | armed_bit"},
       {"a nudge is a load and a store (W3)", mutation::tear, "pub wait.nudge -> arm",
        "nudge_quietly"},
       {"a claim is given back by a load and a store (W3)", mutation::tear, "pub wait.open"},
       {"the last handle of a scope is a load and a store", mutation::tear, "s->refs_.fetch_sub"},
       {"a thread is not woken (W3)", mutation::skip, "override { atoms::unpark_one(&word())"},
       {"a thread sleeps without a look at its word (W3)", mutation::sleep_blind,
        "atoms::park(word(), seen, first_deadline())"}});
  weft_test::hunt_mistakes(every());
}

TEST(wait_orders, are_needed) {
  weft_test::audit_orders(every(), {"wait/waiter.hpp", "wait/waiter.cpp", "wait/scope.hpp",
                                    "wait/scope.cpp", "wait/context.hpp", "wait/context.cpp",
                                    "wait/thread_context.cpp", "wait/lock_graph.cpp"});
}

}  // namespace

#endif
