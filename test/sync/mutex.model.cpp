// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/sync/mutex.cpp.
#include <support/scenario.hpp>

#include <weft/weft.hpp>

#include <memory>
#include <mutex>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal;

// One at a time, and each sees what the one before wrote.
void mutual_exclusion(auto& run) {
  weft::mutex m;
  int count = 0;
  auto twice = [&] {
    for (int i = 0; i < 2; ++i) {
      auto guard = m.acquire().wait();
      ++count;
    }
  };
  run(twice, twice, [&] {
    std::scoped_lock hold{m};
    ++count;
  });
  expect_equal(count, 5);
}

// I3: one waiter leaves by itself while a newcomer takes the lock; the other waiter is served.
void a_waiter_that_leaves(auto& run) {
  weft::mutex m;
  auto guard = m.try_acquire();
  bool served = false;
  run([&] { (void)weft::as_result(m.acquire() | weft::timeout(5us)).wait(); },
      [&] {
        auto mine = m.acquire().wait();
        served = true;
      },
      [&] {
        guard.release();
        for (int i = 0; i < 3; ++i) auto newcomer = m.try_acquire();
      });
  expect(served);
}

// I3: the same, when a cancellation takes the waiter that was nudged.
void a_waiter_that_is_cancelled(auto& run) {
  weft::mutex m;
  auto s = weft::scope::root();
  auto guard = m.try_acquire();
  run([&] { (void)weft::as_result(m.acquire() | weft::with(s)).wait(); },
      [&] { auto mine = m.acquire().wait(); }, [&] { s.cancel(); },
      [&] {
        guard.release();
        auto newcomer = m.try_acquire();
      });
  expect(bool(m.try_acquire()));
}

// The last of three that use an object destroys it, and the mutex in it, right after it unlocked.
void the_last_holder_destroys_it(auto& run) {
  struct shared {
    weft::mutex m;
    int users = 3;
  };
  auto* const s = new shared;
  auto use = [s] {
    s->m.lock();
    bool const last = --s->users == 0;
    s->m.unlock();
    if (last) delete s;
  };
  run(use, use, use);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(mutual_exclusion, .preemptions = 2),
    WEFT_SCENARIO(a_waiter_that_leaves, .preemptions = 2),
    WEFT_SCENARIO(a_waiter_that_is_cancelled, .preemptions = 2),
    WEFT_SCENARIO(the_last_holder_destroys_it, .preemptions = 2),
};

bool const registered = weft_test::register_scenarios("mutex_model", all, __FILE__);

}  // namespace
