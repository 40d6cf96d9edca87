// SPDX-License-Identifier: Apache-2.0
// Scenarios of what a runtime is made of, each part alone: the set of idle workers, the injection
// queue, the wheel of timers, the visitors of an object, the pool of threads that may block.
#include "scenarios.hpp"

#include <exec/blocking_pool.hpp>
#include <exec/idle_set.hpp>
#include <exec/injection.hpp>

#include <weft/exec/timer_wheel.hpp>
#include <weft/exec/visitors.hpp>
#include <weft/weft.hpp>

#include <memory>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal;
using shared = weft::atoms::var<int>;
using number = weft::atoms::atomic<int>;

// P1: whoever goes to sleep puts its bit in and then looks; whoever has work shows it and then
// takes a bit out. One of the two sees the other.
void a_bit_that_goes_in_against_work(auto& run) {
  weft::detail::idle_set idle;
  number work = 0;
  bool seen = false, taken = false;
  run(
      [&] {
        idle.insert(0);
        seen = work.load(weft::seq_cst) == 1;
      },
      [&] {
        work.store(1, weft::seq_cst);
        taken = idle.remove_any() == 0;
      });
  expect(seen || taken);
}

// P3: a bit is taken out once; what was written before it went in is there.
void two_that_take_a_bit_out(auto& run) {
  weft::detail::idle_set idle;
  shared data = 0;
  number times = 0;
  auto const take = [&](bool own) {
    if (!own) return;
    data = data + 1;
    times.fetch_add(1, weft::relaxed);
  };
  run(
      [&] {
        data = 1;
        idle.insert(3);
      },
      [&] { take(idle.remove(3)); }, [&] { take(idle.remove_any() == 3); });
  expect_equal(times.load(weft::relaxed), idle.remove(3) ? 0 : 1);
}

// P3: a worker that finds its bit taken sees what was written before.
void a_worker_finds_its_bit_taken(auto& run) {
  weft::detail::idle_set idle;
  shared data = 0;
  idle.insert(0);
  run(
      [&] {
        if (!idle.remove(0)) expect_equal(static_cast<int>(data), 1);
      },
      [&] {
        data = 1;
        (void)idle.remove(0);
      });
}

struct payload : weft::job {
  explicit payload(int v) : job([](weft::job&) noexcept {}) { value = v; }
  shared value = 0;
};

// Each job that was pushed is popped once.
void two_that_push_and_one_that_pops(auto& run) {
  weft::detail::injection queue;
  payload a(1), b(2);
  int got = 0;
  auto const take = [&] {
    for (auto* j = queue.pop(2); j != nullptr; j = j->next)
      got += static_cast<int>(static_cast<payload*>(j)->value);
  };
  run([&] { queue.push(a); }, [&] { queue.push(b); }, take);
  take();
  expect_equal(got, 3);
  expect_equal(queue.size(), 0u);
}

// What a visitor did is there for who waits for it to leave.
void a_visitor_against_the_end(auto& run) {
  auto visited = std::make_unique<weft::detail::visitors>();
  number posted = 0;
  shared data = 0;
  run(
      [&] {
        weft::detail::visitors::visit const here{*visited};
        posted.store(1, weft::release);
        data = 1;
      },
      [&] {
        while (posted.load(weft::acquire) == 0) weft::atoms::pause();
        visited->wait();
        expect_equal(static_cast<int>(data), 1);
        visited.reset();
      });
}

// P4: whoever arms a timer that is the first to expire then reads when the keeper wakes; the
// keeper writes that and then reads the wheel.
void a_first_timer_against_the_keeper(auto& run) {
  static constexpr weft::timer::action none{[](weft::timer&) noexcept { return false; },
                                            [](weft::timer&) noexcept {}};
  weft::timer t{none};
  weft::timer_wheel wheel{weft::time_point{}};
  t.when = weft::time_point{} + 1ms;
  number keeper = 0;
  bool told = false, seen = false;
  run(
      [&] {
        expect(wheel.add(t));
        told = keeper.load(weft::seq_cst) == 1;
      },
      [&] {
        keeper.store(1, weft::seq_cst);
        seen = wheel.next() != weft::never;
      });
  expect(told || seen);
  wheel.remove(t);
}

// A timer that matters once: to its expiry, or to the one who takes it back.
struct once : weft::timer {
  explicit once(std::chrono::milliseconds at) : timer(fires) { when = weft::time_point{} + at; }
  [[nodiscard]] bool claim() noexcept { return claimed.exchange(1, weft::acq_rel) == 0; }
  static bool due(weft::timer& t) noexcept { return static_cast<once&>(t).claim(); }
  static void fire(weft::timer& t) noexcept {
    static_cast<once&>(t).fired.fetch_add(1, weft::release);
  }
  static constexpr action fires{due, fire};
  number claimed = 0, fired = 0;
};

void expire(weft::timer_wheel& wheel, std::chrono::milliseconds now) {
  weft::list<weft::timer> due;
  wheel.expire(weft::time_point{} + now, due);
  while (auto* const x = due.pop_front()) x->kind->fire(*x);
}

// Who has claimed it takes it back, and then it is not touched; else it is waited for.
void a_timer_taken_back_against_its_expiry(auto& run) {
  weft::timer_wheel wheel{weft::time_point{}};
  auto t = std::make_unique<once>(1ms);
  number steps = 0;  // the list of those that fire is nobody else's: its turn is a step of its own
  (void)wheel.add(*t);
  run(
      [&] {
        weft::list<weft::timer> due;
        wheel.expire(weft::time_point{} + 2ms, due);
        steps.fetch_add(1, weft::relaxed);
        while (auto* const x = due.pop_front()) x->kind->fire(*x);
      },
      [&] {
        bool const mine = t->claim();
        wheel.remove(*t);
        steps.fetch_add(1, weft::relaxed);
        if (mine) {
          expect_equal(t->fired.load(weft::relaxed), 0);
        } else {
          while (t->fired.load(weft::acquire) == 0) weft::atoms::pause();
        }
        t.reset();
      });
}

// A timer is added while others expire: it is in the wheel, and next() says so.
void a_timer_added_against_an_expiry(auto& run) {
  weft::timer_wheel wheel{weft::time_point{}};
  once first(1ms), second(5ms);
  (void)wheel.add(first);
  run([&] { expire(wheel, 2ms); }, [&] { (void)wheel.add(second); });
  expect(wheel.next() <= second.when);
  expire(wheel, 6ms);
  expect_equal(first.fired.load(weft::relaxed) + second.fired.load(weft::relaxed), 2);
}

// A job of the pool opens a gate.
struct opens : weft::job {
  explicit opens(weft::gate& g)
      : job([](weft::job& j) noexcept { static_cast<opens&>(j).to->open(); }), to(&g) {}
  weft::gate* to;
};

// The pool lets its threads go, and does not join them; the checker wants to see the end of each.
void see_the_end_of_its_thread() {
#if defined(WEFT_MODEL)
  weft::atoms::join(static_cast<weft::atoms::thread>(1));
#endif
}

// The pool goes as soon as its only thread has: that one leaves, and touches nothing afterwards.
void a_pool_that_ends_after_a_call(auto&) {
  auto pool = std::make_unique<weft::detail::blocking_pool>("x", 1);
  weft::gate g;
  opens j(g);
  pool->post(j);
  g.opened().wait();
  pool.reset();
  see_the_end_of_its_thread();
}

// A thread that has run a job sleeps, or is about to, when the next one comes.
void two_calls_for_one_thread(auto&) {
  auto pool = std::make_unique<weft::detail::blocking_pool>("x", 1);
  weft::gate g, h;
  opens j(g), k(h);
  pool->post(j);
  g.opened().wait();
  pool->post(k);
  h.opened().wait();
  pool.reset();
  see_the_end_of_its_thread();
}

// A call is taken back while the thread may begin it.
void a_call_taken_back(auto&) {
  auto pool = std::make_unique<weft::detail::blocking_pool>("x", 1);
  weft::gate g;
  opens j(g);
  pool->post(j);
  if (!pool->take_back(j)) g.opened().wait();
  expect(!pool->on_thread());
  pool.reset();
  see_the_end_of_its_thread();
}

}  // namespace

weft_test::scenarios const weft_test::part_scenarios{
    WEFT_SCENARIO(a_bit_that_goes_in_against_work, .at_least = 2),
    WEFT_SCENARIO(two_that_take_a_bit_out, .at_least = 7),
    WEFT_SCENARIO(a_worker_finds_its_bit_taken, .at_least = 2),
    WEFT_SCENARIO(two_that_push_and_one_that_pops, .at_least = 6),
    WEFT_SCENARIO(a_visitor_against_the_end, .at_least = 7),
    WEFT_SCENARIO(a_first_timer_against_the_keeper, .at_least = 2),
    WEFT_SCENARIO(a_timer_taken_back_against_its_expiry, .at_least = 8),
    WEFT_SCENARIO(a_timer_added_against_an_expiry, .at_least = 2),
    WEFT_SCENARIO(a_pool_that_ends_after_a_call, .at_least = 520, .late_timeouts = true),
    WEFT_SCENARIO(a_call_taken_back, .at_least = 550, .late_timeouts = true),
    WEFT_SCENARIO(two_calls_for_one_thread, .at_least = 960, .preemptions = 1,
                  .late_timeouts = true),
};

static bool const registered =
    weft_test::register_scenarios("part_model", weft_test::part_scenarios, __FILE__);
