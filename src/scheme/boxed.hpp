// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "argument.hpp"

#include <new>

namespace weft::inline WEFT_ON::scheme::detail {

/// A C++ object as an object of Scheme's heap. It is never destroyed, so T owns nothing while it is
/// not in use.
template <class T>
struct boxed {
  scm_t_bits type;
  T it;

  static inline scm_t_bits tag = 0;
  static inline char const* called = "";

  static void define_type(char const* name) {
    tag = scm_make_smob_type(name, 0);
    called = name;
  }
  template <class... Args>
  [[nodiscard]] static SCM make(Args&&... args) {
    auto* const b = static_cast<boxed*>(GC_MALLOC(sizeof(boxed)));
    if (!b) scm_report_out_of_memory();
    new (&b->it) T(std::forward<Args>(args)...);
    b->type = tag;
    return SCM_PACK_POINTER(b);
  }
  [[nodiscard]] static bool is(SCM x) { return SCM_SMOB_PREDICATE(tag, x); }
  [[nodiscard]] static T& argument(char const* who, int at, SCM x) {
    if (!is(x)) scm_wrong_type_arg_msg(who, at, x, called);
    return reinterpret_cast<boxed*>(SCM_UNPACK_POINTER(x))->it;
  }
};

}  // namespace weft::inline WEFT_ON::scheme::detail
