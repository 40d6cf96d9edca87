// SPDX-License-Identifier: Apache-2.0
#include <weft/task/task.hpp>

namespace weft::inline WEFT_ON::detail {

void task_promise_base::unhandled_exception() noexcept {
  try {
    throw;
  } catch (cancelled const&) {
    flags |= ends_cancelled;
  } catch (...) {
    note_error(*running_in, *this);
  }
  fail(std::current_exception());
}

std::coroutine_handle<> task_promise_base::at_end(frame& f) noexcept {
  auto& c = *f.running_in;
  return (f.flags & ends_cancelled) != 0 ? c.unwind() : c.complete(f);
}

}  // namespace weft::inline WEFT_ON::detail
