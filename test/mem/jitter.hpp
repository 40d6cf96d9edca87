// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>

// Atoms that make rare orders of events common: a thread may be held up at any access, and its last
// four stores may stay unseen by the others until its next fence or read-modify-write, as in a
// processor's store buffer. What is right under total store order is right on these.
namespace jitter_detail {

struct pending {
  void* where = nullptr;
  void (*apply)(void*, std::uint64_t) = nullptr;
  std::uint64_t value = 0;
};
struct state {
  std::uint32_t random = 0;
  unsigned count = 0;
  std::array<pending, 4> stores{};  // not yet seen by the others, the oldest first
};
inline thread_local constinit state mine{};

inline std::uint32_t dice() noexcept {
  auto& r = mine.random;
  if (r == 0) r = static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(&mine) >> 4) | 1;
  r ^= r << 13;
  r ^= r >> 17;
  r ^= r << 5;
  return r >> 4;
}
inline void drain_one() noexcept {
  auto& s = mine.stores;
  s[0].apply(s[0].where, s[0].value);
  std::copy(s.begin() + 1, s.begin() + mine.count--, s.begin());
}
inline void drain() noexcept {
  while (mine.count != 0) drain_one();
}
inline void hold_up() noexcept {
  auto const d = dice();
  if (d % 8 == 0) {
    for (unsigned i = d / 8 % 64; i > 0; --i) weft::native::pause();
  }
  if (d % 32 == 1) weft::native::yield();
  if (d % 16 == 2 && mine.count != 0) drain_one();
}

template <class T>
class atomic {
 public:
  using value_type = T;
  constexpr atomic() noexcept = default;
  constexpr atomic(T v) noexcept : real_(v) {}
  atomic(atomic const&) = delete;
  atomic& operator=(atomic const&) = delete;

  T load(std::memory_order = std::memory_order_seq_cst) const noexcept {
    hold_up();
    for (unsigned i = mine.count; i-- > 0;) {
      if (mine.stores[i].where == this) return value_of(mine.stores[i].value);
    }
    return real_.load();
  }
  void store(T v, std::memory_order order = std::memory_order_seq_cst) noexcept {
    hold_up();
    if (mine.count == mine.stores.size()) drain_one();
    std::uint64_t raw = 0;
    std::memcpy(&raw, &v, sizeof v);
    auto const apply = [](void* at, std::uint64_t value) {
      static_cast<atomic*>(at)->real_.store(value_of(value));
    };
    mine.stores[mine.count++] = {this, apply, raw};
    if (order == std::memory_order_seq_cst) drain();
  }
  T exchange(T v, std::memory_order) noexcept {
    before_rmw();
    return real_.exchange(v);
  }
  T fetch_add(T v, std::memory_order) noexcept {
    before_rmw();
    return real_.fetch_add(v);
  }
  T fetch_sub(T v, std::memory_order) noexcept {
    before_rmw();
    return real_.fetch_sub(v);
  }
  bool compare_exchange_strong(T& expected, T desired, std::memory_order,
                               std::memory_order = std::memory_order_relaxed) noexcept {
    before_rmw();
    return real_.compare_exchange_strong(expected, desired);
  }
  bool compare_exchange_weak(T& expected, T desired, std::memory_order,
                             std::memory_order = std::memory_order_relaxed) noexcept {
    before_rmw();
    return real_.compare_exchange_strong(expected, desired);
  }

 private:
  static_assert(sizeof(T) <= 8);
  static T value_of(std::uint64_t raw) noexcept {
    T v;
    std::memcpy(&v, &raw, sizeof v);
    return v;
  }
  static void before_rmw() noexcept {
    hold_up();
    drain();
  }
  std::atomic<T> real_{};
};

}  // namespace jitter_detail

struct jitter : weft::native {
  template <class T>
  using atomic = jitter_detail::atomic<T>;
  static void fence() noexcept {
    jitter_detail::hold_up();
    jitter_detail::drain();
    weft::native::fence();
  }
  /// Stores stay behind where no barrier reaches them: light() has to be a fence.
  static bool asymmetric() noexcept { return false; }
  static void light() noexcept { fence(); }
  static void heavy() noexcept { fence(); }
  /// What a thread that stops using these atoms calls: its last stores become visible.
  static void finish() noexcept { jitter_detail::drain(); }
};
