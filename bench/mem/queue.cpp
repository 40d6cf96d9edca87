// SPDX-License-Identifier: Apache-2.0
// Question  What does a lock-free queue cost on each way to reclaim its nodes?
// Method    Michael and Scott's queue, the same code on every side (bench/mem/structures.hpp):
//           each of 1, 2 or 4 threads pushes a value and pops one, again and again. Nodes are made
//           by new and freed by delete. The sum of what was popped is checked. weft: a plain pin
//           an operation.
// Rivals    xenium's five schemes by guard_ptr, inside a region_guard; ck_epoch, a poll each 64
//           retirements; liburcu's memb flavour with call_rcu.
// Reads as  ns per push and pop of all threads together; ratio > 1 where weft is cheaper.
#include "workload.hpp"

namespace {

bool const added = [] {
  using bench::queue, bench::pairs, bench::weft_pins;
  bench::compare<pairs<queue, 1>, weft_pins>("mem.queue.1t", 1);
  bench::compare<pairs<queue, 2>, weft_pins>("mem.queue.2t", 1);
  bench::compare<pairs<queue, 4>, weft_pins>("mem.queue.4t", 1);
  return true;
}();

}  // namespace
