// SPDX-License-Identifier: Apache-2.0
// Question  What does a lock-free stack cost on each way to reclaim its nodes?
// Method    Treiber's stack, the same code on every side (bench/mem/structures.hpp): each of 1, 2
//           or 4 threads pushes a value and pops one, again and again. Nodes are made by new and
//           freed by delete. The sum of what was popped is checked. weft: a plain pin an
//           operation.
// Rivals    xenium's five schemes by guard_ptr, inside a region_guard; ck_epoch, a poll each 64
//           retirements; liburcu's memb flavour with call_rcu.
// Reads as  ns per push and pop of all threads together; ratio > 1 where weft is cheaper.
#include "workload.hpp"

namespace {

bool const added = [] {
  using bench::stack, bench::pairs, bench::weft_pins;
  bench::compare<pairs<stack, 1>, weft_pins>("mem.stack.1t", 1.05);
  bench::compare<pairs<stack, 2>, weft_pins>("mem.stack.2t", 1.05);
  bench::compare<pairs<stack, 4>, weft_pins>("mem.stack.4t", 1.05);
  return true;
}();

}  // namespace
