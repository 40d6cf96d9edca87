// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost a thread to enter and leave a protected section?
// Method    A registered thread enters and leaves, with one load of a shared pointer inside.
// Rivals    What protects there: a region_guard of xenium's new_epoch_based, and of its qsbr; a
//           guard_ptr of its epoch_based, debra and hazard_pointer, whose region_guard is nothing;
//           begin and end of ck_epoch; read_lock and read_unlock of liburcu's memb flavour. In
//           every row the load is made the way that protects.
// Reads as  ns per section; ratio > 1 where weft is cheaper.
#include "workload.hpp"

namespace {

// A region and a guarded load, which is the least that protects in each scheme.
struct section {
  template <class S>
  static bench::sample of() {
    struct node : S::template base<node> {
      std::uint64_t value = 1;
    };
    struct world {
      typename S::thread me;
      typename S::template cell<node> at{};
      world() { at.store(typename S::template word<node>{new node}, std::memory_order_release); }
      ~world() { delete at.load(std::memory_order_relaxed).get(); }
    };
    return bench::per_op([w = std::make_shared<world>()](std::uint64_t n) {
      while (n-- != 0) {
        typename S::region in{w->me};
        typename S::template guard<node> g;
        g.acquire(w->at, std::memory_order_acquire);
        bench::keep(g.get());
      }
    });
  }
};

bool const added = [] {
  bench::compare<section, bench::weft_pins>("mem.pin", 1);
  return true;
}();

}  // namespace
