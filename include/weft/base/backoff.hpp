// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

namespace weft {

/// Waits a little longer at each call: pauses that double, then the processor is given away.
///
/// Without the doubling two workers on one spin lock lose a factor of five; without the last step
/// a spinner burns the time slice that the preempted holder of the lock needs.
///
/// cost      1 to 512 pauses, then a system call each time
template <class Atoms = native>
class basic_backoff {
 public:
  /// Starts with `first` pauses; different values keep two contenders from moving in step.
  explicit basic_backoff(unsigned first = 1) noexcept : pauses_(first) {}

  void operator()() noexcept {
    if (pauses_ > longest) {
      Atoms::yield();
      return;
    }
    Atoms::pause(pauses_);
    pauses_ *= 2;
  }

 private:
  static constexpr unsigned longest = 512;
  unsigned pauses_;
};

inline namespace WEFT_ON {
using backoff = basic_backoff<atoms>;
}  // namespace WEFT_ON

}  // namespace weft
