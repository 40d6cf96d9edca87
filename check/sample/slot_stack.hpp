// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <cstdint>

// Why a slot has one owner at a time
//
//   T1  Whoever popped a slot owns it until it pushes it again. Only the owner writes it.
//   T2  The head holds the number of the top slot and how often a slot was popped. A pop that
//       succeeds has found both unchanged since it read them, so nobody has popped in between: the
//       top slot was on the stack all the time, and `next`, which only an owner writes, is still
//       what it was. Without the count the top might have been popped and pushed again, with
//       another slot below it (the ABA problem).
//   T3  What an owner wrote happens before what the next owner does: push releases, and a pop
//       acquires the head that it changes, or a head made of that one by read-modify-writes alone,
//       which carry the release on. That is all that ever writes the head.
//   T4  The count wraps round after 2^32 pops: a thread would have to sleep that long between its
//       load and its exchange, and meet the same count again.
namespace sample {

using weft::acquire, weft::relaxed, weft::release;

/// A stack of the numbers of `Slots` slots, each with a T in it: the free list of a fixed pool.
///
/// Nothing is ever freed, so a thread may look at a slot that it does not own.
///
/// threads   push and pop, from any thread; a slot's value, by its owner
/// cost      one compare-and-swap
/// source    Treiber, Systems programming: coping with parallelism, 1986 (the counted form)
template <class T, std::uint32_t Slots, class Atoms = weft::native>
class slot_stack {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;

  /// Empty: every slot is the caller's, who pushes those that are free.
  slot_stack() = default;

  /// Gives the slot away.
  void push(std::uint32_t slot) noexcept {
    auto old = head_.load(relaxed);  // rlx cas
    word fresh = 0;
    do {
      slots_[slot].next.store(top(old), relaxed);  // rlx cas: T2
      fresh = head(slot, pops(old));
    } while (!head_.compare_exchange_weak(old, fresh, release,  // pub slot_stack.slot -> pop
                                          relaxed));  // rlx cas
  }

  /// A slot that is the caller's from now on; none if there is none.
  [[nodiscard]] std::uint32_t pop() noexcept {
    auto old = head_.load(acquire);  // sub slot_stack.slot
    while (top(old) != none) {
      auto const next = slots_[top(old)].next.load(relaxed);  // rlx cas: T2
      auto const rest = head(next, pops(old) + 1);
      if (head_.compare_exchange_weak(old, rest, relaxed,  // rlx cas: acquired with `old`
                                      acquire)) {          // sub slot_stack.slot
        return top(old);
      }
    }
    return none;
  }

  [[nodiscard]] auto& operator[](std::uint32_t slot) noexcept { return slots_[slot].value; }

 private:
  using word = std::uint64_t;
  static constexpr word head(std::uint32_t top, std::uint32_t pops) noexcept {
    return word{pops} << 32 | top;
  }
  static constexpr std::uint32_t top(word h) noexcept { return static_cast<std::uint32_t>(h); }
  static constexpr std::uint32_t pops(word h) noexcept {
    return static_cast<std::uint32_t>(h >> 32);
  }

  struct cell {
    typename Atoms::template atomic<std::uint32_t> next{none};
    typename Atoms::template var<T> value{};
  };

  alignas(weft::cache_line) typename Atoms::template atomic<word> head_{head(none, 0)};
  alignas(weft::cache_line) std::array<cell, Slots> slots_{};
};

}  // namespace sample
