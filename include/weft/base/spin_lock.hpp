// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/backoff.hpp>

namespace weft {

/// A lock for a few instructions: test, then test-and-set, with exponential pauses.
///
/// Guards the wait lists and rings inside a primitive. Never held across a wait, a resumption, a
/// call of user code or an allocation.
///
/// threads   every member, from any thread
/// blocks    spins; gives the processor away when the holder seems preempted
/// cost      one exchange to lock, one store to unlock
template <class Atoms = native>
class basic_spin_lock {
 public:
  void lock() noexcept {
    basic_backoff<Atoms> pause;
    while (word_.exchange(1, acquire) != 0) {        // sub spin.unlock
      while (word_.load(relaxed) != 0) pause();      // rlx hint: the exchange decides
    }
  }
  [[nodiscard]] bool try_lock() noexcept {
    return word_.load(relaxed) == 0 &&               // rlx hint: the exchange decides
           word_.exchange(1, acquire) == 0;          // sub spin.unlock
  }
  void unlock() noexcept {
    word_.store(0, release);                         // pub spin.unlock -> lock, try_lock
  }

 private:
  typename Atoms::template atomic<std::uint8_t> word_{0};
};

inline namespace WEFT_ON {
#if defined(WEFT_MODEL)
// Proven by itself (test/base/spin_lock.model.cpp). In what is built on it, a lock of the checker
// stands for it: nobody spins, and scenarios have a tenth of the executions.
using spin_lock = check::mutex;
#else
using spin_lock = basic_spin_lock<atoms>;
#endif
}  // namespace WEFT_ON

}  // namespace weft
