// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/wait/README.md on cancellation: W4, W7 and W8, and the lives of
// scopes.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <optional>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// W1, W4: a cancellation is one more party; with it somebody always ends the wait.
void a_commit_against_a_cancellation(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  auto s = weft::scope::root();
  bool got = false, gave = false;
  run([&] { got = weft::as_result(rx.recv() | weft::with(s)).wait().has_value(); },
      [&] { gave = bool(tx.try_send(1)); }, [&] { s.cancel(); });
  expect_equal(got, gave);
}

// W1: a timeout is another.
void a_timeout_against_a_cancellation(auto& run) {
  weft::gate never;
  auto s = weft::scope::root();
  run(
      [&] {
        auto op = weft::as_result(never.opened() | weft::with(s) | weft::timeout(20us));
        auto const r = std::move(op).wait();
        expect(r.cancelled() || r.failed());
      },
      [&] { s.cancel(); });
}

// W4: the owner begins a wait and looks at its scope; who cancels looks at the waiter.
void a_cancellation_against_the_beginning_of_a_wait(auto& run) {
  weft::gate before, never;
  moving_tasks tasks;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto first = before.opened();
    co_await std::move(first);
    auto second = never.opened();
    co_await std::move(second);
  });
  run(in_turn([&] { before.open(); }), in_turn([&] { tasks.all().cancel(); }));
  expect_equal(tasks.live(), 0u);
}

// W4: a task is made in a scope that is being cancelled.
void a_cancellation_against_a_new_task(auto& run) {
  weft::gate never;
  moving_tasks tasks;
  run(
      [&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          auto op = never.opened();
          co_await std::move(op);
        });
      },
      in_turn([&] { tasks.all().cancel(); }));
  expect_equal(tasks.live(), 0u);
}

// W4: a wait in a scope besides the ambient one.
void a_cancellation_against_a_wait_in_another_scope(auto& run) {
  weft::gate never;
  auto s = weft::scope::root();
  run([&] { expect(weft::as_result(never.opened() | weft::with(s)).wait().cancelled()); },
      [&] { s.cancel(); });
}

// W4: the scope above is cancelled while the one below is made and entered.
void a_cancellation_against_a_new_scope(auto& run) {
  auto top = weft::scope::root();
  weft::gate never;
  run(
      [&] {
        auto low = top.child();
        auto r = weft::as_result(never.opened() | weft::with(low)).wait();
        expect_equal(r.reason(), "over");
      },
      [&] { top.cancel("over"); });
}

void a_cancellation_against_two_new_scopes(auto& run) {
  auto top = weft::scope::root();
  weft::gate never;
  run(
      [&] {
        auto low = top.child().child();
        auto r = weft::as_result(never.opened() | weft::with(low)).wait();
        expect_equal(r.reason(), "over");
      },
      [&] { top.cancel("over"); });
}

// W4: the rendezvous of the owner comes to nothing. Its own claim is in waiter.model.cpp.
void a_cancellation_against_a_rendezvous(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  weft::gate g;
  moving_tasks giver, taker;
  std::size_t gave = 9;
  int got = 0;
  (void)giver.spawn([&]() -> weft::task<> {
    auto op = weft::select(g.opened(), tx.send(1));
    auto const r = co_await std::move(op);
    gave = r.index();
  });
  run(
      [&] {
        (void)taker.spawn([&]() -> weft::task<> {
          auto op = rx.recv();
          got = *co_await std::move(op);
        });
      },
      in_turn([&] { g.open(); }), in_turn([&] { taker.all().cancel(); }));
  expect_equal(giver.live() + taker.live(), 0u);
  expect_equal(gave, static_cast<std::size_t>(got));
}

// W1: two that cancel; one is first, and its reason counts.
void two_cancellations(auto& run) {
  auto top = weft::scope::root();
  auto low = top.child();
  bool first = false, second = false;
  run([&] { first = low.cancel("low"); }, [&] { second = top.cancel("top"); });
  expect(second);
  expect_equal(low.reason(), first ? "low" : "top");
}

// What cancelled() has said holds for the reason, too.
void a_look_at_the_reason(auto& run) {
  auto s = weft::scope::root();
  run([&] { s.cancel("over"); },
      [&] {
        if (!s.cancelled()) return;
        expect_equal(s.reason(), "over");
        expect(!s.state()->late());
      });
}

void a_look_without_a_wait(auto& run) {
  moving_tasks tasks;
  run(
      [&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          while (!weft::is_cancelled()) weft::atoms::pause();
          expect(!weft::this_scope().state()->late());
          co_return;
        });
      },
      [&] { tasks.all().cancel(); });
}

// A scope goes while the one above it is cancelled.
void a_cancellation_against_the_end_of_a_scope(auto& run) {
  auto top = weft::scope::root();
  std::optional low = top.child();
  run([&] { low.reset(); }, [&] { top.cancel(); });
}

// The handles of a scope go in two threads.
void the_last_handle_of_a_scope(auto& run) {
  auto top = weft::scope::root();
  std::optional a = top.child();
  std::optional b = a;
  run([&] { a.reset(); }, [&] { b.reset(); });
}

// W7: a commit that won reaches the task though its scope is cancelled by then.
void a_commit_against_the_cancellation_of_the_task(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  moving_tasks tasks;
  int got = 0, given = 0;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = rx.recv();
    got = *co_await std::move(op);
  });
  run(in_turn([&] { given = tx.try_send(7) ? 7 : 0; }), in_turn([&] { tasks.all().cancel(); }));
  expect_equal(tasks.live(), 0u);
  expect_equal(got, given);
}

// W7, W8: while it is shielded no cancellation ends its wait; the next one is cancelled.
void a_shielded_wait(auto& run) {
  weft::gate g, never;
  moving_tasks tasks;
  bool passed = false;
  (void)tasks.spawn([&]() -> weft::task<> {
    {
      weft::shield until_open;
      auto op = g.opened();
      co_await std::move(op);
    }
    passed = true;
    auto op = never.opened();
    co_await std::move(op);
  });
  run(in_turn([&] { g.open(); }), in_turn([&] { tasks.all().cancel(); }));
  expect_equal(tasks.live(), 0u);
  expect(passed);
}

// Tasks that lose against a gate. Each ends when it is cancelled or, if it is stubborn, only when
// its own gate opens: two may do so at once.
class losers {
 public:
  using number = weft::atoms::atomic<int>;
  explicit losers(bool stubborn) : stubborn_(stubborn) {}
  weft::task<> one(weft::gate& until) {
    struct note {
      number& to;
      explicit note(number& t) : to(t) {}
      ~note() { to.fetch_add(1, weft::relaxed); }
    } const n(ended);
    ++started;
    std::optional<weft::shield> whatever_comes;
    if (stubborn_) whatever_comes.emplace();
    auto op = until.opened();
    co_await std::move(op);
  }
  int started = 0;
  number ended = 0;

 private:
  bool stubborn_;
};

struct select_with_a_loser {
  explicit select_with_a_loser(bool stubborn) : all(stubborn) {
    (void)tasks.spawn([this]() -> weft::task<> {
      auto op = weft::select(all.one(until), wins.opened());
      (void)co_await std::move(op);
      expect_equal(all.ended.load(weft::relaxed), 1);
    });
  }
  void check() {
    expect_equal(tasks.live(), 0u);
    expect_equal(all.ended.load(weft::relaxed), 1);
  }
  weft::gate until, wins;
  losers all;
  moving_tasks tasks;
};

// W8: the select ends after the loser, whatever ends first.
void a_cancelled_loser_against_its_own_end(auto& run) {
  select_with_a_loser s{false};
  run(in_turn([&] { s.wins.open(); }), in_turn([&] { s.until.open(); }));
  s.check();
}

// W8: the select waits a second time.
void a_second_wait_against_the_end_of_the_loser(auto& run) {
  select_with_a_loser s{true};
  run(in_turn([&] { s.wins.open(); }), in_turn([&] { s.until.open(); }));
  s.check();
}

// W8: the second wait is not cancelled.
void a_second_wait_against_a_cancellation(auto& run) {
  select_with_a_loser s{true};
  run(in_turn([&] { s.wins.open(); }), in_turn([&] { s.tasks.all().cancel(); }),
      in_turn([&] { s.until.open(); }));
  s.check();
}

// W8: one loser ends while the select, woken by the other, asks each of them again.
void a_second_wait_for_two(auto& run) {
  weft::gate a, b, wins;
  losers all{true};
  moving_tasks tasks;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = weft::select(all.one(a), all.one(b), wins.opened());
    (void)co_await std::move(op);
    expect_equal(all.ended.load(weft::relaxed), 2);
  });
  wins.open();
  weft_test::where_woken::turn();
  run(in_turn([&] { a.open(); }), in_turn([&] { b.open(); }));
  expect_equal(tasks.live(), 0u);
}

// W8: a thread waits so for a task of another thread's.
weft::loop* of_threads = nullptr;

void a_thread_that_waits_for_the_loser(auto& run) {
  weft::loop on;
  of_threads = &on;
  weft::set_default_executor([]() noexcept -> weft::executor& { return *of_threads; });
  weft::gate wins, never;
  losers all{false};
  run(
      [&] {
        (void)weft::select(all.one(never), wins.opened()).wait();
        expect_equal(all.ended.load(weft::relaxed), all.started);
        on.stop();
      },
      [&] {
        wins.open();
        on.run();
      });
}

}  // namespace

weft_test::scenarios const weft_test::cancel_scenarios{
    WEFT_SCENARIO(two_cancellations, .at_least = 3),
    WEFT_SCENARIO(a_look_at_the_reason, .at_least = 2),
    WEFT_SCENARIO(a_look_without_a_wait, .at_least = 110),
    WEFT_SCENARIO(a_cancellation_against_the_end_of_a_scope, .at_least = 10),
    WEFT_SCENARIO(the_last_handle_of_a_scope, .at_least = 2),
    WEFT_SCENARIO(a_cancellation_against_the_beginning_of_a_wait, .at_least = 2'700),
    WEFT_SCENARIO(a_cancellation_against_a_new_task, .at_least = 410),
    WEFT_SCENARIO(a_cancellation_against_a_wait_in_another_scope, .at_least = 250),
    WEFT_SCENARIO(a_cancellation_against_a_new_scope, .at_least = 650),
    WEFT_SCENARIO(a_cancellation_against_two_new_scopes, .at_least = 2'000),
    WEFT_SCENARIO(a_commit_against_the_cancellation_of_the_task, .at_least = 92),
    WEFT_SCENARIO(a_shielded_wait, .at_least = 120),
    WEFT_SCENARIO(a_timeout_against_a_cancellation, .at_least = 750),
    WEFT_SCENARIO(a_commit_against_a_cancellation, .at_least = 11'200),
    WEFT_SCENARIO(a_cancelled_loser_against_its_own_end, .at_least = 4'200),
    WEFT_SCENARIO(a_second_wait_against_the_end_of_the_loser, .at_least = 1'400),
    WEFT_SCENARIO(a_cancellation_against_a_rendezvous, .at_least = 3'300),
    WEFT_SCENARIO(a_second_wait_for_two, .at_least = 1'800),
    WEFT_SCENARIO(a_thread_that_waits_for_the_loser, .at_least = 30'500, .preemptions = 1),
    WEFT_SCENARIO(a_second_wait_against_a_cancellation, .at_least = 2'000, .preemptions = 1),
};

static bool const registered =
    weft_test::register_scenarios("cancel_model", weft_test::cancel_scenarios, __FILE__);
