// SPDX-License-Identifier: Apache-2.0
// What somebody writes who knows nothing of atoms: std::atomic and plain data. The fence of the
// deque is the library's function in both: it is cheaper than that of std.
#include <weft/base/atoms.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>

using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;

class stack {
 public:
  static constexpr std::uint32_t none = 0xffff'ffff;

  void push(std::uint32_t slot) noexcept {
    std::uint64_t old = head_.load(memory_order_relaxed);
    std::uint64_t fresh = 0;
    do {
      slots_[slot].next.store(top(old), memory_order_relaxed);
      fresh = head(slot, pops(old));
    } while (!head_.compare_exchange_weak(old, fresh, memory_order_release, memory_order_relaxed));
  }

  std::uint32_t pop() noexcept {
    std::uint64_t old = head_.load(memory_order_acquire);
    while (top(old) != none) {
      std::uint32_t const next = slots_[top(old)].next.load(memory_order_relaxed);
      std::uint64_t const rest = head(next, pops(old) + 1);
      if (head_.compare_exchange_weak(old, rest, memory_order_relaxed, memory_order_acquire)) {
        return top(old);
      }
    }
    return none;
  }

  std::uint64_t& operator[](std::uint32_t slot) noexcept { return slots_[slot].value; }

 private:
  static std::uint64_t head(std::uint32_t top, std::uint32_t pops) noexcept {
    return std::uint64_t{pops} << 32 | top;
  }
  static std::uint32_t top(std::uint64_t h) noexcept { return static_cast<std::uint32_t>(h); }
  static std::uint32_t pops(std::uint64_t h) noexcept {
    return static_cast<std::uint32_t>(h >> 32);
  }

  struct cell {
    std::atomic<std::uint32_t> next{none};
    std::uint64_t value{};
  };
  alignas(128) std::atomic<std::uint64_t> head_{none};
  alignas(128) std::array<cell, 64> slots_{};
};

class deque {
 public:
  bool push(std::uint32_t item) noexcept {
    std::int64_t const b = bottom_.load(memory_order_relaxed);
    std::int64_t const t = top_.load(memory_order_acquire);
    if (b - t == 64) return false;
    at(b).store(item, memory_order_relaxed);
    bottom_.store(b + 1, memory_order_release);
    return true;
  }

  std::optional<std::uint32_t> pop() noexcept {
    std::int64_t const b = bottom_.load(memory_order_relaxed) - 1;
    bottom_.store(b, memory_order_release);
    weft::native::fence();
    std::int64_t t = top_.load(memory_order_relaxed);
    if (t < b) return at(b).load(memory_order_relaxed);
    bool const mine = t == b && top_.compare_exchange_strong(t, t + 1, memory_order_relaxed,
                                                             memory_order_relaxed);
    bottom_.store(b + 1, memory_order_relaxed);
    if (!mine) return std::nullopt;
    return at(b).load(memory_order_relaxed);
  }

  std::optional<std::uint32_t> steal() noexcept {
    std::int64_t t = top_.load(memory_order_relaxed);
    weft::native::fence();
    std::int64_t const b = bottom_.load(memory_order_acquire);
    if (t >= b) return std::nullopt;
    std::uint32_t const item = at(t).load(memory_order_relaxed);
    bool const mine =
        top_.compare_exchange_strong(t, t + 1, memory_order_release, memory_order_relaxed);
    if (!mine) return std::nullopt;
    return item;
  }

 private:
  std::atomic<std::uint32_t>& at(std::int64_t i) noexcept {
    return items_[static_cast<std::size_t>(i & 63)];
  }
  alignas(128) std::atomic<std::int64_t> top_{0};
  alignas(128) std::atomic<std::int64_t> bottom_{0};
  alignas(128) std::array<std::atomic<std::uint32_t>, 64> items_{};
};

extern "C" {

void stack_push(stack& s, std::uint32_t slot) { s.push(slot); }
std::uint32_t stack_pop(stack& s) { return s.pop(); }
void stack_add(stack& s, std::uint32_t slot) { s[slot] = s[slot] + 1; }

bool deque_push(deque& d, std::uint32_t item) { return d.push(item); }
std::uint32_t deque_pop(deque& d) { return d.pop().value_or(0); }
std::uint32_t deque_steal(deque& d) { return d.steal().value_or(0); }
}
