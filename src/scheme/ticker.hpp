// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "lane.hpp"

#include <weft/base/spin_lock.hpp>

namespace weft::inline WEFT_ON::scheme::detail {

/// Interrupts slices that last too long, so that a task that never waits stops no other, and can be
/// cancelled. One thread a process; it sleeps without a deadline while every worker is parked.
///
/// A slice that is the same at two looks is 2 to 4 ms old: its worker is asked, through Guile's
/// asynchronous calls, to look itself, and asked again at each look until it is another slice.
///
/// threads   enter, leave, rests and goes_on by the worker that they are about
class ticker {
 public:
  /// Starts the thread, once.
  ///
  /// throws    std::system_error
  void start();
  void enter(lane& l) noexcept;
  void leave(lane& l) noexcept;
  void rests() noexcept;
  void goes_on() noexcept;

 private:
  void run();
  void look() noexcept;

  spin_lock lock_;
  lane* first_ = nullptr;
  bool started_ = false;
  atoms::atomic<std::uint32_t> awake_{0};    // workers that do not sleep
  atoms::atomic<std::uint32_t> nothing_{0};  // to sleep on until a deadline
};

[[nodiscard]] ticker& the_ticker() noexcept;

}  // namespace weft::inline WEFT_ON::scheme::detail
