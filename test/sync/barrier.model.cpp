// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/sync/barrier.cpp. All of the barrier lies under its
// spin lock, so the mistakes are made in its text, and no order is its own.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <atomic>
#include <functional>
#include <memory>

#if defined(WEFT_MODEL)
#include "barrier_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

// Tasks that arrive at a barrier and wait, in groups that are cancelled one by one.
template <class Barrier>
class meeting {
 public:
  explicit meeting(std::size_t parties, std::function<void()> completion = {})
      : b(std::make_unique<Barrier>(parties, std::move(completion))) {}
  std::unique_ptr<Barrier> b;
  std::atomic<int> out = 0, cancelled = 0, told = 0;

  void come(moving_tasks& in) {
    (void)in.spawn([this]() -> weft::task<> {
      try {
        auto op = weft::as_result(b->arrive_and_wait());
        auto r = co_await std::move(op);
        if (r.cancelled()) {
          ++cancelled;
          co_return;
        }
        std::move(r).value();
        ++out;
      } catch (weft::error const&) {
        ++told;
      }
    });
  }
};

template <class Barrier>
struct with {
  using meeting = ::meeting<Barrier>;

  // Each sees what the other did before it arrived, in two phases.
  static void two_phases(auto& run) {
    Barrier b{2};
    shared left = 0, right = 0;
    run(
        [&] {
          left = 1;
          b.arrive_and_wait().wait();
          expect_equal(static_cast<int>(right), 1);
          b.arrive_and_wait().wait();
          left = 2;
        },
        [&] {
          right = 1;
          b.arrive_and_wait().wait();
          expect_equal(static_cast<int>(left), 1);
          b.arrive_and_wait().wait();
          right = 2;
        });
  }

  // B2: the completion sees what all did, and all see what it did.
  static void a_completion(auto& run) {
    shared left = 0, right = 0, sum = 0;
    Barrier b{2, [&] { sum = left + right; }};
    run(
        [&] {
          left = 1;
          b.arrive_and_wait().wait();
          expect_equal(static_cast<int>(sum), 2);
        },
        [&] {
          right = 1;
          b.arrive_and_wait().wait();
          expect_equal(static_cast<int>(sum), 2);
        });
  }

  // B1: one waits late, while the others are in the next phase already.
  static void one_that_waits_late(auto& run) {
    Barrier b{2};
    auto const mine = b.arrive();
    run([&] { b.wait(mine).wait(); },
        [&] {
          (void)b.arrive();
          (void)b.arrive();
        });
  }

  // One that waits in vain for a while, and waits again.
  static void an_arrival_against_a_timeout(auto& run) {
    Barrier b{2};
    auto const mine = b.arrive();
    run(
        [&] {
          (void)weft::as_result(b.wait(mine) | weft::timeout(20us)).wait();
          b.wait(mine).wait();
        },
        [&] { (void)b.arrive(); });
    expect(!b.is_broken());
  }

  // One that got something else leaves it, so that it may go.
  static void one_that_gave_up(auto& run) {
    Barrier b{2};
    weft::gate g;
    moving_tasks tasks;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = weft::select(g.opened(), b.arrive_and_wait());
      (void)co_await std::move(op);
    });
    run(in_turn([&] { g.open(); }));
    expect_equal(tasks.live(), 0u);
    expect(!b.is_broken());
  }

  // A lost select leaves it whole.
  static void a_select(auto& run) {
    Barrier b{2};
    weft::gate g;
    auto const mine = b.arrive();
    run([&] { (void)weft::select(g.opened(), b.wait(mine)).wait(); }, [&] { g.open(); },
        [&] { (void)b.arrive(); });
    expect(!b.is_broken());
    b.wait(mine).wait();
  }

  // B3: a wait is cancelled, while another party waits and the last one comes: all go on, or each
  // learns that it is broken.
  static void a_cancellation_against_the_last(auto& run) {
    meeting m{3};
    moving_tasks alone, others, late;
    m.come(alone);
    m.come(others);
    run(in_turn([&] { alone.all().cancel("lunch"); }), in_turn([&] { m.come(late); }));
    expect_equal(alone.live() + others.live() + late.live(), 0u);
    expect(m.out == 3 || (m.cancelled == 1 && m.out + m.told == 2));
    expect_equal(m.b->is_broken(), m.told > 0);
  }

  // B3: somebody is missing still, so one that comes, or has come, learns that it is broken.
  static void a_cancellation_against_an_arrival(auto& run) {
    meeting m{3};
    moving_tasks alone, others;
    m.come(alone);
    run(in_turn([&] { alone.all().cancel("lunch"); }), in_turn([&] { m.come(others); }));
    expect_equal(alone.live() + others.live(), 0u);
    expect(m.cancelled == 1 && m.told == 1);
    expect(m.b->is_broken());
  }

  // B3: nobody is missing, so the one that is cancelled breaks nothing.
  static void a_cancellation_against_the_completion(auto& run) {
    int completed = 0;
    Barrier b{2, [&] { ++completed; }};
    moving_tasks alone;
    (void)alone.spawn([&]() -> weft::task<> {
      auto op = weft::as_result(b.arrive_and_wait());
      (void)co_await std::move(op);
    });
    bool broken = false;
    run(in_turn([&] { alone.all().cancel("lunch"); }), in_turn([&] {
          try {
            b.arrive_and_wait().wait();
          } catch (weft::error const&) {
            broken = true;
          }
        }));
    expect_equal(alone.live(), 0u);
    expect_equal(completed, broken ? 0 : 1);
    expect_equal(b.is_broken(), broken);
  }

  // A reset lets those go that wait, and forgets those that have arrived.
  static void a_reset_against_an_arrival(auto& run) {
    meeting m{2};
    moving_tasks tasks;
    m.come(tasks);
    run(in_turn([&] { m.b->reset(); }), in_turn([&] { m.come(tasks); }));
    if (tasks.live() != 0) in_turn([&] { m.come(tasks); })();
    expect_equal(tasks.live(), 0u);
    expect_equal(m.out, 2);
  }

  // B2: the reset comes while the completion runs, before or after.
  static void a_reset_against_a_completion(auto& run) {
    shared completed = 0;
    meeting m{2, [&] { completed = completed + 1; }};
    moving_tasks tasks;
    m.come(tasks);
    run(in_turn([&] { m.b->reset(); }), in_turn([&] { m.come(tasks); }));
    if (tasks.live() != 0) in_turn([&] { m.come(tasks); })();
    expect_equal(tasks.live(), 0u);
    expect(m.out == 2 || m.told == 2);
    expect_equal(static_cast<int>(completed), 1);
  }

  // A token of before a reset is worth nothing, however late it comes.
  static void a_late_wait_against_a_reset(auto& run) {
    Barrier b{2};
    auto const mine = b.arrive();
    bool told = false;
    run(
        [&] {
          try {
            b.wait(mine).wait();
          } catch (weft::error const&) {
            told = true;
          }
        },
        [&] {
          b.reset();
          (void)b.arrive();
        });
    expect(told);
  }

  // One party leaves while the others meet: the next phase needs one less.
  static void one_that_drops(auto& run) {
    Barrier b{2};
    run([&] { b.arrive_and_drop(); }, [&] { b.arrive_and_wait().wait(); });
    expect_equal(b.parties(), 1u);
    b.arrive_and_wait().wait();
  }

  // B4: whoever is let out destroys it; the one that let it out has done with it.
  static void the_waiter_destroys_it(auto& run) {
    auto b = std::make_unique<Barrier>(2u);
    auto* const same = b.get();
    auto const mine = b->arrive();
    run(
        [&] {
          b->wait(mine).wait();
          b.reset();
        },
        [&] { (void)same->arrive(); });
  }

  // B4: the one that arrived last waits for nobody, and does not look at it again.
  static void the_first_to_arrive_destroys_it(auto& run) {
    auto* const b = new Barrier{2};
    moving_tasks tasks;
    (void)tasks.spawn([b]() -> weft::task<> {
      auto op = b->arrive_and_wait();
      co_await std::move(op);
      delete b;
    });
    run(in_turn([&] {
      auto op = b->arrive_and_wait();
      weft_test::where_woken::turn();
      std::move(op).wait();
    }));
    expect_equal(tasks.live(), 0u);
  }

  // B4: two wait, and the second does not touch what the first has destroyed.
  static void the_first_of_two_tasks_destroys_it(auto& run) {
    auto b = std::make_unique<Barrier>(3u);
    auto* const same = b.get();
    moving_tasks tasks;
    for (int i = 0; i < 2; ++i) {
      (void)tasks.spawn([&]() -> weft::task<> {
        auto op = same->arrive_and_wait();
        co_await std::move(op);
        b.reset();
      });
    }
    run(in_turn([&] { (void)same->arrive(); }));
    expect_equal(tasks.live(), 0u);
  }

  // B4: two wait; while the second is claimed for a moment, as a dump does, the first is let out
  // already, and destroys it.
  static void one_is_let_out_while_another_is_looked_at(auto& run) {
    auto b = std::make_unique<Barrier>(3u);
    auto* const same = b.get();
    auto const first = b->arrive(), second = b->arrive();
    weft::gate hangs;
    moving_tasks tasks;
    run(
        [&] {
          b->wait(first).wait();
          b.reset();
        },
        in_turn([&] {
          hangs.opened().wait();
          (void)same->arrive();
        }),
        in_turn([&] {
          (void)tasks.spawn([&]() -> weft::task<> {
            auto op = same->wait(second);
            co_await std::move(op);
          });
          hangs.open();
          tasks.in().state()->visit([](weft::context& c) {
            if (c.try_claim() == weft::waiter::claim::won) c.unclaim();
          });
        }));
    expect_equal(tasks.live(), 0u);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(one_that_gave_up, .at_least = 1),
        WEFT_SCENARIO(the_first_to_arrive_destroys_it, .at_least = 1),
        WEFT_SCENARIO(the_first_of_two_tasks_destroys_it, .at_least = 1),
        WEFT_SCENARIO(a_cancellation_against_an_arrival, .at_least = 1),
        WEFT_SCENARIO(a_reset_against_an_arrival, .at_least = 6),
        WEFT_SCENARIO(a_reset_against_a_completion, .at_least = 13),
        WEFT_SCENARIO(one_that_drops, .at_least = 30),
        WEFT_SCENARIO(the_waiter_destroys_it, .at_least = 30),
        WEFT_SCENARIO(one_that_waits_late, .at_least = 32),
        WEFT_SCENARIO(a_late_wait_against_a_reset, .at_least = 32),
        WEFT_SCENARIO(a_cancellation_against_the_last, .at_least = 110),
        WEFT_SCENARIO(a_cancellation_against_the_completion, .at_least = 110),
        WEFT_SCENARIO(an_arrival_against_a_timeout, .at_least = 150),
        WEFT_SCENARIO(a_completion, .at_least = 170),
        WEFT_SCENARIO(a_select, .at_least = 4600),
        WEFT_SCENARIO(two_phases, .at_least = 4900),
        WEFT_SCENARIO(one_is_let_out_while_another_is_looked_at, .at_least = 23000,
                      .preemptions = 1),
    };
  }
};

auto const all = with<weft::barrier>::all();
bool const registered = weft_test::register_scenarios("barrier_model", all, __FILE__);

#if defined(WEFT_MODEL)

template <class Barrier>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Barrier>::all());
}

TEST(barrier_model, mutants) {
  weft_test::hunt(
      all, {{.name = "the completion runs when all are out (B2)",
             .variant = variant<weft::completes_too_late::barrier>()},
            {.name = "the phase does not move on (B1)",
             .variant = variant<weft::phase_stays::barrier>()},
            {.name = "the next phase begins with all places taken",
             .variant = variant<weft::places_stay_taken::barrier>()},
            {.name = "the last one lets nobody out",
             .variant = variant<weft::lets_nobody_out::barrier>()},
            {.name = "the last one lets the first out only",
             .variant = variant<weft::lets_the_first_out::barrier>()},
            {.name = "a waiter hangs itself up without looking again",
             .variant = variant<weft::hangs_up_blindly::barrier>()},
            {.name = "a waiter whose phase is over ends a wait it has not claimed",
             .variant = variant<weft::ends_it_unclaimed::barrier>()},
            {.name = "one that gave up stays on the list",
             .variant = variant<weft::leaves_a_node::barrier>()},
            {.name = "one that is cancelled breaks nothing (B3)",
             .variant = variant<weft::cancelled_breaks_nothing::barrier>()},
            {.name = "one that is cancelled breaks a later phase (B3)",
             .variant = variant<weft::breaks_a_later_phase::barrier>()},
            {.name = "one that is cancelled breaks a phase that nobody is missing in (B3)",
             .variant = variant<weft::breaks_a_full_phase::barrier>()},
            {.name = "one that gave up breaks it (B3)",
             .variant = variant<weft::lost_select_breaks::barrier>()},
            {.name = "it breaks, and those who wait are not told",
             .variant = variant<weft::breaks_silently::barrier>()},
            {.name = "it breaks, and those who wait are let out",
             .variant = variant<weft::breaks_without_error::barrier>()},
            {.name = "the last to arrive looks at it again (B4)",
             .variant = variant<weft::last_looks_again::barrier>()},
            {.name = "one that was let out looks at it again (B4)",
             .variant = variant<weft::looks_back_at_it::barrier>()},
            {.name = "the destructor does not take the lock (B4)",
             .variant = variant<weft::barrier_destroyed_without_lock::barrier>()},
            {.name = "a token outlives a reset (B1)",
             .variant = variant<weft::forgets_resets::barrier>()},
            {.name = "a reset keeps those that have arrived",
             .variant = variant<weft::reset_keeps_arrivals::barrier>()},
            {.name = "a reset tells nobody", .variant = variant<weft::resets_silently::barrier>()},
            {.name = "a completion ends a phase that was reset",
             .variant = variant<weft::completes_after_reset::barrier>()},
            {.name = "one that drops out is still counted",
             .variant = variant<weft::drops_nobody::barrier>()}});
}

#endif

}  // namespace
