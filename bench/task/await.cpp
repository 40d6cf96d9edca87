// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost to await a task that gives its value at once?
// Method    A task calls and awaits a leaf in a loop, on one worker, and sums what it gets.
// Rivals    Asio awaitable on io_context with the concurrency hint 1.
// Reads as  ns per await, the leaf's frame included; ratio > 1 where weft is cheaper.
#include "support/asio_side.hpp"
#include "support/weft_side.hpp"

#include <stdexcept>

namespace {

weft::task<std::uint64_t> leaf(std::uint64_t x) { co_return x; }

weft::task<> awaits(std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum += co_await leaf(i);
  if (sum != n * (n - 1) / 2) throw std::runtime_error{"an awaited value is wrong"};
}

const bench::add row{{
    .name = "task.await/asio",
    .target = 2,
    .ours = [] { return bench::per_op_of_task(1, awaits); },
    .rival = bench::asio_side::await_leaf,
}};

}  // namespace
