// SPDX-License-Identifier: Apache-2.0
// Scenarios on the word of one waiter, whose owner and whose wakers are the scenario: what each of
// its moves hands over to whom, without a list's lock that would order the same.
#include "scenarios.hpp"

#include <weft/wait/waiter.hpp>

#include <utility>

namespace {

using weft_test::expect, weft_test::expect_equal;
using claim = weft::waiter::claim;
using shared = weft::atoms::var<int>;
using number = weft::atoms::atomic<int>;

// A waiter whose owner sleeps as a thread does.
class bare_waiter : public weft::waiter {
 public:
  using waiter::begin;
  using waiter::clear_nudge;
  using waiter::close;
  using waiter::end_self;

  // Sleeps once, unless there is no need.
  void doze() {
    if (!std::exchange(has_left_, true)) left_ = 1;
    if (arm() != armed::suspended) return;
    for (std::uint32_t seen = 0; asleep(seen);) {
      if (is_claimed(seen)) {
        weft::atoms::pause();
      } else {
        weft::atoms::park(word(), seen);
      }
    }
  }
  void doze_to_the_end() {
    while (!ended()) doze();
  }
  // As the owner of a wait does: forgets nudges, then looks whether there is something to do.
  template <class F>
  void doze_until(F look) {
    while (!look()) {
      doze();
      clear_nudge();
    }
  }

 private:
  void wake() noexcept override {
    (void)static_cast<int>(left_);
    weft::atoms::unpark_one(&word());
  }
  bool has_left_ = false;
  shared left_ = 0;  // for whoever wakes it, by its owner before it sleeps first
};

// Opening hands over to the claim, the claim's end to the owner.
void a_claim_against_the_beginning(auto& run) {
  bare_waiter w;
  shared data = 0;
  run(
      [&] {
        data = 1;
        w.begin(false);
        w.doze_to_the_end();
        expect_equal(w.winner(), 3u);
        expect_equal(static_cast<int>(data), 2);
      },
      [&] {
        while (w.try_claim() != claim::won) weft::atoms::pause();
        data = data + 1;
        w.commit(3);
      });
}

// As above, for one that cancels.
void a_claim_to_cancel_against_the_beginning(auto& run) {
  bare_waiter w;
  shared data = 0;
  run(
      [&] {
        data = 1;
        w.begin(false);
        w.doze_to_the_end();
        expect_equal(static_cast<int>(data), 2);
      },
      [&] {
        while (w.try_claim_cancel() != claim::won) weft::atoms::pause();
        data = data + 1;
        w.commit(weft::cancelled_case);
      });
}

// A claim that is given back hands over to the next.
void a_claim_after_another(auto& run) {
  bare_waiter w;
  w.begin(false);
  shared data = 0;
  run(
      [&] {
        if (w.try_claim() != claim::won) return;
        data = data + 1;
        w.unclaim();
      },
      [&] {
        if (!w.claim_or_gone()) return;
        data = data + 1;
        w.commit(1);
      });
  expect(w.ended());
}

// W3: a nudge hands over to the owner, whether it finds it awake, asleep or about to look; and one
// that comes while another is forgotten is not lost.
void two_nudges(auto& run) {
  bare_waiter w;
  w.begin(false);
  number there = 0;
  run([&] { w.doze_until([&] { return there.load(weft::relaxed) == 2; }); },
      [&] {
        for (int i : {1, 2}) {
          there.store(i, weft::relaxed);
          w.nudge();
        }
      });
}

// W3: a nudge that meets a claim which is given back reaches the owner.
void a_nudge_against_a_claim_that_is_given_back(auto& run) {
  bare_waiter w;
  w.begin(false);
  number there = 0;
  run([&] { w.doze_until([&] { return there.load(weft::relaxed) == 1; }); },
      [&] {
        if (w.try_claim() == claim::won) w.unclaim();
      },
      [&] {
        there.store(1, weft::relaxed);
        w.nudge();
      });
}

// W4: one that cancels while the owner holds its own claim leaves a nudge.
void a_cancellation_against_a_claim_of_the_owner(auto& run) {
  bare_waiter w;
  w.begin(false);
  number cancelled = 0;
  run(
      [&] {
        if (w.try_claim() == claim::won) w.unclaim();
        w.doze_until([&] { return w.ended() || cancelled.load(weft::relaxed) == 1; });
      },
      [&] {
        cancelled.store(1, weft::relaxed);
        if (w.try_claim_cancel() == claim::won) w.commit(weft::cancelled_case);
      });
}

// W4: the same, where the owner looks once when the wait has begun, and then only when woken.
void a_cancellation_after_the_look_of_the_owner(auto& run) {
  bare_waiter w;
  number cancelled = 0;
  run(
      [&] {
        w.begin(false);
        if (cancelled.load(weft::seq_cst) == 1) return;
        if (w.try_claim() == claim::won) w.unclaim();
        do {
          w.doze();
          w.clear_nudge();
        } while (!w.ended() && cancelled.load(weft::relaxed) != 1);
      },
      [&] {
        cancelled.store(1, weft::seq_cst);
        if (w.try_claim_cancel() == claim::won) w.commit(weft::cancelled_case);
      });
}

// W1: two that end it, and the owner, who does it himself.
void three_that_end_it(auto& run) {
  bare_waiter w;
  w.begin(false);
  shared data = 0;
  number ends = 0;
  auto const end = [&] {
    if (!w.claim_or_gone()) return;
    data = data + 1;
    ends.fetch_add(1, weft::relaxed);
    w.commit(1);
  };
  run([&] { w.end_self(2); }, end, end);
  expect(w.ended());
  expect_equal(ends.load(weft::relaxed), w.winner() == 2 ? 0 : 1);
}

// W8: a wait after a wait, of an owner who has not asked how the first one ended.
void a_wait_after_a_wait(auto& run) {
  bare_waiter w;
  w.begin(false);
  run(
      [&] {
        w.doze();
        w.begin(true);
        w.end_self(2);
        w.close(3);
        expect_equal(w.winner(), 3u);
      },
      [&] {
        if (w.claim_or_gone()) w.commit(1);
      });
}

}  // namespace

weft_test::scenarios const weft_test::waiter_scenarios{
    WEFT_SCENARIO(a_claim_against_the_beginning, .at_least = 79),
    WEFT_SCENARIO(a_claim_to_cancel_against_the_beginning, .at_least = 120),
    WEFT_SCENARIO(a_claim_after_another, .at_least = 8),
    WEFT_SCENARIO(two_nudges, .at_least = 1'500),
    WEFT_SCENARIO(a_cancellation_against_a_claim_of_the_owner, .at_least = 570),
    WEFT_SCENARIO(a_cancellation_after_the_look_of_the_owner, .at_least = 540),
    WEFT_SCENARIO(three_that_end_it, .at_least = 88),
    WEFT_SCENARIO(a_wait_after_a_wait, .at_least = 24),
    WEFT_SCENARIO(a_nudge_against_a_claim_that_is_given_back, .at_least = 4'500),
};

static bool const registered =
    weft_test::register_scenarios("waiter_model", weft_test::waiter_scenarios, __FILE__);
