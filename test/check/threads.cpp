// SPDX-License-Identifier: Apache-2.0
// Threads of the scenario's own, what belongs to each, and what reaches into another: signals,
// barriers in every thread.
#include "outcomes.hpp"

#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/check/thread.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace {

namespace check = weft::check;
using check::found_in, check::model, check::outcomes_of, check::verdict;
using testing::ElementsAre;
using weft::acquire, weft::relaxed, weft::release;
using word = check::atomic<std::uint32_t>;

TEST(thread, runs_beside_its_starter_and_is_joined) {
  auto const seen = outcomes_of([](check::threads&) {
    check::atomic<int> x{0};
    check::var<int> data{0};
    check::thread other(
        [&](int a, std::unique_ptr<int> b) {
          x.store(a, relaxed);
          data.set(*b);
        },
        3, std::make_unique<int>(4));
    check::expect(other.joinable());
    auto const early = x.load(relaxed);
    other.join();
    check::expect(!other.joinable());
    check::expect_equal(data.get(), 4);
    check::expect_equal(x.load(relaxed), 3);
    check::note(std::to_string(early));
  });
  EXPECT_THAT(seen, ElementsAre("0", "3"));
}

TEST(thread, before_its_join_it_is_not_ordered) {
  EXPECT_EQ(found_in([](check::threads&) {
              check::var<int> data{0};
              check::thread other([&] { data.set(1); });
              (void)data.get();
              other.join();
            }),
            verdict::data_race);
}

TEST(thread, moves_and_has_a_number) {
  auto const r = check::explore([](check::threads& run) {
    check::expect_equal(check::this_thread::get_id(), 0u);
    check::thread::id inside = 9;
    check::thread a([&] { inside = check::this_thread::get_id(); });
    auto const number = a.get_id();
    check::thread b(std::move(a));
    check::expect(!a.joinable());  // NOLINT: moved from
    a = std::move(b);
    a.join();
    check::expect_equal(inside, number);
    run([] { check::expect_equal(check::this_thread::get_id(), 1u); },
        [] { check::expect_equal(check::this_thread::get_id(), 2u); });
  });
  EXPECT_TRUE(r) << r;
}

TEST(thread, may_start_others) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> n{0};
    run(
        [&] {
          check::thread inner([&] { n.fetch_add(1); });
          n.fetch_add(2);
          inner.join();
        },
        [&] { n.fetch_add(4); });
    check::expect_equal(n.load(), 7);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_GE(r.executions, 6u) << "three additions in any order";
}

struct tag;

TEST(thread_slot, is_each_threads_own_and_starts_anew) {
  using slot = model::thread_slot<int, tag>;
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    check::expect_equal(slot::get(), 0);
    slot::set(9);
    auto const body = [&](int mine) {
      return [&x, mine] {
        check::expect_equal(slot::get(), 0);
        slot::set(mine);
        x.fetch_add(1);
        check::expect_equal(slot::get(), mine);
      };
    };
    run(body(1), body(2));
    run(body(3), body(4));
    check::expect_equal(slot::get(), 9);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 4u);
}

TEST(thread_exit, runs_what_was_asked_for_the_last_first) {
  auto const r = check::explore([](check::threads& run) {
    check::var<int> order{0};
    run(
        [&] {
          model::at_thread_exit(
              [](void* o) {
                auto& n = *static_cast<check::var<int>*>(o);
                n.set(n.get() * 10 + 1);
              },
              &order);
          model::at_thread_exit(
              [](void* o) {
                auto& n = *static_cast<check::var<int>*>(o);
                n.set(n.get() * 10 + 2);
              },
              &order);
          check::expect_equal(order.get(), 0);
        },
        [] {});
    check::expect_equal(order.get(), 21);
  });
  EXPECT_TRUE(r) << r;
}

// The handler runs in the other thread, before any of its steps or at its end, or not at all if
// that thread has ended.
TEST(signal, comes_at_any_step) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::atomic<int> step{0};
    int at = -1;
    run(
        [&] {
          for (int i = 1; i <= 3; ++i) step.store(i, relaxed);
        },
        [&] {
          check::send_signal(1, [&] {
            check::expect_equal(check::this_thread::get_id(), 1u);
            at = step.load(relaxed);
          });
        });
    check::note(std::to_string(at));
  });
  EXPECT_THAT(seen, ElementsAre("-1", "0", "1", "2", "3"));
}

TEST(signal, what_its_sender_did_is_visible_to_the_handler) {
  auto const r = check::explore([](check::threads& run) {
    check::var<int> data{0};
    check::atomic<int> x{0};
    bool ran = false;
    run([&] { x.store(1); },
        [&] {
          data.set(5);
          check::send_signal(1, [&] {
            ran = true;
            check::expect_equal(data.get(), 5);
          });
        });
    check::note(ran ? "ran" : "late");
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.outcomes.size(), 2u);
}

// A handler that runs before the thread has slept cannot wake it: it changes the word.
TEST(signal, wakes_a_sleeper) {
  auto const wakes = [](bool change) {
    return found_in(
        [change](check::threads& run) {
          word w{0};
          bool handled = false;
          auto const handler = [&] {
            handled = true;
            if (change) w.store(1, relaxed);
          };
          run([&] { model::park(w, 0); }, [&] { check::send_signal(1, handler); });
          check::expect(handled, "a sleeper cannot have ended");
        },
        {.spurious = 0});
  };
  EXPECT_EQ(wakes(true), verdict::passed);
  EXPECT_EQ(wakes(false), verdict::deadlock);
}

// The system runs it before it lets the thread go on, with or without a deadline.
TEST(signal, that_wakes_a_sleeper_is_handled_before_it_goes_on) {
  for (bool const timed : {false, true}) {
    auto const seen = outcomes_of(
        [timed](check::threads& run) {
          word w{0}, slept{0};
          bool handled = false;
          auto const deadline = timed ? weft::time_point{weft::duration{5}} : weft::never;
          run(
              [&] {
                bool const in_time = model::park(w, 0, deadline);
                if (timed && !in_time) return check::note("late");
                check::note(handled ? "handled" : "not handled");
                slept.store(1, relaxed);
              },
              [&] {
                check::send_signal(1, [&] {
                  handled = true;
                  w.store(1, relaxed);
                });
              });
        },
        {.spurious = 0});
    if (timed) {
      EXPECT_THAT(seen, ElementsAre("handled", "late"));
    } else {
      EXPECT_THAT(seen, ElementsAre("handled"));
    }
  }
}

TEST(signal, one_handler_at_a_time_in_the_order_of_sending) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    int order = 0;
    bool inside = false;
    auto const handler = [&](int mine) {
      return [&, mine] {
        check::expect(!inside, "no handler interrupts another");
        inside = true;
        x.fetch_add(1);
        inside = false;
        order = order * 10 + mine;
      };
    };
    run([&] { x.fetch_add(1), x.fetch_add(1); },
        [&] {
          check::send_signal(1, handler(1));
          check::send_signal(1, handler(2));
        });
    check::note(std::to_string(order));
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.outcomes.count("21"), 0u);
  EXPECT_EQ(r.outcomes.count("12"), 1u);
}

// An asymmetric pair: the light side has a compiler barrier only, the heavy one interrupts all.
bool both_read_0(bool left_heavy, bool right_heavy) {
  auto const seen = outcomes_of([=](check::threads& run) {
    check::atomic<int> x{0}, y{0};
    int a = 9, b = 9;
    run(
        [&] {
          x.store(1, relaxed);
          left_heavy ? model::heavy() : model::light();
          a = y.load(relaxed);
        },
        [&] {
          y.store(1, relaxed);
          right_heavy ? model::heavy() : model::light();
          b = x.load(relaxed);
        });
    check::note(std::to_string(a) + std::to_string(b));
  });
  return std::find(seen.begin(), seen.end(), "00") != seen.end();
}

TEST(barrier, of_one_side_is_enough_if_it_is_heavy) {
  EXPECT_TRUE(both_read_0(false, false));
  EXPECT_FALSE(both_read_0(true, false));
  EXPECT_FALSE(both_read_0(false, true));
  EXPECT_FALSE(both_read_0(true, true));
}

// A fence is no replacement: it says nothing of the other thread's loads and stores.
TEST(barrier, a_fence_is_not_heavy) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::atomic<int> x{0}, y{0};
    int a = 9, b = 9;
    run(
        [&] {
          x.store(1, relaxed);
          model::light();
          a = y.load(relaxed);
        },
        [&] {
          y.store(1, relaxed);
          model::fence();
          b = x.load(relaxed);
        });
    check::note(std::to_string(a) + std::to_string(b));
  });
  EXPECT_THAT(seen, testing::Contains("00"));
}

// Whoever unpublishes, then passes the barrier, sees every reader that may still hold what it read.
TEST(barrier, readers_that_only_announce_themselves) {
  auto const reclaim = [](bool heavy) {
    return found_in([heavy](check::threads& run) {
      check::atomic<int*> shared{new int(3)};
      check::atomic<bool> reading{false};
      run(
          [&] {
            reading.store(true, relaxed);
            model::light();
            if (auto* const p = shared.load(acquire)) {
              check::detail::plain_read(p, sizeof *p, std::source_location::current());
            }
            reading.store(false, release);
          },
          [&] {
            auto* const old = shared.exchange(nullptr, weft::acq_rel);
            if (heavy) model::heavy();
            while (reading.load(acquire)) model::pause();
            delete old;
          });
    });
  };
  EXPECT_EQ(reclaim(true), verdict::passed);
  EXPECT_EQ(reclaim(false), verdict::use_after_free);
}

}  // namespace
