// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <array>

// Why one of two threads at a time is inside, without a read-modify-write
//
//   K1  Each says that it wants to go in, then looks whether the other does: a store before a load,
//       both sequentially consistent. Of the two stores one comes first in that order, and the
//       other thread's load comes after it: they do not both miss each other.
//   K2  If both want, the one whose turn it is not takes its word back and waits for its turn. The
//       turn is passed on leaving, so neither waits for ever. The turn orders nothing: relaxed.
//   K3  Who goes in has read that the other does not want, and thereby knows all that the other did
//       inside: every store that says so releases. That of the one who gives way, too: it may be
//       the one that is read, and it does not carry on the release of the store before it.
namespace sample {

using weft::relaxed, weft::release, weft::seq_cst;

/// A lock for two threads, made of loads and stores.
///
/// threads   each of the two by its number, 0 or 1
/// blocks    lock() spins
/// source    Dekker, in: Dijkstra, Over de sequentialiteit van procesbeschrijvingen, EWD 35, 1962
template <class Atoms = weft::native>
class dekker {
 public:
  void lock(unsigned me) noexcept {
    auto const other = 1 - me;
    wants_[me].store(true, seq_cst);       // dek dekker.wants
    while (wants_[other].load(seq_cst)) {  // dek dekker.wants
      if (turn_.load(relaxed) == me) {     // rlx hint: K2
        Atoms::pause();
        continue;
      }
      wants_[me].store(false, release);                  // pub dekker.left -> lock
      while (turn_.load(relaxed) != me) Atoms::pause();  // rlx hint: K2
      wants_[me].store(true, seq_cst);                   // dek dekker.wants
    }
  }
  void unlock(unsigned me) noexcept {
    turn_.store(1 - me, relaxed);      // rlx hint: K2
    wants_[me].store(false, release);  // pub dekker.left -> lock
  }

 private:
  std::array<typename Atoms::template atomic<bool>, 2> wants_{};
  typename Atoms::template atomic<unsigned> turn_{0};
};

}  // namespace sample
