// SPDX-License-Identifier: Apache-2.0
#pragma once

// The event ring: one thread writes without ever waiting, anybody reads without a data race.
//
// Each slot has a sequence number. Entry number p goes to slot p mod Capacity; the slot's number is
// 2p+1 while the entry is being written and 2p+2 when it is whole.
//
//   writer  seq = 2p+1; every word, release; seq = 2p+2; head = p+1, release
//   reader  head, acquire, is above p; every word, acquire; s = seq; the entry is p's if s = 2p+2
//
// I1  Only the owner writes seq, words and head; seq of a slot only grows.
// I2  Each word read is of entry p or a later one, and s is at least 2p+2: they were stored before
//     head = p+1 was released, and coherence forbids reading what is older.
// I3  If a word read is of a later entry q > p, its release store synchronises with the acquire
//     load; seq = 2q+1 was stored before it, so s, loaded after it, is at least 2q+1, not 2p+2.
// I4  Hence s = 2p+2 means that all words are of entry p. In all other cases the reader counts the
//     entry as missed. It never waits for the writer, and the writer never sees a reader.
//
// This is a seqlock (Boehm, "Can seqlocks get along with programming language memory models?", MSPC
// 2012) with release and acquire on the words themselves in place of fences: on x86 both are plain
// moves, and a thread sanitizer understands them.
// Tests: ring_model.*, ring.*

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace weft {

/// The last `Capacity` entries of `Words` words each that one thread wrote.
///
/// threads   push() by the owner; read() and written() by anybody at the same time
/// blocks    never
/// cost      push() takes Words + 3 plain stores on x86
template <unsigned Capacity, unsigned Words, class Atoms = native>
class basic_event_ring {
  static_assert(std::has_single_bit(Capacity));
  template <class T>
  using atomic = typename Atoms::template atomic<T>;

 public:
  using entry = std::array<std::uint64_t, Words>;

  void push(entry const& e) noexcept {
    std::uint64_t const p = head_.load(relaxed);      // rlx owner
    slot& s = slots_[p % Capacity];
    s.seq.store(2 * p + 1, relaxed);                  // rlx owner: I3, the words release it
    for (unsigned i = 0; i < Words; ++i) {
      s.words[i].store(e[i], release);                // pub ring.word -> read
    }
    s.seq.store(2 * p + 2, relaxed);                  // rlx owner: I2, the head releases it
    head_.store(p + 1, release);                      // pub ring.head -> read
  }

  /// Calls f(entry const&) for each entry from number `from` on that is still there, moves `from`
  /// behind the last, and returns how many between were overwritten.
  template <class F>
  std::uint64_t read(std::uint64_t& from, F&& f) const {
    std::uint64_t const end = head_.load(acquire);    // sub ring.head
    std::uint64_t missed = 0;
    if (end - from > Capacity) {
      missed = end - Capacity - from;
      from = end - Capacity;
    }
    for (; from != end; ++from) {
      entry e;
      if (read_one(from, e)) {
        f(std::as_const(e));
      } else {
        ++missed;
      }
    }
    return missed;
  }

  /// How many entries were ever written.
  [[nodiscard]] std::uint64_t written() const noexcept {
    return head_.load(relaxed);                       // rlx count
  }

 private:
  struct slot {
    atomic<std::uint64_t> seq{0};
    std::array<atomic<std::uint64_t>, Words> words{};
  };

  bool read_one(std::uint64_t p, entry& e) const noexcept {
    slot const& s = slots_[p % Capacity];
    for (unsigned i = 0; i < Words; ++i) {
      e[i] = s.words[i].load(acquire);                   // sub ring.word
    }
    return s.seq.load(relaxed) == 2 * p + 2;             // rlx ordered: by the words, I3
  }

  alignas(cache_line) atomic<std::uint64_t> head_{0};
  std::array<slot, Capacity> slots_{};
};

}  // namespace weft
