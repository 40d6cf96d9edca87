// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <cstdint>
#include <optional>

// Why each item is taken once
//
//   D1  Items [top_, bottom_) are in the deque. Only the owner writes bottom_; top_ only grows, by
//       exchanges from t to t + 1, and whoever makes one has taken item t.
//   D2  pop lowers bottom_ to b, then looks at top_; steal looks at top_, then at bottom_. Between
//       the two each has a fence: so either the thief sees bottom_ <= b, and leaves item b alone,
//       or the owner sees the top_ that the thief has seen, or a later one. If that is b, it is the
//       last item, and the two race for it by an exchange; if it is less, the thief races for
//       another one.
//   D3  A thief that sees bottom_ > t sees item t: push releases bottom_ after it wrote the item.
//       The value it sees may also be one that pop stored later, and since C++20 a plain store does
//       not carry on the release of an earlier one: so pop's store, which leaves items below it,
//       releases too. The ones that put bottom_ back leave none.
//   D4  The owner writes place b mod Capacity again only when it has seen top_ beyond the item that
//       was there. A thief that still holds the old top_ may read the new item, or the old; its
//       exchange fails.
namespace sample {

using weft::acquire, weft::relaxed, weft::release;

/// A work-stealing deque: its owner pushes and pops at one end, thieves take from the other.
///
/// threads   push and pop by the owner; steal from any thread
/// blocks    never
/// cost      push: stores; pop: a fence, and a compare-and-swap for the last item; steal: both
/// source    Chase, Lev, Dynamic circular work-stealing deque, SPAA 2005; Lê, Pop, Cohen, Zappa
///           Nardelli, Correct and efficient work-stealing for weak memory models, PPoPP 2013
template <class T, std::int64_t Capacity, class Atoms = weft::native>
class deque {
  static_assert((Capacity & (Capacity - 1)) == 0, "the capacity is a power of two");

 public:
  /// False if the deque is full.
  [[nodiscard]] bool push(T item) noexcept {
    auto const b = bottom_.load(relaxed);  // rlx owner
    // audit: a thief's load must not run ahead of its own exchange: load buffering, not modelled
    auto const t = top_.load(acquire);  // sub deque.taken
    if (b - t == Capacity) return false;
    at(b).store(item, relaxed);     // rlx init: bottom_ publishes
    bottom_.store(b + 1, release);  // pub deque.items -> steal
    return true;
  }

  /// The item pushed last, of those that are left.
  [[nodiscard]] std::optional<T> pop() noexcept {
    auto const b = bottom_.load(relaxed) - 1;  // rlx owner
    bottom_.store(b, release);                 // pub deque.items -> steal
    Atoms::fence();                            // dek deque.last
    auto t = top_.load(relaxed);               // rlx cas: or, after the fence, small enough
    if (t < b) return at(b).load(relaxed);     // rlx owner
    bool const mine = t == b && top_.compare_exchange_strong(t, t + 1, relaxed,  // rlx cas
                                                             relaxed);           // rlx cas
    bottom_.store(b + 1, relaxed);                                               // rlx owner: D3
    if (!mine) return std::nullopt;
    return at(b).load(relaxed);  // rlx owner
  }

  /// The item pushed first; nothing if there is none or somebody else took it meanwhile.
  [[nodiscard]] std::optional<T> steal() noexcept {
    auto t = top_.load(relaxed);           // rlx cas
    Atoms::fence();                        // dek deque.last
    auto const b = bottom_.load(acquire);  // sub deque.items
    if (t >= b) return std::nullopt;
    auto const item = at(t).load(relaxed);  // rlx cas: D4
    // audit: as in push
    bool const mine = top_.compare_exchange_strong(t, t + 1, release,  // pub deque.taken -> push
                                                   relaxed);           // rlx cas
    if (!mine) return std::nullopt;
    return item;
  }

 private:
  template <class U>
  using atomic = typename Atoms::template atomic<U>;

  auto& at(std::int64_t i) noexcept { return items_[static_cast<std::size_t>(i & (Capacity - 1))]; }

  alignas(weft::cache_line) atomic<std::int64_t> top_{0};
  alignas(weft::cache_line) atomic<std::int64_t> bottom_{0};
  alignas(weft::cache_line) std::array<atomic<T>, static_cast<std::size_t>(Capacity)> items_{};
};

}  // namespace sample
