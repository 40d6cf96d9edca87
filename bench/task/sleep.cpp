// SPDX-License-Identifier: Apache-2.0
// Question  How much memory does a sleeping task take?
// Method    In a fresh process 1,000,000 tasks of one group sleep for an hour; the resident memory
//           is read before the first is spawned and when the last has begun its wait.
// Rivals    Asio coroutines with a steady_timer each, on io_context with the concurrency hint 1.
// Reads as  bytes per task, timer and frame included; ratio > 1 where weft takes less.
#include "support/asio_side.hpp"
#include "support/weft_side.hpp"

namespace {

using namespace std::chrono_literals;

std::uint64_t how_many() { return bench::current().quick ? 100'000 : 1'000'000; }

weft::task<> nap() { co_await weft::after(1h); }

double bytes_each(weft::runtime& on, std::uint64_t n) {
  weft::group sleepers{on};
  auto const before = bench::resident_bytes();
  for (std::uint64_t i = 0; i < n; ++i) (void)sleepers.spawn(nap);
  // One worker takes jobs in their order: this one runs after all the others have gone to sleep.
  sleepers.spawn([]() -> weft::task<> { co_return; }).get().wait();
  auto const after = bench::resident_bytes();
  sleepers.cancel("measured");
  return static_cast<double>(after - before) / static_cast<double>(n);
}

bench::sample ours() {
  return [on = bench::workers(1)] { return bytes_each(*on, how_many()); };
}

bench::sample asio() { return bench::asio_side::sleeping_bytes(how_many()); }

const bench::add row{{
    .name = "task.sleep/asio",
    .unit = "bytes",
    .target = 3,
    .own_process = true,
    .ours = ours,
    .rival = asio,
}};

}  // namespace
