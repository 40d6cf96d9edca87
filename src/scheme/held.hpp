// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guile.hpp"

#include <mutex>

namespace weft::inline WEFT_ON::scheme::detail {

/// A lock in Scheme's heap, held by C code that Guile may leave by longjmp.
///
/// No Scheme task waits for it: what it guards is C code, short unless a key's own equality or a
/// port's own writer is Scheme. Such a callback may come back to it, so it is recursive.
struct heap_lock {
  std::recursive_mutex lock;

  [[nodiscard]] static heap_lock* make() {
    auto* const place = GC_MALLOC(sizeof(heap_lock));
    if (!place) scm_report_out_of_memory();
    return new (place) heap_lock;
  }
};

/// Calls f() with the lock held; it is released also when f raises. f's captures are references.
template <class F>
SCM holding(heap_lock& l, F&& f) {
  scm_dynwind_begin(static_cast<scm_t_dynwind_flags>(0));
  l.lock.lock();
  scm_dynwind_unwind_handler([](void* p) { static_cast<heap_lock*>(p)->lock.unlock(); }, &l,
                             SCM_F_WIND_EXPLICITLY);
  SCM const result = f();
  scm_dynwind_end();
  return result;
}

}  // namespace weft::inline WEFT_ON::scheme::detail
