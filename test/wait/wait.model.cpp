// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/wait/README.md: each a handful of steps of two or three threads on
// one waiter or two. W1 to W8 name what a scenario attacks; those of W4, W7 and W8 stand in
// cancel.model.cpp.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <memory>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// W1: one of the two ends the wait, and both sides agree which.
void a_commit_against_a_timeout(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  bool got = false, gave = false;
  run([&] { got = weft::as_result(rx.recv() | weft::timeout(20us)).wait().has_value(); },
      [&] { gave = weft::as_result(tx.send(1) | weft::timeout(20us)).wait().has_value(); });
  expect_equal(got, gave);
}

// W1: two that have something for one waiter; W5: what the loser hung is taken back, and no permit
// is lost or given twice.
void two_commits(auto& run) {
  weft::semaphore a{0}, b{0};
  run([&] { (void)weft::select(a.acquire(), b.acquire()).wait(); }, [&] { a.release(); },
      [&] { b.release(); });
  expect_equal(a.available() + b.available(), 1u);
}

// W1: the same for a task that sleeps already, and goes on in the thread of who won.
void two_commits_for_a_task(auto& run) {
  weft::gate left, right;
  moving_tasks tasks;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = weft::select(left.opened(), right.opened());
    (void)co_await std::move(op);
  });
  run(in_turn([&] { left.open(); }), in_turn([&] { right.open(); }));
  expect_equal(tasks.live(), 0u);
}

// W1: a task that sleeps, for a lock or a permit; who comes beside the nudge is said by the two.
struct nudged_task {
  weft::mutex m;
  weft::semaphore permits{0};
  weft::scope in = weft::scope::root();
  weft::mutex_guard guard = m.try_acquire();
  moving_tasks tasks;
  std::size_t ended_as = 9;  // the case of the select; 9: cancelled

  nudged_task() {
    (void)tasks.spawn([this]() -> weft::task<> {
      auto op = weft::as_result(weft::select(m.acquire(), permits.acquire()) | weft::with(in));
      auto r = co_await std::move(op);
      if (r) ended_as = r->index();
      expect(ended_as != 0 || !m.try_acquire());
    });
  }
  auto unlock() {
    return in_turn([this] { guard.release(); });
  }
  auto give() {
    return in_turn([this] { permits.release(); });
  }
  auto cancel() {
    return in_turn([this] { in.cancel(); });
  }
  void check(std::size_t given) {
    expect_equal(tasks.live(), 0u);
    expect(bool(m.try_acquire()));
    expect_equal(permits.available(), ended_as == 1 ? given - 1 : given);
  }
};

void a_nudge_against_a_commit(auto& run) {
  nudged_task t;
  run(t.unlock(), t.give());
  t.check(1);
}

void a_nudge_against_a_cancellation(auto& run) {
  nudged_task t;
  run(t.unlock(), t.cancel());
  t.check(0);
}

void a_nudge_a_commit_and_a_cancellation(auto& run) {
  nudged_task t;
  run(t.unlock(), t.give(), t.cancel());
  t.check(1);
}

// W2, W3: the gate opens before, while or after the waiter looks, hangs its node and sleeps.
void a_wake_against_going_to_sleep(auto& run) {
  weft::gate g;
  run([&] { g.opened().wait(); }, [&] { g.open(); });
}

void a_wake_of_two(auto& run) {
  weft::gate g;
  run([&] { g.opened().wait(); }, [&] { g.open(); }, [&] { g.opened().wait(); });
}

// W3: a task goes to sleep in one thread and is woken by another: what it wrote before is there.
void a_task_that_moves(auto& run) {
  weft::gate left, right;
  moving_tasks tasks;
  run(in_turn([&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          weft::atoms::var<int> mine = 1;
          auto op = weft::select(left.opened(), right.opened());
          (void)co_await std::move(op);
          mine = mine + 1;
        });
      }),
      in_turn([&] { left.open(); }));
  expect_equal(tasks.live(), 0u);
}

// W3: a nudge against going to sleep.
void a_nudge_against_going_to_sleep(auto& run) {
  weft::mutex m;
  auto guard = m.try_acquire();
  bool held = false;
  run([&] { held = bool(m.acquire().wait()); }, [&] { guard.release(); });
  expect(held);
}

// W3: the same for a task, which may go on in the other thread.
void a_nudge_of_a_task_that_moves(auto& run) {
  weft::mutex m;
  auto guard = m.try_acquire();
  moving_tasks tasks;
  bool held = false;
  run(in_turn([&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          weft::atoms::var<int> mine = 1;
          auto op = m.acquire();
          auto const g = co_await std::move(op);
          mine = mine + 1;
          held = bool(g);
        });
      }),
      in_turn([&] { guard.release(); }));
  expect(held);
}

// W6a: two selects that offer each other both ways meet once.
void select_against_select(auto& run) {
  auto [to_right, right] = weft::make_channel<int>(0);
  auto [to_left, left] = weft::make_channel<int>(0);
  std::size_t a = 9, b = 9;
  run([&] { a = weft::select(to_right.send(1), left.recv()).wait().index(); },
      [&] { b = weft::select(to_left.send(2), right.recv()).wait().index(); });
  expect_equal(a + b, 1u);
}

// W6a: three in a circle. Two of them meet, and what was sent was received; the third is cancelled
// at last.
class circle {
 public:
  auto one(std::size_t i) {
    return in_turn([this, i] {
      (void)tasks_[i].spawn([this, i]() -> weft::task<> {
        auto op = weft::select(ends_[i].tx.send(1), ends_[(i + 1) % 3].rx.recv());
        auto const r = co_await std::move(op);
        ++(r.index() == 0 ? sent_ : received_)[i];
      });
    });
  }
  void check() {
    for (auto& t : tasks_) t.all().cancel();
    weft_test::where_woken::turn();
    expect_equal(sent_[0] + sent_[1] + sent_[2], 1);
    expect_equal(received_[0] + received_[1] + received_[2], 1);
  }

 private:
  weft::channel_ends<int> ends_[3] = {weft::make_channel<int>(0), weft::make_channel<int>(0),
                                      weft::make_channel<int>(0)};
  moving_tasks tasks_[3];
  int sent_[3] = {}, received_[3] = {};
};

void a_select_that_two_face(auto& run) {
  circle c;
  c.one(0)();
  run(c.one(1), c.one(2));
  c.check();
}

void three_selects_in_a_circle(auto& run) {
  circle c;
  run(c.one(0), c.one(1), c.one(2));
  c.check();
}

// W6d: two that end many waits, each waited for by the same two selects in another order.
void two_gates_that_open_at_once(auto& run) {
  weft::gate left, right;
  moving_tasks tasks;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = weft::select(left.opened(), right.opened(), left.opened());
    (void)co_await std::move(op);
  });
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = weft::select(right.opened(), left.opened(), right.opened());
    (void)co_await std::move(op);
  });
  run(in_turn([&] { left.open(); }), in_turn([&] { right.open(); }));
  expect_equal(tasks.live(), 0u);
}

// W6c: a task's timer, in the wheel of a loop, against a hand-over.
void a_timer_against_a_commit(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  weft::loop on;
  weft::group tasks{on};
  bool got = false, gave = false;
  auto body = [&]() -> weft::task<> {
    auto op = weft::as_result(rx.recv() | weft::timeout(20us));
    auto const r = co_await std::move(op);
    got = r.has_value();
  };
  (void)tasks.spawn(body);
  (void)on.poll();
  run(
      [&] {
        while (tasks.live() != 0) (void)on.run_one();
      },
      [&] { gave = bool(tx.try_send(1)); });
  expect_equal(got, gave);
}

// W5: who parked may destroy the gate on waking.
void destruction_on_waking(auto& run) {
  auto g = std::make_unique<weft::gate>();
  auto* const opened = g.get();
  run(
      [&] {
        g->opened().wait();
        g.reset();
      },
      [&] { opened->open(); });
}

// W5: the ends of a channel go while the other side waits.
void the_ends_of_a_channel_go_at_once(auto& run) {
  auto [tx, rx] = weft::make_channel<std::unique_ptr<int>>(1);
  auto give = [t = std::move(tx)]() mutable {
    (void)t.send(std::make_unique<int>(1)).wait();
    auto last = std::move(t);
  };
  int got = 0;
  auto take = [&got, r = std::move(rx)]() mutable {
    auto mine = std::move(r);
    while (auto v = mine.recv().wait()) got += **v;
  };
  run(give, take);
  expect_equal(got, 1);
}

}  // namespace

weft_test::scenarios const weft_test::wait_scenarios{
    WEFT_SCENARIO(a_wake_against_going_to_sleep, .at_least = 26),
    WEFT_SCENARIO(a_task_that_moves, .at_least = 28),
    WEFT_SCENARIO(a_nudge_against_going_to_sleep, .at_least = 26),
    WEFT_SCENARIO(a_nudge_of_a_task_that_moves, .at_least = 23),
    WEFT_SCENARIO(destruction_on_waking, .at_least = 26),
    WEFT_SCENARIO(two_commits_for_a_task, .at_least = 14),
    WEFT_SCENARIO(a_nudge_against_a_commit, .at_least = 150),
    WEFT_SCENARIO(a_nudge_against_a_cancellation, .at_least = 1'000),
    WEFT_SCENARIO(two_gates_that_open_at_once, .at_least = 1'300),
    WEFT_SCENARIO(a_select_that_two_face, .at_least = 100),
    WEFT_SCENARIO(a_commit_against_a_timeout, .at_least = 950),
    WEFT_SCENARIO(a_timer_against_a_commit, .at_least = 80),
    WEFT_SCENARIO(select_against_select, .at_least = 1'600),
    WEFT_SCENARIO(a_wake_of_two, .at_least = 1'600),
    WEFT_SCENARIO(two_commits, .at_least = 3'900),
    WEFT_SCENARIO(the_ends_of_a_channel_go_at_once, .at_least = 11'000),
    WEFT_SCENARIO(a_nudge_a_commit_and_a_cancellation, .at_least = 7'000, .preemptions = 1),
    WEFT_SCENARIO(three_selects_in_a_circle, .at_least = 13'100, .preemptions = 1),
};

static bool const registered =
    weft_test::register_scenarios("wait_model", weft_test::wait_scenarios, __FILE__);
