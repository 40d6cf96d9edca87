// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/wait/README.md: each a handful of steps of two to four threads on
// one waiter or two. W1 to W8 name what a scenario attacks.
#include <support/scenario.hpp>

#include <weft/weft.hpp>

#include <memory>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal;

// W1: one of the two ends the wait, and both sides agree which.
void a_commit_against_a_timeout(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  bool got = false, gave = false;
  run([&] { got = weft::as_result(rx.recv() | weft::timeout(20us)).wait().has_value(); },
      [&] { gave = weft::as_result(tx.send(1) | weft::timeout(20us)).wait().has_value(); });
  expect_equal(got, gave);
}

// W1, W4: a cancellation is one more party; with it somebody always ends the wait.
void a_commit_against_a_cancellation(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  auto s = weft::scope::root();
  bool got = false, gave = false;
  run([&] { got = weft::as_result(rx.recv() | weft::with(s)).wait().has_value(); },
      [&] { gave = weft::as_result(tx.send(1) | weft::with(s)).wait().has_value(); },
      [&] { s.cancel(); });
  expect_equal(got, gave);
}

// W1: all four at once.
void a_commit_a_nudge_a_timeout_and_a_cancellation(auto& run) {
  weft::mutex m;
  weft::semaphore permits{0};
  auto s = weft::scope::root();
  auto guard = m.try_acquire();
  std::size_t which = 9;
  run(
      [&] {
        auto op = weft::select(m.acquire(), permits.acquire(), weft::after(20us)) | weft::with(s);
        auto r = weft::as_result(std::move(op)).wait();
        if (r) which = r->index();
        expect(which != 0 || !m.try_acquire());
      },
      [&] { guard.release(); }, [&] { permits.release(); }, [&] { s.cancel(); });
  expect(bool(m.try_acquire()));
  expect_equal(permits.available(), which == 1 ? 0u : 1u);
}

// W2, W3: the gate opens before, while or after the waiter looks, hangs its node and sleeps.
void a_wake_against_going_to_sleep(auto& run) {
  weft::gate g;
  run([&] { g.opened().wait(); }, [&] { g.open(); }, [&] { g.opened().wait(); });
}

// W3: a nudge against going to sleep; two waiters for one lock.
void a_nudge_against_going_to_sleep(auto& run) {
  weft::mutex m;
  auto guard = m.try_acquire();
  int held = 0;
  auto take = [&] {
    auto mine = m.acquire().wait();
    ++held;
  };
  run(take, take, [&] { guard.release(); });
  expect_equal(held, 2);
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

// W6a: three in a circle; two of them meet, and what was sent was received.
void three_selects_in_a_circle(auto& run) {
  auto [tx0, rx0] = weft::make_channel<int>(0);
  auto [tx1, rx1] = weft::make_channel<int>(0);
  auto [tx2, rx2] = weft::make_channel<int>(0);
  std::size_t ended[3] = {9, 9, 9};
  auto one = [&](auto& tx, auto& rx, std::size_t i) {
    return [&, i] {
      ended[i] = weft::select(tx.send(1), rx.recv(), weft::after(100us)).wait().index();
    };
  };
  run(one(tx0, rx1, 0), one(tx1, rx2, 1), one(tx2, rx0, 2));
  int sent = 0, received = 0;
  for (auto e : ended) {
    sent += e == 0 ? 1 : 0;
    received += e == 1 ? 1 : 0;
  }
  expect_equal(sent, received);
  expect(sent <= 1);
}

// W6d: two that end many waits, each waited for by the same two selects in another order.
void two_gates_that_open_at_once(auto& run) {
  weft::gate left, right;
  run([&] { (void)weft::select(left.opened(), right.opened(), left.opened()).wait(); },
      [&] { (void)weft::select(right.opened(), left.opened(), right.opened()).wait(); },
      [&] { left.open(); }, [&] { right.open(); });
}

// W5: what a loser hung is taken back; no permit is lost or given twice.
void withdrawal_against_a_hand_over(auto& run) {
  weft::semaphore a{0}, b{0};
  run([&] { (void)weft::select(a.acquire(), b.acquire()).wait(); }, [&] { a.release(); },
      [&] { b.release(); });
  expect_equal(a.available() + b.available(), 1u);
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

// A task that begins to wait for ever, on a loop that a thread turns.
class one_task {
 public:
  explicit one_task(weft::gate& never) {
    auto body = [&never]() -> weft::task<> { co_await never.opened(); };
    (void)group_.spawn(body);
  }
  void run_to_its_end() {
    while (group_.live() != 0) on_.run_one();
  }
  weft::scope in() const { return group_.in(); }

 private:
  weft::loop on_;
  weft::group group_{on_};
};

// W4: the owner begins and looks at its scope, the canceller cancels and looks at the waiter.
void a_cancellation_against_the_beginning_of_a_wait(auto& run) {
  weft::gate never;
  one_task t(never);
  run([&] { t.run_to_its_end(); }, [&] { t.in().cancel(); });
}

// W4: the scope above is cancelled while the one below is made and entered.
void a_cancellation_against_a_new_scope(auto& run) {
  auto top = weft::scope::root();
  weft::gate never;
  run(
      [&] {
        auto low = top.child().child();
        expect(weft::as_result(never.opened() | weft::with(low)).wait().cancelled());
      },
      [&] { top.cancel("over"); },
      [&] {
        auto low = top.child();
        auto r = weft::as_result(never.opened() | weft::with(low)).wait();
        expect_equal(r.reason(), "over");
      });
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

// A commit that won reaches the task though its scope is cancelled by then.
void a_commit_against_the_cancellation_of_the_task(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  weft::loop on;
  weft::group tasks{on};
  int got = 0;
  auto body = [&]() -> weft::task<> {
    auto v = co_await rx.recv();
    got = *v;
  };
  (void)tasks.spawn(body);
  on.poll();
  int given = 0;
  run(
      [&] {
        while (tasks.live() != 0) on.run_one();
      },
      [&] { given = tx.try_send(7) ? 7 : 0; }, [&] { tasks.cancel(); });
  expect_equal(got, given);
}

// W8: the loser is a task; the select ends after it whatever ends first.
void a_second_wait_against_the_end_of_the_loser(auto& run) {
  weft::loop on;
  weft::group tasks{on};
  weft::gate g, h;
  int ended = 0;
  auto loser = [&](weft::gate& until) -> weft::task<> {
    struct note {
      int& to;
      ~note() { ++to; }
    } n{ended};
    co_await until.opened();
  };
  auto body = [&]() -> weft::task<> {
    auto op = weft::select(loser(g), loser(h), g.opened());
    (void)co_await std::move(op);
    expect_equal(ended, 2);
  };
  (void)tasks.spawn(body);
  on.poll();
  run(
      [&] {
        while (tasks.live() != 0) on.run_one();
      },
      [&] { g.open(); }, [&] { h.open(); });
  expect_equal(ended, 2);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(a_commit_against_a_timeout),
    WEFT_SCENARIO(a_commit_against_a_cancellation, .preemptions = 2),
    WEFT_SCENARIO(a_commit_a_nudge_a_timeout_and_a_cancellation, .preemptions = 2),
    WEFT_SCENARIO(a_wake_against_going_to_sleep),
    WEFT_SCENARIO(a_nudge_against_going_to_sleep, .preemptions = 2),
    WEFT_SCENARIO(select_against_select),
    WEFT_SCENARIO(three_selects_in_a_circle, .preemptions = 2),
    WEFT_SCENARIO(two_gates_that_open_at_once, .preemptions = 2),
    WEFT_SCENARIO(withdrawal_against_a_hand_over),
    WEFT_SCENARIO(destruction_on_waking),
    WEFT_SCENARIO(the_ends_of_a_channel_go_at_once),
    WEFT_SCENARIO(a_cancellation_against_the_beginning_of_a_wait),
    WEFT_SCENARIO(a_cancellation_against_a_new_scope, .preemptions = 2),
    WEFT_SCENARIO(two_cancellations),
    WEFT_SCENARIO(a_commit_against_the_cancellation_of_the_task),
    WEFT_SCENARIO(a_second_wait_against_the_end_of_the_loser, .preemptions = 2),
};

bool const registered = weft_test::register_scenarios("wait_model", all, __FILE__);

}  // namespace
