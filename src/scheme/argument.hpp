// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "slice.hpp"

#include <exception>

// How a primitive is written. Guile leaves a C function by longjmp, which runs no destructor: so
// the part that may throw, and owns anything, is a noexcept call that catches all, and what raises
// has nothing to destroy.

namespace weft::inline WEFT_ON::scheme::detail {

/// The task that runs; raises if the code is in none.
[[nodiscard]] record& running(char const* who);

/// Argument `at` of primitive `who`; raises wrong-type-arg or out-of-range.
[[nodiscard]] record& task_argument(char const* who, int at, SCM x);
[[nodiscard]] duration duration_argument(char const* who, int at, SCM seconds);

/// What the running primitive returns when its wait has ended at once.
[[nodiscard]] inline SCM answer_now(record& r) noexcept {
  return r.answer_failed ? the_hooks().failed : std::exchange(r.answer, SCM_BOOL_F);
}

/// Raises the condition that stands for the C++ exception.
[[noreturn]] void raise_failure(char const* who, SCM condition);

/// The condition that f's exception becomes; false if there is none.
template <class F>
SCM caught(F& f) noexcept {
  try {
    f();
    return SCM_BOOL_F;
  } catch (...) {
    return condition_of(std::current_exception());
  }
}

/// Calls f; an exception becomes a condition. f's captures are references.
template <class F>
void checked(char const* who, F& f) {
  static_assert(std::is_trivially_destructible_v<F>, "what raises runs no destructor");
  SCM const bad = caught(f);
  if (scm_is_true(bad)) raise_failure(who, bad);
}

/// The task that runs, about to wait: raises in a transaction, also where it would not have waited.
[[nodiscard]] record& waiting(char const* who);
/// Raises if the task is in a transaction, which would be tried again.
void must_not_be_in_transaction(char const* who, record const& r);

/// Notes the wait that make() describes, on behalf of `r`; `on` is kept alive by it.
template <class F>
SCM waits(char const* who, record& r, SCM on, F make) {
  must_not_be_in_transaction(who, r);
  SCM noted = SCM_BOOL_F;
  auto note = [&] { noted = must_wait(r, make(), on); };
  checked(who, note);
  return noted;
}

/// Waits in the thread, outside Guile, for what the slice has noted. Called in Guile mode.
void block_on(record& r) noexcept;

}  // namespace weft::inline WEFT_ON::scheme::detail
