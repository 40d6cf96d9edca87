// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "stepper.hpp"
#include "support/seed.hpp"
#include "witness.hpp"

// A body with running children is cancelled at its first suspension, then in a fresh run at its
// second, and so on until it ends by itself. Suspensions are counted over all tasks, on an executor
// that makes each run repeatable. Each time: everything that was begun has ended, every destructor
// has run, and nothing that commits was lost.

namespace {

using namespace std::chrono_literals;
using weft_test::stepper;
using weft_test::witness;

/// What the children share.
struct shop {
  weft::mutex till{"till"};
  weft::semaphore seats{1};
  weft::gate closing;
  int in_till = 0;      // changed only by who holds the mutex
  int begun = 0;
  int ended = 0;

  /// Counts one that has begun until it is destroyed.
  struct visit {
    explicit visit(shop& s) : of(s) { ++of.begun; }
    visit(visit const&) = delete;
    visit& operator=(visit const&) = delete;
    ~visit() { ++of.ended; }
    shop& of;
    witness local;
  };
};

weft::task<> sends(shop& s, weft::sender<std::unique_ptr<witness>> to) {
  shop::visit const here{s};
  for (int i = 0; i < 3; ++i) {
    auto op = to.send(std::make_unique<witness>());
    auto r = co_await std::move(op);
    if (!r) co_return;
  }
}

weft::task<int> receives(shop& s, weft::receiver<std::unique_ptr<witness>> from) {
  shop::visit const here{s};
  int n = 0;
  while (auto v = co_await from.recv()) ++n;
  co_return n;
}

weft::task<> pays(shop& s) {
  shop::visit const here{s};
  auto guard = co_await s.till.acquire();
  int const before = s.in_till;
  co_await weft::yield();
  EXPECT_EQ(s.in_till, before);
  s.in_till = before + 1;
  co_await weft::after(1ms);
}

weft::task<> sits(shop& s) {
  shop::visit const here{s};
  co_await s.seats.acquire();
  struct stands_up {
    shop& at;
    ~stands_up() { at.seats.release(); }
  } const afterwards{s};
  co_await weft::after(2ms);
}

weft::task<> cleans_up(shop& s) {
  shop::visit const here{s};
  auto sleep = weft::as_result(weft::after(5ms));
  auto const slept = co_await std::move(sleep);
  EXPECT_FALSE(slept.failed());
  weft::shield const until_done;
  co_await weft::after(1ms);
  co_await weft::yield();
  s.closing.open();
}

weft::task<int> looks(shop& s, int depth) {
  shop::visit const here{s};
  co_await weft::after(depth * 100us);
  if (depth == 0) co_return 1;
  int const below = co_await looks(s, depth - 1);
  co_return below + 1;
}

weft::task<> chooses(shop& s) {
  shop::visit const here{s};
  auto first = weft::select(looks(s, 3), s.closing.opened(), weft::after(10ms));
  auto which = co_await std::move(first);
  (void)which;
  auto limited = weft::as_result(s.till.acquire() | weft::timeout(1us));
  auto guard = co_await std::move(limited);
  auto both = weft::when_all(looks(s, 1), looks(s, 2));
  auto depths = co_await std::move(both);
  EXPECT_EQ(std::get<0>(depths) + std::get<1>(depths), 5);
}

weft::task<int> serves(shop& s, weft::group& g) {
  shop::visit const here{s};
  auto ends = weft::make_channel<std::unique_ptr<witness>>(1);
  g.spawn(&sends, std::ref(s), std::move(ends.tx));
  auto count = g.spawn(&receives, std::ref(s), std::move(ends.rx));
  for (int i = 0; i < 3; ++i) g.spawn(&pays, std::ref(s));
  for (int i = 0; i < 2; ++i) g.spawn(&sits, std::ref(s));
  g.spawn(&cleans_up, std::ref(s));
  g.spawn(&chooses, std::ref(s));
  auto counted = count.get();
  int const n = co_await std::move(counted);
  co_await s.closing.opened();
  co_return n;
}

weft::task<int> opens(shop& s) {
  shop::visit const here{s};
  auto body = [&s](weft::group& g) { return serves(s, g); };
  co_return co_await weft::with_group(body);
}

/// Runs the shop, cancelled after `steps` steps; true if it was cancelled, false if it had ended.
bool run_cancelled_after(int steps, std::uint64_t seed) {
  stepper ex{seed};
  shop s;
  bool over = false;
  {
    weft::group g{ex};
    auto day = g.spawn(&opens, std::ref(s));
    for (int i = 0; i < steps && !over; ++i) over = !ex.step();
    if (!over) g.cancel("closing time");
    while (ex.step()) {
    }
    EXPECT_EQ(g.live(), 0u) << "after " << steps << " steps";
    if (g.live() != 0) std::abort();  // the group would wait for good
    g.join().wait();
    EXPECT_TRUE(day.ready());
    if (over) {
      EXPECT_EQ(day.get().wait(), 3);
    }
  }
  EXPECT_EQ(s.begun, s.ended) << "after " << steps << " steps";
  EXPECT_EQ(witness::alive(), 0) << "after " << steps << " steps";
  EXPECT_TRUE(s.till.try_acquire());
  EXPECT_EQ(s.seats.available(), 1u);
  if (over) {
    EXPECT_EQ(s.in_till, 3);
  }
  return !over;
}

TEST(every_suspension, may_be_where_a_body_with_running_children_is_cancelled) {
  auto const first = weft_test::seed();
  for (std::uint64_t seed = first; seed < first + 20; ++seed) {
    int steps = 0;
    while (run_cancelled_after(steps, seed)) {
      if (testing::Test::HasFailure()) FAIL() << "cancelled after " << steps << " steps";
      ++steps;
    }
    EXPECT_GT(steps, 40);
  }
}

}  // namespace
