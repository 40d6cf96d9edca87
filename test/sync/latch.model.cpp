// SPDX-License-Identifier: Apache-2.0
// Scenarios of the latch: whoever passes it sees what was done before each step of the count.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>

#if defined(WEFT_MODEL)
#include "latch_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

template <class Latch>
struct with {
  // Two count down, one waits: it sees what both did.
  static void what_was_done_before(auto& run) {
    Latch l{2};
    shared left = 0, right = 0;
    run(
        [&] {
          left = 1;
          l.count_down();
        },
        [&] {
          right = 1;
          l.count_down();
        },
        [&] {
          l.wait().wait();
          expect_equal(left + right, 2);
        });
  }

  static void a_look(auto& run) {
    Latch l{1};
    shared data = 0;
    run(
        [&] {
          data = 1;
          l.count_down();
        },
        [&] {
          if (l.try_wait()) expect_equal(static_cast<int>(data), 1);
        });
  }

  // Each sees what the other did, whoever is the last.
  static void two_that_meet(auto& run) {
    Latch l{2};
    shared left = 0, right = 0;
    run(
        [&] {
          left = 1;
          l.arrive_and_wait().wait();
          expect_equal(static_cast<int>(right), 1);
        },
        [&] {
          right = 1;
          l.arrive_and_wait().wait();
          expect_equal(static_cast<int>(left), 1);
        });
  }

  // More is counted than there is: one of the two is told, and nothing of its count is taken.
  static void one_count_too_many(auto& run) {
    Latch l{3};
    shared refused = 0;
    weft::mutex m;
    auto const two = [&] {
      try {
        l.count_down(2);
      } catch (weft::misuse_error const&) {
        auto const lock = m.acquire().wait();
        refused = refused + 1;
      }
    };
    run(two, two);
    expect_equal(static_cast<int>(refused), 1);
    expect(!l.try_wait());
    l.count_down();
    expect(l.try_wait());
  }

  static void the_last_step_against_a_timeout(auto& run) {
    Latch l{1};
    run([&] { (void)weft::as_result(l.wait() | weft::timeout(20us)).wait(); },
        [&] { l.count_down(); });
    expect(l.try_wait());
  }

  static void two_tasks_that_wait(auto& run) {
    Latch l{1};
    moving_tasks tasks;
    auto const body = [&]() -> weft::task<> {
      auto op = l.wait();
      co_await std::move(op);
    };
    (void)tasks.spawn(body);
    run(in_turn([&] { (void)tasks.spawn(body); }), in_turn([&] { l.count_down(); }));
    expect_equal(tasks.live(), 0u);
  }

  // One that waits for it destroys it at once; the one that let it out has done with it.
  static void the_waiter_destroys_it(auto& run) {
    auto l = std::make_unique<Latch>(1u);
    auto* const opened = l.get();
    run(
        [&] {
          l->wait().wait();
          l.reset();
        },
        [&] { opened->count_down(); });
  }

  // One that got something else leaves it, so that it may go.
  static void one_that_gave_up(auto& run) {
    Latch l{1};
    weft::gate g;
    moving_tasks tasks;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = weft::select(g.opened(), l.wait());
      (void)co_await std::move(op);
    });
    run(in_turn([&] { g.open(); }));
    expect_equal(tasks.live(), 0u);
  }

  // Two tasks wait: the first that wakes destroys it, and the other one does not touch it any more.
  static void the_first_of_two_tasks_destroys_it(auto& run) {
    auto l = std::make_unique<Latch>(1u);
    moving_tasks tasks;
    for (int i = 0; i < 2; ++i) {
      (void)tasks.spawn([&]() -> weft::task<> {
        auto op = l->wait();
        co_await std::move(op);
        l.reset();
      });
    }
    run(in_turn([opened = l.get()] { opened->count_down(); }));
    expect_equal(tasks.live(), 0u);
  }

  // A task waits for two things, and destroys what it got: it leaves the other one alone.
  static void a_task_that_waits_for_two(auto& run) {
    auto l = std::make_unique<Latch>(1u);
    auto* const opened = l.get();
    weft::gate g;
    moving_tasks tasks;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = weft::select(g.opened(), l->wait());
      auto const r = co_await std::move(op);
      if (r.index() == 1) l.reset();
    });
    run(in_turn([&] { opened->count_down(); }), in_turn([&] { g.open(); }));
    expect_equal(tasks.live(), 0u);
  }

  // One that hangs itself up here may have its wait ended elsewhere.
  static void a_thread_that_waits_for_two(auto& run) {
    Latch l{1};
    weft::gate g;
    run([&] { (void)weft::select(g.opened(), l.wait()).wait(); }, [&] { g.open(); },
        [&] { l.count_down(); });
    expect(l.try_wait());
  }

  // Two meet and have one more use for it: the first one let out destroys it, and the other one,
  // which arrived last, does not look at it again.
  static void the_first_to_arrive_destroys_it(auto& run) {
    auto* const l = new Latch{2};
    moving_tasks tasks;
    (void)tasks.spawn([l]() -> weft::task<> {
      auto op = l->arrive_and_wait();
      co_await std::move(op);
      delete l;
    });
    run(in_turn([&] {
      auto op = l->arrive_and_wait();
      weft_test::where_woken::turn();
      std::move(op).wait();
    }));
    expect_equal(tasks.live(), 0u);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(the_first_to_arrive_destroys_it, .at_least = 1),
        WEFT_SCENARIO(one_that_gave_up, .at_least = 1),
        WEFT_SCENARIO(the_first_of_two_tasks_destroys_it, .at_least = 1),
        WEFT_SCENARIO(a_look, .at_least = 2),
        WEFT_SCENARIO(one_count_too_many, .at_least = 4),
        WEFT_SCENARIO(a_task_that_waits_for_two, .at_least = 18),
        WEFT_SCENARIO(the_waiter_destroys_it, .at_least = 30),
        WEFT_SCENARIO(two_tasks_that_wait, .at_least = 75),
        WEFT_SCENARIO(two_that_meet, .at_least = 120),
        WEFT_SCENARIO(the_last_step_against_a_timeout, .at_least = 120),
        WEFT_SCENARIO(what_was_done_before, .at_least = 350),
        WEFT_SCENARIO(a_thread_that_waits_for_two, .at_least = 4500),
    };
  }
};

auto const all = with<weft::latch>::all();
bool const registered = weft_test::register_scenarios("latch_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(latch_model, orders) { weft_test::audit_orders(all, {"sync/latch.hpp", "sync/latch.cpp"}); }

template <class Latch>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Latch>::all());
}

TEST(latch_model, mutants) {
  weft_test::hunt(
      all,
      {{"a step does not release", mutation::weaken, "left_.compare_exchange_weak(left"},
       {"the last step does not release, and acquires nothing", mutation::weaken,
        "left_.compare_exchange_strong(left"},
       {"a look does not acquire", mutation::weaken, "left_.load(weft::acquire)"},
       {"two step down at once", mutation::tear, "left_.compare_exchange_weak(left"},
       {.name = "the last step wakes nobody", .variant = variant<weft::ends_silently::latch>()},
       {.name = "the last step wakes the first only",
        .variant = variant<weft::lets_one_out::latch>()},
       {.name = "the last step is made before the lock is taken",
        .variant = variant<weft::steps_unlocked::latch>()},
       {.name = "a waiter hangs itself up without looking again",
        .variant = variant<weft::hangs_unseen::latch>()},
       {.name = "a waiter that sees it open ends a wait it has not claimed",
        .variant = variant<weft::ends_unclaimed_latch::latch>()},
       {.name = "one that gave up stays on the list",
        .variant = variant<weft::leaves_latch_node::latch>()},
       {.name = "one that was let out looks at it again",
        .variant = variant<weft::looks_back_at_latch::latch>()},
       {.name = "the last to arrive waits as the others do",
        .variant = variant<weft::last_waits_too::latch>()},
       {.name = "the destructor does not take the lock",
        .variant = variant<weft::latch_destroyed_without_lock::latch>()},
       {.name = "too large a count is not refused",
        .variant = variant<weft::counts_below_zero::latch>()}});
}

#endif

}  // namespace
