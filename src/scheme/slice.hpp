// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record.hpp"

namespace weft::inline WEFT_ON::scheme::detail {

/// The procedures of (weft task) that C++ calls; set when that module is loaded.
struct hooks {
  SCM must_wait = SCM_BOOL_F;  // what a primitive returns that has noted a wait
  SCM failed = SCM_BOOL_F;     // or whose answer is to be raised
  SCM start = SCM_BOOL_F;      // (start thunk): the first slice, under the prompt
  SCM resume = SCM_BOOL_F;     // (resume k v): each later one
  SCM condition = SCM_BOOL_F;  // (condition kind message irritants): what to raise
  SCM live = SCM_BOOL_F;       // (live work): what a worker does
  SCM bound = SCM_BOOL_F;      // (bound f x): a thunk that calls (f x)
  SCM tick = SCM_BOOL_F;       // run in a worker whose slice lasts too long
  SCM evaluate = SCM_BOOL_F;   // (evaluate text name): a thunk
  SCM explain = SCM_BOOL_F;    // (explain condition stack): a list for scheme_error
};
[[nodiscard]] hooks& the_hooks() noexcept;

/// Runs Scheme until the task waits or ends; false: it has ended, and the record says how.
[[nodiscard]] bool run_slice(record& r) noexcept;

/// The wait that the slice has left.
[[nodiscard]] task<> take_wait(record& r) noexcept;

/// The task has ended: those who wait for it go on.
void finish(record& r) noexcept;

/// Drives a task from its first slice to its end. Whoever calls it keeps the record alive, or gives
/// a root that does.
task<> drive(record& r, root kept_by);

/// The primitives of tasks, in the module that is being made.
void define_tasks();

}  // namespace weft::inline WEFT_ON::scheme::detail
