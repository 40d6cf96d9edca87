// SPDX-License-Identifier: Apache-2.0
// Question  What does an uncontended lock cost a thread?
// Method    A thread locks and unlocks; a second user of the lock sleeps, and locks it at the end.
// Rivals    std::mutex.
// Reads as  ns per lock and unlock; ratio > 1 where weft is cheaper.
#include "support/weft_side.hpp"

#include <latch>
#include <mutex>
#include <thread>

namespace {

template <class Mutex>
struct shared_by_two {
  Mutex lock;
  std::latch over{1};
  std::jthread second{[this] {
    over.wait();
    std::scoped_lock hold{lock};
  }};
  ~shared_by_two() { over.count_down(); }
};

template <class Mutex>
bench::sample locks() {
  return bench::per_op([two = std::make_shared<shared_by_two<Mutex>>()](std::uint64_t n) {
    while (n-- != 0) std::scoped_lock hold{two->lock};
  });
}

const bench::add row{{
    .name = "sync.mutex/std",
    .ours = locks<weft::mutex>,
    .rival = locks<std::mutex>,
}};

}  // namespace
