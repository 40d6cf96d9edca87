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
  return (f.flags & (ends_cancelled | boundary)) == ends_cancelled ? c.unwind() : c.complete(f);
}

std::string why_cancelled(frame const& f) {
  if ((f.flags & frame::failed) != 0) {
    try {
      std::rethrow_exception(f.error);
    } catch (cancelled const& c) {
      return c.reason();
    } catch (...) {  // not a cancellation: the scope knows
    }
  }
  auto const* s = f.running_in->scope_of();
  return s && s->cancelled() ? s->reason() : std::string{};
}

}  // namespace weft::inline WEFT_ON::detail
