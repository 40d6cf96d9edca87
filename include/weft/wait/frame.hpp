// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <coroutine>
#include <exception>
#include <memory>
#include <source_location>

// Resuming another coroutine from await_suspend is a tail call only under clang (at every level
// and under sanitizers). Elsewhere the next coroutine is left in the context, and the loop that
// resumed the last one resumes it: no stack grows with the number of awaits. The tag gives the two
// forms of a function different names, so that objects of both compilers link into one program.
#if defined(__clang__)
#define WEFT_TAIL_RESUME 1
#define WEFT_RESUME_ABI [[gnu::abi_tag("tail")]]
#else
#define WEFT_TAIL_RESUME 0
#define WEFT_RESUME_ABI [[gnu::abi_tag("loop")]]
#endif

namespace weft::inline WEFT_ON {

class context;

/// The base of every weft promise, and so a frame of the async stack: who awaits it, and where.
///
/// threads   the thread that runs the execution, or one that claimed its wait
struct frame {
  enum : std::uint8_t {
    catches = 1,        // whoever awaits this frame takes its cancellation as a value
    was_cancelled = 2,  // it ended so
    child_gone = 4,     // the frame it awaited was destroyed by a cancellation on its way up
    internal = 8,       // weft's own: not shown to people
    ends_cancelled = 16,  // a weft::cancelled left its body
    failed = 32,          // an exception left its body
    boundary = 64,        // a weft::cancelled of its own is thrown to whoever awaits it
  };

  frame() noexcept {}
  frame(frame const&) = delete;
  frame& operator=(frame const&) = delete;
  ~frame() {
    if ((flags & failed) != 0) std::destroy_at(&error);
  }

  frame* parent = nullptr;  // who awaits this frame; null for the first of an execution
  union {
    std::source_location site{};  // where this frame stands: its last await
    std::exception_ptr error;     // what it ended with, if `failed`
  };
  context* running_in = nullptr;  // set when it starts
  std::uint8_t flags = 0;

  /// The coroutine. Right for promises that have their frame first and an alignment of at most
  /// two pointers, which task<T> asserts.
  [[nodiscard]] std::coroutine_handle<> handle() noexcept {
    return std::coroutine_handle<frame>::from_promise(*this);
  }
};

}  // namespace weft::inline WEFT_ON
