// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace weft::check::detail {

/// One line of control with a stack of its own; a place to come back to.
///
/// A fiber that is in the middle of something may be begun anew: what was on its stack is
/// forgotten, no destructor runs. That is how an execution that leads nowhere ends.
///
/// cost      two dozen nanoseconds a switch, with the thread's exception state
class fiber {
 public:
  fiber() = default;
  fiber(fiber const&) = delete;
  fiber& operator=(fiber const&) = delete;
  ~fiber();

  /// Makes the next switch to it call `body(argument)`, which must not return. Fibers of different
  /// numbers have stacks at different addresses, the same in every run of the program.
  void begin(unsigned number, void (*body)(void*), void* argument);

  /// Leaves `from`, the fiber that runs, and goes on in `to`.
  static void change(fiber& from, fiber& to) noexcept;

  [[nodiscard]] bool on_stack(void const* p) const noexcept {
    auto const a = reinterpret_cast<std::uintptr_t>(p);
    auto const low = reinterpret_cast<std::uintptr_t>(stack_);
    return a >= low && a < low + stack_size;
  }

  static constexpr std::size_t stack_size = 256 * 1024;

 private:
  void* context_ = nullptr;
  char* stack_ = nullptr;
  void (*body_)(void*) = nullptr;
  void* argument_ = nullptr;
  // What the C++ runtime keeps per thread of exceptions in flight: per fiber here.
  void* caught_ = nullptr;
  unsigned uncaught_ = 0;

  // The address sanitizer's view: the bounds of the stack, and its own frames on it.
  void const* bottom_ = nullptr;
  std::size_t size_ = 0;
  void* frames_ = nullptr;

  struct entry;
};

}  // namespace weft::check::detail
