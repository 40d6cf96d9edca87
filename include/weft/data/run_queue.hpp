// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>

// Why no job runs twice and none is lost
//
//   I1  Slots [real, tail) hold jobs; only the owner raises tail, after it wrote the slot.
//   I2  An index leaves the range by one CAS on `head`, which holds `steal` and `real` together:
//       the owner takes one, a thief takes half, the owner gives half away. So it leaves once.
//   I3  steal <= real. While they differ a thief copies [steal, real); the owner does not reuse
//       those slots, because push() measures free room from `steal`. One thief at a time. It
//       releases the head when it has copied, and who reuses the slots acquires it: else the copy
//       could read what is stored there later. `head` is changed by read-modify-writes only, so
//       each release in it lasts.
//   I4  Indices grow modulo 2^32 and never wrap within a steal: the owner would have to push 2^32
//       jobs while it is stopped at I3 after at most `Capacity`.
//   I5  A thief reads slots below a tail that it has acquired, so what it reads is not older than
//       the jobs there; its claim finds `head` as it was read, so it is not newer either. A `head`
//       and a `tail` of different moments give a number that is too small, or more than can be.
//
// Checked by test/data/run_queue.model.cpp.

namespace weft {

/// The run queue of a worker: its owner pushes and pops, anybody steals half. First in, first out.
///
/// threads   push, pop and give_half by the owner; steal_into by any other owner
/// cost      push one store; pop one compare-and-swap
/// source    the run queue of Go's scheduler (Vyukov 2012), with the head of Tokio's (2019)
template <class T, class Atoms = native, std::uint32_t Capacity = 256>
class basic_run_queue {
  static_assert((Capacity & (Capacity - 1)) == 0, "the capacity is a power of two");

 public:
  /// False when full.
  [[nodiscard]] bool push(T* x) noexcept {
    auto const tail = tail_.load(relaxed);                           // rlx owner
    // audit: without it only load buffering goes wrong (I3), which the checker leaves out
    auto const head = head_.load(acquire);                           // sub run_queue.freed
    if (tail - steal_of(head) >= Capacity) return false;
    slot(tail).store(x, relaxed);                                    // rlx init: tail publishes it
    tail_.store(tail + 1, release);  // pub run_queue.items -> steal_into, size
    return true;
  }

  [[nodiscard]] T* pop() noexcept {
    auto const tail = tail_.load(relaxed);                           // rlx owner
    auto head = head_.load(relaxed);                                 // rlx cas
    for (;;) {
      auto const real = real_of(head);
      if (real == tail) return nullptr;
      auto const next = pack(steal_of(head) == real ? real + 1 : steal_of(head), real + 1);
      if (head_.compare_exchange_weak(head, next, relaxed,           // rlx owner: its own slots
                                      relaxed))                      // rlx cas
        return slot(real).load(relaxed);                             // rlx owner
    }
  }

  /// Takes the older half out and hands each to f; false when a thief is at work.
  template <class F>
  [[nodiscard]] bool give_half(F&& f) noexcept {
    auto head = head_.load(relaxed);                                 // rlx cas
    auto const real = real_of(head);
    if (steal_of(head) != real) return false;
    auto const n = (tail_.load(relaxed) - real) / 2;                 // rlx owner
    if (!head_.compare_exchange_strong(head, pack(real + n, real + n), relaxed,  // rlx owner
                                       relaxed))                     // rlx cas
      return false;
    for (std::uint32_t i = 0; i < n; ++i) f(slot(real + i).load(relaxed));       // rlx owner
    return true;
  }

  /// Moves half of this queue, rounded up, into the thief's own `into`; returns one of them to
  /// run now, or null.
  [[nodiscard]] T* steal_into(basic_run_queue& into) noexcept {
    auto const at = into.tail_.load(relaxed);                        // rlx owner: the thief's own
    // audit: without it only load buffering goes wrong (I3), which the checker leaves out
    auto const room = into.head_.load(acquire);                      // sub run_queue.freed
    if (at - steal_of(room) > Capacity / 2) return nullptr;
    auto head = head_.load(relaxed);                                 // rlx cas
    std::uint32_t real = 0;
    std::uint32_t n = 0;
    do {
      real = real_of(head);
      if (steal_of(head) != real) return nullptr;
      n = tail_.load(acquire) - real;                                // sub run_queue.items
      n -= n / 2;
      if (n == 0 || n > Capacity / 2 + 1) return nullptr;            // n too big: head was stale
    } while (!head_.compare_exchange_weak(head, pack(real, real + n),
                                          relaxed, relaxed));        // rlx cas: I5
    for (std::uint32_t i = 0; i + 1 < n; ++i)
      into.slot(at + i).store(slot(real + i).load(relaxed), relaxed);  // rlx init: tail publishes
                                                                       // it
    T* const mine = slot(real + n - 1).load(relaxed);  // rlx cas: the head was claimed
    head = head_.load(relaxed);                                      // rlx cas
    // audit: without it only load buffering goes wrong (I3), which the checker leaves out
    while (!head_.compare_exchange_weak(head, settled(head), release, // pub run_queue.freed -> push
                                        relaxed)) {                  // rlx cas
    }
    if (n > 1) into.tail_.store(at + n - 1, release);  // pub run_queue.items -> steal_into, size
    return mine;
  }

  /// About how many jobs wait; exact for the owner when nobody steals.
  [[nodiscard]] std::uint32_t size() const noexcept {
    auto const tail = tail_.load(relaxed);                           // rlx ordered: by the caller
    auto const n = tail - real_of(head_.load(relaxed));              // rlx ordered: by the caller
    return n <= Capacity ? n : 0;
  }

 private:
  using word = std::uint64_t;
  static word pack(std::uint32_t steal, std::uint32_t real) noexcept {
    return word{steal} << 32 | real;
  }
  static std::uint32_t steal_of(word h) noexcept { return static_cast<std::uint32_t>(h >> 32); }
  static std::uint32_t real_of(word h) noexcept { return static_cast<std::uint32_t>(h); }
  static word settled(word h) noexcept { return pack(real_of(h), real_of(h)); }
  auto& slot(std::uint32_t i) noexcept { return slots_[i & (Capacity - 1)]; }

  alignas(cache_line) typename Atoms::template atomic<word> head_{0};
  alignas(cache_line) typename Atoms::template atomic<std::uint32_t> tail_{0};
  std::array<typename Atoms::template atomic<T*>, Capacity> slots_{};
};

}  // namespace weft
