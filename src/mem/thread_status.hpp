// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft::inline WEFT_ON::detail {

/// What /proc says of a thread of this process.
struct thread_status {
  bool known = false;    // false: it cannot be read, or there is no such thread
  bool traced = false;   // by a debugger
  bool blocked = false;  // the signal asked about
};

/// Reads /proc/self/task/NUMBER/status.
///
/// threads   any; allocates nothing, is no cancellation point
/// cost      some microseconds
[[nodiscard]] thread_status status_of(int thread, int signal) noexcept;

}  // namespace weft::inline WEFT_ON::detail
