// SPDX-License-Identifier: Apache-2.0
// Scenarios of the semaphore: no permit is lost or given twice, big requests are not overtaken, and
// one that leaves does not keep others waiting. Everything of it lies under its spin lock, so the
// mistakes are made in its text, and no order is its own.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#if defined(WEFT_MODEL)
#include "semaphore_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// Tasks that wait, each for so many permits and in a scope of its own.
template <class Semaphore>
class queue {
 public:
  Semaphore s{0};
  int served = 0;
  std::size_t taken = 0;

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

 private:
  moving_tasks tasks_;
};

template <class Semaphore>
struct with {
  static void an_acquire_against_a_release(auto& run) {
    Semaphore s{0};
    run([&] { s.acquire().wait(); }, [&] { s.release(); });
    expect_equal(s.available(), 0u);
  }

  // What one did before its release is seen by whoever got its permit.
  static void one_permit_for_two(auto& run) {
    Semaphore s{1};
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

  // One that does not wait finds no permit while somebody waits, though one is free.
  static void an_attempt_against_a_waiter(auto& run) {
    queue<Semaphore> q;
    (void)q.wait_for(2);
    bool got = false;
    run(in_turn([&] {
          q.s.release();
          q.s.release();
        }),
        [&] { got = q.s.try_acquire(); });
    expect(!got);
    expect_equal(q.served, 1);
    expect_equal(q.s.available(), 0u);
  }

  // First come, first served: the small request behind the big one waits until that one has its
  // share.
  static void a_big_request_is_not_overtaken(auto& run) {
    queue<Semaphore> q;
    (void)q.wait_for(2);
    (void)q.wait_for(1);
    run(q.release(1), q.release(1));
    expect_equal(q.taken, 2u);
    expect_equal(q.live(), 1u);
    q.release(1)();
    expect_equal(q.served, 2);
  }

  // And so does one that comes while a permit is free.
  static void a_big_request_against_a_newcomer(auto& run) {
    queue<Semaphore> q;
    (void)q.wait_for(2);
    run(q.release(1), in_turn([&] { (void)q.wait_for(1); }));
    expect_equal(q.live(), 2u);
    q.release(2)();
    expect_equal(q.served, 2);
  }

  // The big one is cancelled: what is there already is enough for the one behind it.
  static void one_that_leaves_lets_others_pass(auto& run) {
    queue<Semaphore> q;
    auto big = q.wait_for(2);
    (void)q.wait_for(1);
    run(q.release(1), in_turn([big]() mutable { big.cancel(); }));
    expect_equal(q.live(), 0u);
    expect_equal(q.served, 1);
  }

  // Two that have permits for one that waits for both.
  static void a_request_filled_by_two(auto& run) {
    Semaphore s{0};
    run([&] { s.acquire(2).wait(); }, [&] { s.release(); }, [&] { s.release(); });
    expect_equal(s.available(), 0u);
  }

  static void a_release_against_a_timeout(auto& run) {
    Semaphore s{0};
    bool got = false;
    run([&] { got = weft::as_result(s.acquire() | weft::timeout(20us)).wait().has_value(); },
        [&] { s.release(); });
    expect_equal(s.available(), got ? 0u : 1u);
  }

  // A release of one semaphore against a release of another, for one that takes what comes first.
  static void a_select(auto& run) {
    Semaphore a{0}, b{0};
    std::size_t which = 9;
    run([&] { which = weft::select(a.acquire(), b.acquire()).wait().index(); },
        [&] {
          a.release();
          b.release();
        });
    expect_equal(a.available(), which == 0 ? 0u : 1u);
    expect_equal(b.available(), which == 1 ? 0u : 1u);
  }

  // A select with a deadline of its own.
  static void a_select_with_a_timeout(auto& run) {
    Semaphore a{0}, b{0};
    std::size_t which = 9;
    run([&] { which = weft::select(a.acquire(), b.acquire(), weft::after(20us)).wait().index(); },
        [&] {
          a.release();
          b.release();
        });
    expect_equal(a.available(), which == 0 ? 0u : 1u);
    expect_equal(b.available(), which == 1 ? 0u : 1u);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(an_acquire_against_a_release, .at_least = 25),
        WEFT_SCENARIO(one_permit_for_two, .at_least = 51),
        WEFT_SCENARIO(an_attempt_against_a_waiter, .at_least = 3),
        WEFT_SCENARIO(a_big_request_is_not_overtaken, .at_least = 2),
        WEFT_SCENARIO(a_big_request_against_a_newcomer, .at_least = 3),
        WEFT_SCENARIO(one_that_leaves_lets_others_pass, .at_least = 7),
        WEFT_SCENARIO(a_release_against_a_timeout, .at_least = 100),
        WEFT_SCENARIO(a_select, .at_least = 110),
        WEFT_SCENARIO(a_request_filled_by_two, .at_least = 430, .preemptions = 2),
        WEFT_SCENARIO(a_select_with_a_timeout, .at_least = 1100, .preemptions = 2),
    };
  }
};

auto const all = with<weft::semaphore>::all();
bool const registered = weft_test::register_scenarios("semaphore_model", all, __FILE__);

#if defined(WEFT_MODEL)

template <class Semaphore>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Semaphore>::all());
}

TEST(semaphore_model, mutants) {
  weft_test::hunt(all, {{.name = "a release serves nobody",
                         .variant = variant<weft::release_serves_nobody::semaphore>()},
                        {.name = "one that leaves does not let others pass",
                         .variant = variant<weft::leaves_without_serving::semaphore>()},
                        {.name = "one that leaves stays in the queue",
                         .variant = variant<weft::leaves_its_place::semaphore>()},
                        {.name = "an attempt overtakes those who wait",
                         .variant = variant<weft::attempt_overtakes::semaphore>()},
                        {.name = "a newcomer overtakes those who wait",
                         .variant = variant<weft::newcomer_overtakes::semaphore>()},
                        {.name = "a waiter queues without looking again",
                         .variant = variant<weft::queues_blindly::semaphore>()},
                        {.name = "a waiter takes permits, then claims its wait",
                         .variant = variant<weft::takes_unclaimed::semaphore>()},
                        {.name = "permits are kept for one that has gone",
                         .variant = variant<weft::permits_for_the_gone::semaphore>()},
                        {.name = "a big request is served with too little",
                         .variant = variant<weft::served_with_too_little::semaphore>()}});
}

#endif

}  // namespace
