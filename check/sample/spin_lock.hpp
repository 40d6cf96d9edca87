// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

// Why one thread at a time holds it
//
//   S1  The exchange that finds false is the only one to do so between two stores of false.
//   S2  What a holder did happens before what the next one does: unlock releases, and the exchange
//       that reads its store acquires. The loads between two exchanges only spare the cache: an
//       exchange would take the line from the holder.
namespace sample {

using weft::acquire, weft::relaxed, weft::release;

/// A lock for a few instructions: test, then test-and-set.
///
/// threads   every member, from any thread; unlock by the holder
/// blocks    lock() spins
/// source    Rudolph, Segall, Dynamic decentralized cache schemes for MIMD parallel processors,
///           ISCA 1984
template <class Atoms = weft::native>
class spin_lock {
 public:
  void lock() noexcept {
    while (held_.exchange(true, acquire)) {        // sub spin_lock.unlock
      while (held_.load(relaxed)) Atoms::pause();  // rlx hint: the exchange decides
    }
  }
  [[nodiscard]] bool try_lock() noexcept {
    return !held_.load(relaxed) &&          // rlx hint: the exchange decides
           !held_.exchange(true, acquire);  // sub spin_lock.unlock
  }
  void unlock() noexcept {
    held_.store(false, release);  // pub spin_lock.unlock -> lock, try_lock
  }

 private:
  typename Atoms::template atomic<bool> held_{false};
};

}  // namespace sample
