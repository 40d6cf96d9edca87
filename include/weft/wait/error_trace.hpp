// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <exception>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

namespace weft::inline WEFT_ON {

struct frame;
class context;

/// The chain of awaits from the place that runs, or failed, up to the first frame, groups
/// included; the innermost place first.
struct stack_trace {
  struct entry {
    std::source_location site;
    bool spawned = false;  // this place waits for a group, of which the entry before is a task
  };
  std::vector<entry> entries;
  unsigned siblings_cancelled = 0;  // by the group that passed the error on

  /// One line a frame: "  at file:line in function".
  [[nodiscard]] std::string text() const;
};

/// The chain of the calling task; empty in a plain thread.
///
/// cost      one step and one allocation a frame
[[nodiscard]] stack_trace current_stack();

namespace detail {

/// The chain that belongs to one exception on its way up.
struct error_trace {
  std::exception_ptr error;
  stack_trace chain;
};

/// A copy of a chain, if there is one and memory for it.
[[nodiscard]] std::unique_ptr<error_trace> copy_of(error_trace const* chain) noexcept;

/// The chain from frame `f` up.
[[nodiscard]] stack_trace walk(frame const* f);

/// Notes the chain of the exception that leaves frame `f`, unless it passes through from below.
void note_error(context& c, frame& f) noexcept;

}  // namespace detail
}  // namespace weft::inline WEFT_ON
