// SPDX-License-Identifier: Apache-2.0
// The lock itself. The rest of the model build has the checker's lock in its place, so this is
// where it is proven: one holder at a time, and each sees what the one before it wrote.
#include <support/scenario.hpp>

#include <weft/base/spin_lock.hpp>

namespace {

using weft_test::expect, weft_test::expect_equal;
using lock = weft::basic_spin_lock<weft::atoms>;
using shared = weft::atoms::var<int>;

void two_threads_twice(auto& run) {
  lock l;
  shared sum = 0;
  auto const twice = [&] {
    for (int i = 0; i < 2; ++i) {
      l.lock();
      sum = sum + 1;
      l.unlock();
    }
  };
  run(twice, twice);
  expect_equal(static_cast<int>(sum), 4);
}

void three_threads(auto& run) {
  lock l;
  shared sum = 0;
  auto const once = [&] {
    l.lock();
    sum = sum + 1;
    l.unlock();
  };
  run(once, once, once);
  expect_equal(static_cast<int>(sum), 3);
}

void a_lock_against_a_try(auto& run) {
  lock l;
  shared sum = 0;
  bool taken = false;
  run(
      [&] {
        l.lock();
        sum = sum + 1;
        l.unlock();
      },
      [&] {
        taken = l.try_lock();
        if (!taken) return;
        sum = sum + 1;
        l.unlock();
      });
  expect_equal(static_cast<int>(sum), taken ? 2 : 1);
}

void two_tries(auto& run) {
  lock l;
  shared sum = 0;
  int taken[2] = {};
  auto const attempt = [&](int i) {
    return [&, i] {
      if (!l.try_lock()) return;
      sum = sum + 1;
      taken[i] = 1;
      l.unlock();
    };
  };
  run(attempt(0), attempt(1));
  expect(taken[0] + taken[1] >= 1, "one of two that try gets a lock nobody else holds");
  expect_equal(static_cast<int>(sum), taken[0] + taken[1]);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(two_threads_twice, .at_least = 120, .prepared = false),
    WEFT_SCENARIO(three_threads, .at_least = 470, .prepared = false),
    WEFT_SCENARIO(a_lock_against_a_try, .at_least = 5, .prepared = false),
    WEFT_SCENARIO(two_tries, .at_least = 6, .prepared = false),
};

bool const registered = weft_test::register_scenarios("spin_lock_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(spin_lock_model, orders) { weft_test::audit_orders(all, {"base/spin_lock.hpp"}); }

TEST(spin_lock_model, mutants) {
  weft_test::hunt(
      all,
      {{"lock does not acquire", mutation::weaken, "word_.exchange(1, acquire)", "lock"},
       {"try_lock does not acquire", mutation::weaken, "word_.exchange(1, acquire)", "try_lock"},
       {"unlock does not release", mutation::weaken, "word_.store(0, release)"},
       {"unlock does nothing", mutation::skip, "word_.store(0, release)"},
       {"lock is a load and a store", mutation::tear, "word_.exchange(1, acquire)", "lock"},
       {"try_lock is a load and a store", mutation::tear, "word_.exchange(1, acquire)",
        "try_lock"}});
}

#endif

}  // namespace
