// SPDX-License-Identifier: Apache-2.0
// Question  What does a lock-free ordered list cost on each way to reclaim its nodes?
// Method    Michael's list, the same code on every side (bench/mem/structures.hpp): 256 keys, half
//           of them there; 1, 2 or 4 threads look keys up, and in 10 or 50 of 100 operations insert
//           or erase one. weft: a plain pin an operation.
// Rivals    xenium's five schemes by guard_ptr, inside a region_guard; ck_epoch, a poll each 64
//           retirements; liburcu's memb flavour with call_rcu.
// Reads as  ns per operation of all threads together; ratio > 1 where weft is cheaper.
#include "workload.hpp"

namespace {

bool const added = [] {
  using bench::lookups, bench::weft_pins;
  bench::compare<lookups<10, 1>, weft_pins>("mem.list.10u_1t", 1);
  bench::compare<lookups<10, 2>, weft_pins>("mem.list.10u_2t", 1);
  bench::compare<lookups<10, 4>, weft_pins>("mem.list.10u_4t", 1);
  bench::compare<lookups<50, 1>, weft_pins>("mem.list.50u_1t", 1);
  bench::compare<lookups<50, 2>, weft_pins>("mem.list.50u_2t", 1);
  bench::compare<lookups<50, 4>, weft_pins>("mem.list.50u_4t", 1);
  return true;
}();

}  // namespace
