// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/exec/README.md: who publishes a job and who goes to sleep. A
// runtime of one worker has every step of the protocol; the scenario waits before the runtime
// goes, because its destructor wakes everybody and would hide a lost wake-up. Deadlines pass only
// when nothing else can happen, so that no timer comes to the rescue.
#include <check/mutants.hpp>
#include <support/scenario.hpp>

#include <weft/weft.hpp>

namespace {

using weft_test::expect_equal;

weft::runtime::options small(unsigned workers) {
  weft::runtime::options o;
  o.workers = workers;
  o.blocking_threads = 1;
  o.spare_workers = 0;
  return o;
}

// A job that opens a gate.
struct note : weft::job {
  explicit note(weft::gate& g)
      : job([](weft::job& j) noexcept { static_cast<note&>(j).to->open(); }), to(&g) {}
  weft::gate* to;
};

// P1, P2: the post comes before, while or after the worker looks, announces itself and sleeps.
void a_post_against_going_to_sleep(auto&) {
  weft::runtime on(small(1));
  weft::gate g;
  note n(g);
  on.post(n);
  g.opened().wait();
}

// P3: the second post finds the worker woken already, running, or asleep again.
void two_posts_against_going_to_sleep(auto&) {
  weft::runtime on(small(1));
  weft::gate g, h;
  note n(g), m(h);
  on.post(n);
  on.post(m);
  g.opened().wait();
  h.opened().wait();
}

// P1 with somebody to steal: either worker may be the one who runs it.
void a_post_to_two_workers(auto&) {
  weft::runtime on(small(2));
  weft::gate g;
  note n(g);
  on.post(n);
  g.opened().wait();
}

weft_test::scenarios const all{
    WEFT_SCENARIO(a_post_against_going_to_sleep, .at_least = 1000, .preemptions = 1,
                  .late_timeouts = true),
    WEFT_SCENARIO(two_posts_against_going_to_sleep, .at_least = 10, .preemptions = 0,
                  .late_timeouts = true),
    WEFT_SCENARIO(a_post_to_two_workers, .at_least = 1000, .preemptions = 0, .late_timeouts = true),
};

bool const registered = weft_test::register_scenarios("parking_model", all, __FILE__);

using weft::check::mutation;

TEST(parking_model, mutants) {
  weft_test::hunt(weft_test::all_checked(all),
                  {{"a job is published without a fence (F1)", mutation::weaken, "F1"},
                   {"a worker sleeps without a fence (F2)", mutation::weaken, "F2"},
                   {"whoever is told is not woken", mutation::skip, "atoms::unpark_one(&w.token)"},
                   {"a worker sleeps without looking at its token", mutation::sleep_blind,
                    "woken = atoms::park(w.token, worker::asleep, until)"}});
}

TEST(parking_model, audit) { weft_test::audit_orders(all, {"exec/parking.cpp"}, 1'000); }

}  // namespace
