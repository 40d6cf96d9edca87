// SPDX-License-Identifier: Apache-2.0
// Scenarios of tasks and their groups: nothing a group spawned outlives it, whoever ends what when.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <memory>
#include <optional>
#include <stdexcept>

namespace {

using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;
using shared = weft::atoms::var<int>;

// Counts when it goes.
struct note {
  weft::atoms::atomic<int>& to;
  explicit note(weft::atoms::atomic<int>& n) : to(n) {}
  note(note const&) = delete;
  note& operator=(note const&) = delete;
  ~note() { to.fetch_add(1, weft::relaxed); }
};

// Tasks that wait for a gate each.
class two_tasks {
 public:
  explicit two_tasks(bool fail) {
    for (auto* g : {&first, &second}) {
      (void)tasks.spawn([this, g, fail]() -> weft::task<> {
        note n(ended_);
        auto op = g->opened();
        co_await std::move(op);
        if (fail) throw std::runtime_error("a task failed");
        data[g == &second] = 1;
      });
    }
  }
  auto open(weft::gate& g) {
    return in_turn([&g] { g.open(); });
  }
  auto cancel() {
    return in_turn([this] { tasks.all().cancel(); });
  }
  void check() const {
    expect_equal(tasks.live(), 0u);
    expect_equal(ended_.load(weft::relaxed), 2);
  }
  weft::gate first, second;
  moving_tasks tasks;
  shared data[2] = {0, 0};

 private:
  weft::atoms::atomic<int> ended_ = 0;
};

// join() returns after both, and sees what they wrote.
void a_join_against_the_ends(auto& run) {
  two_tasks t{false};
  run(t.open(t.first), t.open(t.second), [&] {
    t.tasks.all().join().wait();
    expect_equal(static_cast<int>(t.data[0]) + static_cast<int>(t.data[1]), 2);
  });
  t.check();
}

// A look at the number of those that live shows what an ended one wrote.
void a_look_against_the_ends(auto& run) {
  two_tasks t{false};
  run(t.open(t.first), t.open(t.second), [&] {
    if (t.tasks.live() == 0)
      expect_equal(static_cast<int>(t.data[0]) + static_cast<int>(t.data[1]), 2);
  });
  t.check();
}

// The first error cancels the other task, or finds it failed too; join() throws one.
void two_errors(auto& run) {
  two_tasks t{true};
  run(t.open(t.first), t.open(t.second));
  t.check();
  expect(weft::as_result(t.tasks.all().join()).wait().failed());
}

// An error cancels the other task, which waits for nothing that comes.
void an_error_ends_the_other(auto& run) {
  two_tasks t{true};
  run(t.open(t.first), [&] { expect(weft::as_result(t.tasks.all().join()).wait().failed()); });
  t.check();
}

void an_end_against_a_cancellation(auto& run) {
  two_tasks t{false};
  run(t.open(t.first), t.cancel());
  t.check();
}

// A task runs in a loop while it is cancelled from outside: it ends in the loop's thread.
void a_task_of_a_loop_is_cancelled(auto& run) {
  weft::loop on;
  weft::group tasks{on};
  weft::gate g;
  weft::atoms::atomic<int> ended = 0;
  auto body = [&]() -> weft::task<> {
    note n(ended);
    auto op = g.opened();
    co_await std::move(op);
  };
  run(
      [&] {
        (void)tasks.spawn(body);
        while (tasks.live() != 0) (void)on.run_one();
      },
      [&] { tasks.cancel(); });
  expect_equal(ended.load(weft::relaxed), 1);
}

// A group goes: its destructor cancels, and waits for the tasks that another thread runs.
void the_end_of_a_group(auto& run) {
  weft::loop on;
  weft::gate never;
  weft::atoms::atomic<int> ended = 0;
  auto body = [&]() -> weft::task<> {
    note n(ended);
    auto op = never.opened();
    co_await std::move(op);
  };
  auto tasks = std::make_unique<weft::group>(on);
  (void)tasks->spawn(body);
  (void)on.poll();
  run(
      [&] {
        tasks.reset();
        expect_equal(ended.load(weft::relaxed), 1);
        on.stop();
      },
      [&] { (void)on.run(); });
}

// A task's value is taken by a thread while the task ends, or dropped.
void the_value_of_a_task(auto& run) {
  weft::gate g;
  moving_tasks tasks;
  auto value = tasks.spawn([&]() -> weft::task<std::unique_ptr<int>> {
    auto op = g.opened();
    co_await std::move(op);
    co_return std::make_unique<int>(1);
  });
  run(in_turn([&] { g.open(); }), [&] { expect_equal(*value.get().wait(), 1); });
  expect_equal(tasks.live(), 0u);
}

void a_value_that_nobody_wants(auto& run) {
  weft::gate g;
  moving_tasks tasks;
  std::optional value = tasks.spawn([&]() -> weft::task<std::unique_ptr<int>> {
    auto op = g.opened();
    co_await std::move(op);
    co_return std::make_unique<int>(1);
  });
  run(in_turn([&] { g.open(); }), [&] { value.reset(); });
  expect_equal(tasks.live(), 0u);
}

// A group within a task: the task goes on when both have ended, in the thread of the second one.
void a_group_within_a_task(auto& run) {
  weft::gate first, second;
  moving_tasks tasks;
  (void)tasks.spawn([&]() -> weft::task<> {
    shared data[2] = {0, 0};
    auto body = [&](weft::group& g) -> weft::task<> {
      auto child = [&](weft::gate& until, int i) -> weft::task<> {
        auto op = until.opened();
        co_await std::move(op);
        data[i] = 1;
      };
      (void)g.spawn(child, std::ref(first), 0);
      (void)g.spawn(child, std::ref(second), 1);
      co_return;
    };
    auto both = weft::with_group(body);
    co_await std::move(both);
    expect_equal(static_cast<int>(data[0]) + static_cast<int>(data[1]), 2);
  });
  run(in_turn([&] { first.open(); }), in_turn([&] { second.open(); }));
  expect_equal(tasks.live(), 0u);
}

// The same, cancelled from outside while one of its tasks ends.
void a_group_within_a_task_is_cancelled(auto& run) {
  weft::gate g, never;
  moving_tasks tasks;
  weft::atoms::atomic<int> ended = 0;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto body = [&](weft::group& in) -> weft::task<> {
      auto child = [&](weft::gate& until) -> weft::task<> {
        auto op = weft::as_result(until.opened());
        (void)co_await std::move(op);
        ended.fetch_add(1, weft::relaxed);
      };
      (void)in.spawn(child, std::ref(g));
      (void)in.spawn(child, std::ref(never));
      co_return;
    };
    auto both = weft::with_group(body);
    co_await std::move(both);  // its body has ended with a value: that is what it gives
    expect_equal(ended.load(weft::relaxed), 2);
    expect(weft::is_cancelled());
    auto next = never.opened();
    co_await std::move(next);
    expect(false, "the next wait of a cancelled task does not return");
  });
  run(in_turn([&] { g.open(); }), in_turn([&] { tasks.all().cancel(); }));
  expect_equal(tasks.live(), 0u);
  expect_equal(ended.load(weft::relaxed), 2);
}

// The losers of when_any have ended when it returns.
void the_first_of_two_tasks(auto& run) {
  weft::gate first, second;
  moving_tasks tasks;
  weft::atoms::atomic<int> ended = 0;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto one = [&](weft::gate& until) -> weft::task<> {
      note n(ended);
      auto op = until.opened();
      co_await std::move(op);
    };
    auto any = weft::when_any(one(first), one(second));
    (void)co_await std::move(any);
    expect_equal(ended.load(weft::relaxed), 2);
  });
  run(in_turn([&] { first.open(); }), in_turn([&] { second.open(); }));
  expect_equal(tasks.live(), 0u);
}

}  // namespace

weft_test::scenarios const weft_test::group_scenarios{
    WEFT_SCENARIO(the_value_of_a_task, .at_least = 210),
    WEFT_SCENARIO(a_value_that_nobody_wants, .at_least = 4),
    WEFT_SCENARIO(an_end_against_a_cancellation, .at_least = 710),
    WEFT_SCENARIO(an_error_ends_the_other, .at_least = 140),
    WEFT_SCENARIO(two_errors, .at_least = 750),
    WEFT_SCENARIO(a_group_within_a_task, .at_least = 22),
    WEFT_SCENARIO(a_group_within_a_task_is_cancelled, .at_least = 2'300),
    WEFT_SCENARIO(a_task_of_a_loop_is_cancelled, .at_least = 430),
    WEFT_SCENARIO(the_end_of_a_group, .at_least = 4'500),
    WEFT_SCENARIO(a_look_against_the_ends, .at_least = 38),
    WEFT_SCENARIO(a_join_against_the_ends, .at_least = 1'100),
    WEFT_SCENARIO(the_first_of_two_tasks, .at_least = 14'700),
};

static bool const registered =
    weft_test::register_scenarios("group_model", weft_test::group_scenarios, __FILE__);
