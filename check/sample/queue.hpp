// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

// Why each item is taken once, whole
//
//   Q1  Turn n of a cell (n counts pushes and pops of the whole queue, cell = n mod Capacity): the
//       cell is free for push n while turn_ = n, holds item n while turn_ = n + 1, and is free
//       again for push n + Capacity. So turn_ only grows.
//   Q2  A push that moves tail_ from n to n + 1 is the only one ever to do so: positions only grow.
//       It has found the cell free for it, so the cell is its own until it sets turn_; a pop
//       likewise. The exchange decides and orders nothing: relaxed is enough.
//   Q3  What was done to the cell in one turn happens before the next: turn_ is released by whoever
//       had the cell and acquired by whoever gets it.
//   Q4  With one cell, n + 1 would mean both "holds item n" and "free for push n + 1": hence two.
namespace sample {

using weft::acquire, weft::relaxed, weft::release;

/// A bounded queue for any number of threads.
///
/// Full and empty are said of the cell whose turn it is: a push may find the queue full, and a pop
/// find it empty, while a neighbour has claimed that cell and is not done with it.
///
/// threads   every member, from any thread
/// blocks    never; but a thread that stops between claim and turn stops the queue once it has gone
///           round
/// cost      one compare-and-swap
/// source    Vyukov, Bounded MPMC queue, 1024cores.net, 2010
template <class T, std::uint32_t Capacity, class Atoms = weft::native>
class queue {
  static_assert(Capacity >= 2 && (Capacity & (Capacity - 1)) == 0,
                "the capacity is a power of two, at least two: Q4");

 public:
  queue() noexcept {
    for (std::uint32_t i = 0; i < Capacity; ++i) cells_[i].turn.store(i, relaxed);  // rlx init
  }

  /// False if the queue is full.
  [[nodiscard]] bool push(T item) {
    auto n = tail_.load(relaxed);  // rlx cas
    for (;;) {
      auto& c = cells_[n % Capacity];
      auto const turn = c.turn.load(acquire);  // sub queue.cell
      if (turn == n) {
        if (!tail_.compare_exchange_weak(n, n + 1, relaxed, relaxed)) continue;  // rlx cas
        c.item = std::move(item);
        c.turn.store(n + 1, release);  // pub queue.item -> pop
        return true;
      }
      if (older(turn, n)) return false;
      n = tail_.load(relaxed);  // rlx cas
    }
  }

  /// Nothing if the queue is empty.
  [[nodiscard]] std::optional<T> pop() {
    auto n = head_.load(relaxed);  // rlx cas
    for (;;) {
      auto& c = cells_[n % Capacity];
      auto const turn = c.turn.load(acquire);  // sub queue.item
      if (turn == n + 1) {
        if (!head_.compare_exchange_weak(n, n + 1, relaxed, relaxed)) continue;  // rlx cas
        T item = c.item;
        c.turn.store(n + Capacity, release);  // pub queue.cell -> push
        return item;
      }
      if (older(turn, n + 1)) return std::nullopt;
      n = head_.load(relaxed);  // rlx cas
    }
  }

 private:
  template <class U>
  using atomic = typename Atoms::template atomic<U>;

  struct cell {
    atomic<std::uint32_t> turn{0};
    typename Atoms::template var<T> item{};
  };

  // In the order of numbers that wrap round.
  static bool older(std::uint32_t a, std::uint32_t b) noexcept {
    return static_cast<std::int32_t>(a - b) < 0;
  }

  alignas(weft::cache_line) atomic<std::uint32_t> head_{0};
  alignas(weft::cache_line) atomic<std::uint32_t> tail_{0};
  alignas(weft::cache_line) std::array<cell, Capacity> cells_{};
};

}  // namespace sample
