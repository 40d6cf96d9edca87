// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "memory.hpp"

namespace weft::check::detail {

/// What a step does to the places it names, as far as the order of steps matters.
enum class access : std::uint8_t {
  nothing,  // a fence weaker than seq_cst
  load,     // a load that may read what is stale: later stores do not disturb it
  look,     // a read for which the order with every store matters
  write,    // a store or read-modify-write, or anything else that changes a place
  lock,     // waits until the mutex is free
  unlock,   // also waits for a condition
  fence,    // sequentially consistent
  heavy,    // a fence in every thread
  signal,   // to the thread `place`
};

/// One step of a thread, about to be done or done.
struct operation {
  access kind = access::nothing;
  bool in_order = false;  // sequentially consistent
  std::uint32_t place = none;
  std::uint32_t second = none;  // a second place that it changes
  site where;

  [[nodiscard]] bool touches(std::uint32_t p) const noexcept {
    return p != none && (place == p || second == p);
  }
  [[nodiscard]] bool on_places() const noexcept {
    return kind >= access::load && kind <= access::unlock;
  }
};

[[nodiscard]] inline bool conflict(access a, access b, bool both_in_order) noexcept {
  if (a == access::write || b == access::write) return true;
  if (a == access::lock && b == access::lock) return true;
  if (a == access::look && b == access::look) return both_in_order;
  return false;  // reads; an unlock, which nobody can come before
}

/// True if the order of two steps of different threads can matter. Errs on the side of true.
[[nodiscard]] inline bool dependent(operation const& a, unsigned thread_a, operation const& b,
                                    unsigned thread_b) noexcept {
  if (a.kind == access::nothing || b.kind == access::nothing) return false;
  if (a.kind == access::heavy || b.kind == access::heavy) return true;
  if (a.kind == access::signal || b.kind == access::signal) {
    return (a.kind == access::signal && a.place == thread_b) ||
           (b.kind == access::signal && b.place == thread_a) ||
           (a.kind == b.kind && a.place == b.place);  // the first one runs first
  }
  bool const both = a.in_order && b.in_order;
  if (a.kind == access::fence || b.kind == access::fence) return both;
  if (!b.touches(a.place) && !b.touches(a.second)) return false;
  return conflict(a.kind, b.kind, both);
}

}  // namespace weft::check::detail
