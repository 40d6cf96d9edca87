// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost two to meet?
// Method    Two arrive at a barrier and wait for each other, phase after phase. 2t: threads on both
//           sides. task: weft's are tasks on a runtime of two workers.
// Rivals    std::barrier with two threads.
// Reads as  ns per phase; ratio > 1 where weft is cheaper.
#include "support/weft_side.hpp"

#include <barrier>
#include <thread>

namespace {

void meet(std::barrier<>& at, std::uint64_t n) {
  while (n-- != 0) at.arrive_and_wait();
}
void meet(weft::barrier& at, std::uint64_t n) {
  while (n-- != 0) at.arrive_and_wait().wait();
}

template <class Barrier>
bench::sample threads() {
  return bench::per_op([](std::uint64_t n) {
    Barrier at{2};
    std::jthread const other{[&] { meet(at, n); }};
    meet(at, n);
  });
}

weft::task<> meets(weft::barrier& at, std::uint64_t n) {
  while (n-- != 0) co_await at.arrive_and_wait();
}

weft::task<> two_meet(std::uint64_t n) {
  weft::barrier at{2};
  auto body = [&at, n](weft::group& g) -> weft::task<> {
    for (int i = 0; i < 2; ++i) g.spawn(meets, std::ref(at), n);
    co_return;
  };
  co_await weft::with_group(body);
}

bench::sample tasks() { return bench::per_op_of_task(2, two_meet); }

const bench::add of_threads{{
    .name = "sync.barrier.2t/std",
    .ours = threads<weft::barrier>,
    .rival = threads<std::barrier<>>,
}};

const bench::add of_tasks{{
    .name = "sync.barrier.task/std",
    .ours = tasks,
    .rival = threads<std::barrier<>>,
}};

}  // namespace
