// SPDX-License-Identifier: Apache-2.0
// S1, S2 of check/sample/spin_lock.hpp; K1 to K3 of check/sample/dekker.hpp.
#include "mutants.hpp"

#include <check/sample/dekker.hpp>
#include <check/sample/spin_lock.hpp>

#include <weft/check/model.hpp>

#include "sample_variants.hpp"

namespace {

namespace check = weft::check;
using check::model, check::mutation, check::threads;

template <class Lock>
void three_threads(threads& run) {
  Lock lock;
  check::var<int> sum = 0;
  auto const add = [&] {
    lock.lock();
    sum = sum + 1;
    lock.unlock();
  };
  run(add, add, add);
  check::expect_equal(sum.get(), 3);
}

template <class Lock>
void lock_and_try(threads& run) {
  Lock lock;
  check::var<int> sum = 0;
  int expected = 1;
  run(
      [&] {
        lock.lock();
        sum = sum + 1;
        lock.unlock();
      },
      [&] {
        if (!lock.try_lock()) return;
        sum = sum + 1;
        ++expected;
        lock.unlock();
      });
  check::expect_equal(sum.get(), expected);
}

template <class Lock>
std::vector<check::scenario> of_spin_lock() {
  return {{"spin_lock: three threads", three_threads<Lock>, {.at_least = 400}},
          {"spin_lock: lock and try_lock", lock_and_try<Lock>, {.at_least = 4}}};
}

template <class Lock, unsigned First>
void one_comes_twice(threads& run) {
  Lock lock;
  check::var<int> sum = 0;
  auto const add = [&](unsigned me) {
    lock.lock(me);
    sum = sum + 1;
    lock.unlock(me);
  };
  run(
      [&] {
        add(First);
        add(First);
      },
      [&] { add(1 - First); });
  check::expect_equal(sum.get(), 3);
}

template <class Lock>
std::vector<check::scenario> of_dekker() {
  return {
      {"dekker: whose turn it is comes twice", one_comes_twice<Lock, 0>, {.at_least = 800}},
      {"dekker: whose turn it is not comes twice", one_comes_twice<Lock, 1>, {.at_least = 150}}};
}

using spin_lock = sample::spin_lock<model>;
using dekker = sample::dekker<model>;

TEST(sample_spin_lock, exhausted) { weft_test::exhaust(of_spin_lock<spin_lock>()); }

TEST(sample_spin_lock, mutants) {
  weft_test::hunt(
      of_spin_lock<spin_lock>(),
      {{"lock does not acquire", mutation::weaken, "exchange(true, acquire)", "lock"},
       {"try_lock does not acquire", mutation::weaken, "exchange(true, acquire)", "try_lock"},
       {"unlock does not release", mutation::weaken, "held_.store(false, release)"},
       {"lock is a load and a store", mutation::tear, "exchange(true, acquire)", "lock"},
       {"unlock does nothing", mutation::skip, "held_.store(false, release)"},
       {.name = "the loop does not pause", .variant = of_spin_lock<unpaused::spin_lock<model>>()}});
}

TEST(sample_spin_lock, audit) {
  weft_test::audit(of_spin_lock<spin_lock>(), "check/sample/spin_lock.hpp");
}

TEST(sample_dekker, exhausted) { weft_test::exhaust(of_dekker<dekker>()); }

TEST(sample_dekker, mutants) {
  weft_test::hunt(
      of_dekker<dekker>(),
      {{"what the other wants is read relaxed", mutation::weaken, "wants_[other].load(seq_cst)"},
       {"unlock does not release", mutation::weaken, "wants_[me].store(false, release)", "unlock"},
       {"giving way does not release", mutation::weaken, "wants_[me].store(false, release)",
        "lock"},
       {"the turn is not passed on", mutation::skip, "turn_.store(1 - me, relaxed)"},
       {.name = "nobody gives way", .variant = of_dekker<stubborn::dekker<model>>()},
       {.name = "looks, then says", .variant = of_dekker<looked_first::dekker<model>>()}});
}

TEST(sample_dekker, audit) { weft_test::audit(of_dekker<dekker>(), "check/sample/dekker.hpp"); }

}  // namespace
