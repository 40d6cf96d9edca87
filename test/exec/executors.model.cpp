// SPDX-License-Identifier: Apache-2.0
// Scenarios of a loop and of a strand: nothing that was posted is left, and jobs of one of them
// never run beside each other.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <memory>

namespace {

using namespace std::chrono_literals;
using weft_test::expect_equal, weft_test::where_woken;
using shared = weft::atoms::var<int>;

struct adds : weft::job {
  explicit adds(shared& s, int n) : job(&run_it), to(&s), by(n) {}
  static void run_it(weft::job& j) noexcept {
    auto& self = static_cast<adds&>(j);
    *self.to = *self.to + self.by;
  }
  shared* to;
  int by;
};

// A post comes before, while or after the loop looks and goes to sleep.
void a_post_against_the_sleep_of_a_loop(auto& run) {
  weft::loop on;
  shared sum = 0;
  adds a(sum, 1);
  run([&] { expect_equal(on.run_one(), 1u); }, [&] { on.post(a); });
  expect_equal(static_cast<int>(sum), 1);
}

void two_posts_to_a_loop(auto& run) {
  weft::loop on;
  shared sum = 0;
  adds a(sum, 1), b(sum, 2);
  run(
      [&] {
        (void)on.run_one();
        (void)on.run_one();
      },
      [&] { on.post(a); }, [&] { on.post(b); });
  expect_equal(static_cast<int>(sum), 3);
}

void a_stop_against_the_sleep_of_a_loop(auto& run) {
  weft::loop on;
  run([&] { expect_equal(on.run(), 0u); }, [&] { on.stop(); });
}

// A timer is armed while the loop goes to sleep without a deadline: it looks at the wheel again.
struct posts : weft::timer {
  posts(weft::loop& l, weft::job& j) : timer(fires), on(&l), what(&j) {}
  static bool due(weft::timer&) noexcept { return true; }
  static void fire(weft::timer& t) noexcept {
    auto& self = static_cast<posts&>(t);
    self.on->post(*self.what);
  }
  static constexpr action fires{due, fire};
  weft::loop* on;
  weft::job* what;
};

void a_timer_against_the_sleep_of_a_loop(auto& run) {
  weft::loop on;
  shared sum = 0;
  adds a(sum, 1);
  posts t(on, a);
  run([&] { expect_equal(on.run_one(), 1u); },
      [&] {
        t.when = on.now() + 20us;
        on.arm(t);
      });
  expect_equal(static_cast<int>(sum), 1);
}

// The job that ends the loop's last reason to live runs before its poster has come back.
void a_loop_that_goes_under_its_poster(auto& run) {
  auto on = std::make_unique<weft::loop>();
  auto& to = *on;
  shared sum = 0;
  adds a(sum, 1);
  run(
      [&] {
        (void)on->run_one();
        on.reset();
      },
      [&] { to.post(a); });
}

// A strand on an executor that runs each turn in the thread that asked for it.
void two_posts_to_a_strand(auto& run) {
  where_woken on;
  weft::strand s{on};
  shared sum = 0;
  adds a(sum, 1), b(sum, 2);
  auto const give = [&](weft::job& j) {
    return [&] {
      s.post(j);
      where_woken::turn();
    };
  };
  run(give(a), give(b));
  expect_equal(static_cast<int>(sum), 3);
}

void three_posts_to_a_strand(auto& run) {
  where_woken on;
  weft::strand s{on};
  shared sum = 0;
  adds a(sum, 1), b(sum, 2), c(sum, 4);
  run(
      [&] {
        s.post(a);
        s.post(b);
        where_woken::turn();
      },
      [&] {
        s.post(c);
        where_woken::turn();
      });
  expect_equal(static_cast<int>(sum), 7);
}

}  // namespace

weft_test::scenarios const weft_test::executor_scenarios{
    WEFT_SCENARIO(a_stop_against_the_sleep_of_a_loop, .at_least = 8),
    WEFT_SCENARIO(a_post_against_the_sleep_of_a_loop, .at_least = 5),
    WEFT_SCENARIO(a_timer_against_the_sleep_of_a_loop, .at_least = 79),
    WEFT_SCENARIO(a_loop_that_goes_under_its_poster, .at_least = 16),
    WEFT_SCENARIO(two_posts_to_a_strand, .at_least = 4),
    WEFT_SCENARIO(three_posts_to_a_strand, .at_least = 10),
    WEFT_SCENARIO(two_posts_to_a_loop, .at_least = 6'300, .preemptions = 2),
};

static bool const registered =
    weft_test::register_scenarios("executor_model", weft_test::executor_scenarios, __FILE__);
