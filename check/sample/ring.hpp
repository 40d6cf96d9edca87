// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

// Why no item is lost or read half written
//
//   R1  Only the producer writes tail_, only the consumer writes head_; both only grow, and head_
//       <= tail_ <= head_ + Capacity. Items [head_, tail_) are in the ring.
//   R2  The producer writes an item before it releases tail_ beyond it; the consumer acquires tail_
//       before it reads the item.
//   R3  The consumer takes an item out before it releases head_ beyond it; the producer acquires
//       head_ before it writes that place again.
namespace sample {

using weft::acquire, weft::relaxed, weft::release;

/// A bounded queue from one thread to one other.
///
/// threads   push by the producer, pop by the consumer, at the same time
/// blocks    never
/// cost      one load and one store that the other side sees
/// source    Lamport, Specifying concurrent program modules, 1983
template <class T, std::uint32_t Capacity, class Atoms = weft::native>
class ring {
  static_assert((Capacity & (Capacity - 1)) == 0, "the capacity is a power of two");

 public:
  /// False if the ring is full.
  [[nodiscard]] bool push(T item) {
    auto const tail = tail_.load(relaxed);                     // rlx owner
    if (tail - head_.load(acquire) == Capacity) return false;  // sub ring.place
    items_[tail % Capacity] = std::move(item);
    tail_.store(tail + 1, release);  // pub ring.item -> pop
    return true;
  }

  /// Nothing if the ring is empty.
  [[nodiscard]] std::optional<T> pop() {
    auto const head = head_.load(relaxed);                 // rlx owner
    if (head == tail_.load(acquire)) return std::nullopt;  // sub ring.item
    T item = items_[head % Capacity];
    head_.store(head + 1, release);  // pub ring.place -> push
    return item;
  }

 private:
  template <class U>
  using atomic = typename Atoms::template atomic<U>;

  alignas(weft::cache_line) atomic<std::uint32_t> head_{0};
  alignas(weft::cache_line) atomic<std::uint32_t> tail_{0};
  alignas(weft::cache_line) std::array<typename Atoms::template var<T>, Capacity> items_{};
};

}  // namespace sample
