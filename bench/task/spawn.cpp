// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost to start a task that does nothing, and to join it?
// Method    A group of 1,000 empty tasks is spawned and joined, again and again. weft spawns from a
//           task (with_group); the thread that measures sleeps meanwhile.
// Rivals    oneTBB task_group::run and wait from the thread that measures, which is one of the
//           threads counted. Asio co_spawn on io_context (1w) and thread_pool (2w); the last of a
//           batch starts the next one in its completion handler, so that no thread waits.
//           1w and 2w: one and two threads run tasks, on either side.
// Reads as  ns per task; ratio > 1 where weft is cheaper.
#include "support/asio_side.hpp"
#include "support/weft_side.hpp"

#if WEFT_BENCH_TBB
#include <tbb/global_control.h>
#include <tbb/task_group.h>
#endif

namespace {

constexpr std::uint64_t batch = 1000;

weft::task<> nothing() { co_return; }

weft::task<> one_batch(weft::group& g) {
  for (std::uint64_t i = 0; i < batch; ++i) (void)g.spawn(nothing);
  co_return;
}

weft::task<> batches(std::uint64_t n) {
  while (n-- != 0) co_await weft::with_group(&one_batch);
}

template <unsigned Threads>
bench::sample ours() {
  return bench::per_op_of_task(Threads, batches, batch);
}

template <unsigned Threads>
bench::sample asio() {
  return bench::asio_side::spawn(Threads, batch);
}

#if WEFT_BENCH_TBB
template <unsigned Threads>
bench::sample tbb_groups() {
  auto threads =
      std::make_shared<tbb::global_control>(tbb::global_control::max_allowed_parallelism, Threads);
  return bench::per_op(
      [threads](std::uint64_t n) {
        while (n-- != 0) {
          tbb::task_group group;
          for (std::uint64_t i = 0; i < batch; ++i) group.run([] {});
          group.wait();
        }
      },
      batch);
}
#else
template <unsigned>
constexpr std::nullptr_t tbb_groups = nullptr;
#endif

const bench::add one_tbb{{
    .name = "task.spawn.1w/tbb",
    .ours = ours<1>,
    .rival = tbb_groups<1>,
    .package = "libtbb-dev",
}};

const bench::add two_tbb{{
    .name = "task.spawn.2w/tbb",
    .target = 5,
    .ours = ours<2>,
    .rival = tbb_groups<2>,
    .package = "libtbb-dev",
}};

const bench::add one_asio{{
    .name = "task.spawn.1w/asio",
    .ours = ours<1>,
    .rival = asio<1>,
}};

const bench::add two_asio{{
    .name = "task.spawn.2w/asio",
    .ours = ours<2>,
    .rival = asio<2>,
}};

}  // namespace
