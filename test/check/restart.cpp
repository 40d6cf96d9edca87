// SPDX-License-Identifier: Apache-2.0
// Handlers that do not return: they go back to a restart point of the thread they interrupted.
#include "outcomes.hpp"

#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/check/thread.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csetjmp>
#include <string>

namespace {

namespace check = weft::check;
using check::found_in, check::model, check::outcomes_of, check::verdict;
using testing::ElementsAre;
using weft::relaxed, weft::release, weft::seq_cst;

// A thread that counts its runs from a restart point on.
struct runs {
  sigjmp_buf jump;
  int count = 0;
  bool inside = false;  // the place of the jump is there

  template <class F>
  [[gnu::noinline]] void go(F const& f) {
    (void)sigsetjmp(jump, 0);
    ++count;
    inside = true;
    f();
    inside = false;
  }
};

TEST(restart, a_handler_goes_back_from_any_step) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::atomic<int> step{0};
    runs reader;
    int at = -1;
    run(
        [&] {
          reader.go([&] {
            for (int i = 1; i <= 2; ++i) step.store(i, relaxed);
          });
        },
        [&] {
          check::send_signal(1, [&] {
            if (!reader.inside) return;
            at = step.load(relaxed);
            check::leave_handler(reader.jump);
          });
        });
    check::note(std::to_string(reader.count) + (at < 0 ? " no" : " " + std::to_string(at)));
  });
  // Before the first step or the second; behind it the thread has left.
  EXPECT_THAT(seen, ElementsAre("1 no", "2 0", "2 1"));
}

TEST(restart, each_of_several_signals_may_begin_it_anew) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::atomic<int> step{0};
    runs reader;
    run(
        [&] {
          reader.go([&] { step.store(1, relaxed); });
          step.store(2, relaxed);
        },
        [&] {
          for (int i = 0; i < 2; ++i) {
            check::send_signal(1, [&] {
              if (reader.inside) check::leave_handler(reader.jump);
            });
          }
        });
    check::note(std::to_string(reader.count));
  });
  EXPECT_THAT(seen, ElementsAre("1", "2", "3"));
}

TEST(restart, what_is_no_handler_cannot_be_left) {
  auto const r = check::explore([](check::threads&) {
    runs reader;
    reader.go([&] { check::leave_handler(reader.jump); });
  });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, testing::HasSubstr("leave_handler() is for handlers"));
}

// A reclaimer that takes an object away and gets the reader out by a signal before it frees it.
struct taking_away {
  bool sends = true, leaves = true, settles = true;

  void operator()(check::threads& run) const {
    struct object {
      check::var<int> value{7};
    };
    check::atomic<object*> shared{new object};
    check::atomic<int> reading{0};
    runs reader;
    run(
        [&] {
          reader.go([&] {
            reading.store(1, seq_cst);
            auto* const o = shared.load(seq_cst);
            for (int i = 0; o != nullptr && i < 2; ++i) {
              reading.store(1, relaxed);  // somewhere in between
              check::expect_equal(o->value.get(), 7);
            }
            reading.store(0, release);
          });
        },
        [&] {
          auto* const o = shared.exchange(nullptr, seq_cst);
          if (reading.load(seq_cst) != 0) {
            if (sends) {
              check::send_signal(1, [&, leave = leaves] {
                if (!reader.inside) return;
                reading.store(0, release);
                if (leave) check::leave_handler(reader.jump);
              });
            }
            if (settles) model::settle();
          }
          delete o;
        });
  }
};

TEST(restart, behind_a_settling_barrier_the_signal_has_been_handled) {
  auto const r = check::explore(taking_away{});
  EXPECT_TRUE(r) << r;
  EXPECT_TRUE(r.exhausted);
  EXPECT_GT(r.executions, 100u);
}
// As NBR has it: the return of the sending call is taken for the delivery.
TEST(restart, the_sending_alone_is_not_enough) {
  EXPECT_NE(found_in(taking_away{.settles = false}), verdict::passed);
}
// As nim-debra has it: the reader's flag is cleared, and it reads on.
TEST(restart, a_handler_that_returns_is_not_enough) {
  EXPECT_NE(found_in(taking_away{.leaves = false}), verdict::passed);
}
TEST(restart, a_barrier_alone_is_not_enough) {
  EXPECT_NE(found_in(taking_away{.sends = false}), verdict::passed);
}

}  // namespace
