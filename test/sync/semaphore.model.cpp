// SPDX-License-Identifier: Apache-2.0
// Scenarios of the semaphore: no permit is lost or given twice, big requests are not overtaken, and
// one that leaves does not keep others waiting.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

void an_acquire_against_a_release(auto& run) {
  weft::semaphore s{0};
  run([&] { s.acquire().wait(); }, [&] { s.release(); });
  expect_equal(s.available(), 0u);
}

// What one did before its release is seen by whoever got its permit.
void one_permit_for_two(auto& run) {
  weft::semaphore s{1};
  weft::atoms::var<int> count = 0;
  auto const add = [&] {
    s.acquire().wait();
    count = count + 1;
    s.release();
  };
  run(add, add);
  expect_equal(static_cast<int>(count), 2);
  expect_equal(s.available(), 1u);
}

void an_attempt_against_a_waiter(auto& run) {
  weft::semaphore s{0};
  bool got = false;
  run([&] { s.acquire().wait(); }, [&] { s.release(); }, [&] { got = s.try_acquire(); });
  expect(!got);
  expect_equal(s.available(), 0u);
}

// Tasks that wait, each for so many permits and in a scope of its own.
class queue {
 public:
  weft::semaphore s{0};
  int served = 0;

  weft::scope wait_for(std::size_t permits) {
    auto in = weft::scope::root();
    (void)tasks_.spawn([this, permits, in]() -> weft::task<> {
      auto op = weft::as_result(s.acquire(permits) | weft::with(in));
      auto const r = co_await std::move(op);
      if (!r) co_return;
      ++served;
      taken += permits;
    });
    return in;
  }
  auto release(std::size_t permits) {
    return in_turn([this, permits] { s.release(permits); });
  }
  [[nodiscard]] std::size_t live() const { return tasks_.live(); }
  std::size_t taken = 0;

 private:
  moving_tasks tasks_;
};

// First come, first served: the small request behind the big one waits until that one has its share.
void a_big_request_is_not_overtaken(auto& run) {
  queue q;
  (void)q.wait_for(2);
  auto const second = q.wait_for(1);
  run(q.release(1), q.release(1));
  expect_equal(q.taken, 2u);
  expect_equal(q.live(), 1u);
  q.release(1)();
  expect_equal(q.served, 2);
}

// The big one is cancelled: what is there already is enough for the one behind it.
void one_that_leaves_lets_others_pass(auto& run) {
  queue q;
  auto big = q.wait_for(2);
  (void)q.wait_for(1);
  run(q.release(1), in_turn([big]() mutable { big.cancel(); }));
  expect_equal(q.live(), 0u);
  expect_equal(q.served, 1);
}

// Two that have permits for one that waits for both.
void a_request_filled_by_two(auto& run) {
  weft::semaphore s{0};
  run([&] { s.acquire(2).wait(); }, [&] { s.release(); }, [&] { s.release(); });
  expect_equal(s.available(), 0u);
}

void a_release_against_a_timeout(auto& run) {
  weft::semaphore s{0};
  bool got = false;
  run([&] { got = weft::as_result(s.acquire() | weft::timeout(20us)).wait().has_value(); },
      [&] { s.release(); });
  expect_equal(s.available(), got ? 0u : 1u);
}

// A select with a deadline of its own.
void a_select_with_a_timeout(auto& run) {
  weft::semaphore a{0}, b{0};
  std::size_t which = 9;
  run([&] { which = weft::select(a.acquire(), b.acquire(), weft::after(20us)).wait().index(); },
      [&] {
        a.release();
        b.release();
      });
  expect_equal(a.available(), which == 0 ? 0u : 1u);
  expect_equal(b.available(), which == 1 ? 0u : 1u);
}

}  // namespace

weft_test::scenarios const weft_test::semaphore_scenarios{
    WEFT_SCENARIO(an_acquire_against_a_release),     WEFT_SCENARIO(one_permit_for_two),
    WEFT_SCENARIO(a_release_against_a_timeout),      WEFT_SCENARIO(a_big_request_is_not_overtaken),
    WEFT_SCENARIO(one_that_leaves_lets_others_pass), WEFT_SCENARIO(an_attempt_against_a_waiter),
    WEFT_SCENARIO(a_request_filled_by_two),          WEFT_SCENARIO(a_select_with_a_timeout),
};

static bool const registered =
    weft_test::register_scenarios("semaphore_model", weft_test::semaphore_scenarios, __FILE__);
