// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/exec/README.md: who publishes a job and who goes to sleep. A
// runtime of one worker has every step of the protocol; the scenario waits before the runtime
// goes, because its destructor wakes everybody and would hide a lost wake-up. Deadlines pass only
// when nothing else can happen, so that no timer comes to the rescue.
#include "scenarios.hpp"

#include <weft/weft.hpp>

#include <memory>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal;

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

// Ending: what was posted before the runtime goes is run.
void a_post_against_the_end(auto&) {
  bool done = false;
  struct sets : weft::job {
    explicit sets(bool& b)
        : job([](weft::job& j) noexcept { *static_cast<sets&>(j).to = true; }), to(&b) {}
    bool* to;
  } n(done);
  {
    weft::runtime on(small(1));
    on.post(n);
  }
  expect(done);
}

// Ending: what was posted ends the runtime before its poster has come back.
void a_runtime_that_goes_under_its_poster(auto& run) {
  auto on = std::make_unique<weft::runtime>(small(1));
  auto& to = *on;
  weft::gate g;
  note n(g);
  run([&] { to.post(n); },
      [&] {
        g.opened().wait();
        on.reset();
      });
}

// Ending: the destructor waits for work that was begun from outside, and sees what it did.
void work_from_outside_against_the_end(auto& run) {
  auto on = std::make_unique<weft::runtime>(small(1));
  weft::atoms::var<int> data = 0;
  on->begin_work();
  auto& to = *on;
  run(
      [&] {
        data = 1;
        to.end_work();
      },
      [&] {
        on.reset();
        expect_equal(static_cast<int>(data), 1);
      });
}

// P4: a timer is armed from outside while the only worker goes to sleep without a deadline.
struct opening : weft::timer {
  explicit opening(weft::gate& g) : timer(fires), to(&g) {}
  static bool due(weft::timer&) noexcept { return true; }
  static void fire(weft::timer& t) noexcept { static_cast<opening&>(t).to->open(); }
  static constexpr action fires{due, fire};
  weft::gate* to;
};

void a_timer_against_going_to_sleep(auto&) {
  weft::runtime on(small(1));
  weft::gate g;
  opening t(g);
  t.when = on.now() + 20us;
  on.arm(t);
  g.opened().wait();
}

// A job that blocks until another has run, which a spare does.
struct blocks : weft::job {
  explicit blocks(weft::gate& g)
      : job([](weft::job& j) noexcept {
          weft::blocking_region const outside;
          static_cast<blocks&>(j).until->opened().wait();
        }),
        until(&g) {}
  weft::gate* until;
};

weft::runtime::options with_a_spare() {
  auto o = small(1);
  o.spare_workers = 1;
  return o;
}

void a_worker_that_blocks(auto&) {
  weft::gate g;
  blocks b(g);
  note n(g);
  weft::runtime on(with_a_spare());  // goes first: b has ended when it has
  on.post(b);
  on.post(n);
  g.opened().wait();
}

// The second time the spare has been told to rest, and does, or is about to.
struct blocks_twice : weft::job {
  explicit blocks_twice(weft::gate& g)
      : job([](weft::job& j) noexcept { static_cast<blocks_twice&>(j).block(); }), end(&g) {}
  void block() noexcept {
    until_open(first);
    on->post(comes_by);  // a spare that sleeps is woken, and sees that it is not needed
    while (on->stats().spare != 0) weft::atoms::yield();
    until_open(second);
    end->open();
  }
  void until_open(weft::gate& g) const {
    note n(g);
    weft::blocking_region const outside;
    on->post(n);
    g.opened().wait();
  }
  weft::runtime* on = nullptr;
  weft::gate* end;
  weft::gate first, second, nobody;
  note comes_by{nobody};
};

void a_worker_that_blocks_twice(auto&) {
  weft::gate end;
  blocks_twice b(end);
  weft::runtime on(with_a_spare());
  b.on = &on;
  on.post(b);
  end.opened().wait();
}

}  // namespace

weft_test::scenarios const weft_test::parking_scenarios{
    WEFT_SCENARIO(a_post_against_going_to_sleep, .at_least = 1'300, .preemptions = 1,
                  .late_timeouts = true),
    WEFT_SCENARIO(two_posts_against_going_to_sleep, .at_least = 460, .preemptions = 0,
                  .late_timeouts = true),
    WEFT_SCENARIO(a_post_against_the_end, .at_least = 170, .preemptions = 1, .late_timeouts = true),
    WEFT_SCENARIO(a_runtime_that_goes_under_its_poster, .at_least = 1'100, .preemptions = 0,
                  .late_timeouts = true),
    WEFT_SCENARIO(work_from_outside_against_the_end, .at_least = 64, .preemptions = 0,
                  .late_timeouts = true),
    WEFT_SCENARIO(a_timer_against_going_to_sleep, .at_least = 210, .preemptions = 1,
                  .late_timeouts = true),
    WEFT_SCENARIO(a_worker_that_blocks, .at_least = 920, .preemptions = 0, .late_timeouts = true,
                  .prepared = false),
    WEFT_SCENARIO(a_post_to_two_workers, .at_least = 7'700, .preemptions = 0,
                  .late_timeouts = true),
};

// More than can be explored: tried at random.
weft_test::scenarios const weft_test::large_scenarios{
    WEFT_SCENARIO(a_worker_that_blocks_twice, .preemptions = 0, .late_timeouts = true,
                  .prepared = false),
};

static bool const registered =
    weft_test::register_scenarios("parking_model", weft_test::parking_scenarios, __FILE__);
#if !defined(WEFT_MODEL)
static bool const registered_large =
    weft_test::register_scenarios("parking_model", weft_test::large_scenarios, __FILE__);
#endif
