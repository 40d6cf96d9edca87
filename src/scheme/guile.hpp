// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <libguile.h>

#include <gc/gc.h>
#include <weft/scheme/root.hpp>

namespace weft::inline WEFT_ON::scheme::detail {

[[nodiscard]] inline root rooted(SCM x) { return root(SCM_UNPACK_POINTER(x)); }
[[nodiscard]] inline SCM kept(root const& r) noexcept { return SCM_PACK_POINTER(r.get()); }

/// Runs f() in Guile mode, whatever the thread is in.
template <class F>
void in_guile(F&& f) {
  scm_with_guile(
      [](void* p) -> void* {
        (*static_cast<std::remove_reference_t<F>*>(p))();
        return nullptr;
      },
      const_cast<std::remove_const_t<std::remove_reference_t<F>>*>(&f));
}

/// Runs f() outside Guile mode: the collector does not wait for this thread meanwhile. f touches
/// nothing of Scheme's.
template <class F>
void outside_guile(F&& f) {
  scm_without_guile(
      [](void* p) -> void* {
        (*static_cast<std::remove_reference_t<F>*>(p))();
        return nullptr;
      },
      const_cast<std::remove_const_t<std::remove_reference_t<F>>*>(&f));
}

/// Makes the C++ function known to Scheme, in the module that is being made.
template <class F>
void define(char const* name, int required, int optional, F* f) {
  scm_c_define_gsubr(name, required, optional, 0, reinterpret_cast<void*>(f));
  scm_c_export(name, nullptr);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
