// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/base/spin_lock.hpp>

#include <array>

namespace weft::inline WEFT_ON {

/// Timers in a hierarchy of six wheels of 64 slots; a tick is 1.024 microseconds.
///
/// A timer hangs in the level of the highest six-bit digit in which its tick differs from the
/// present one; when its slot comes up it is filed one level down, so expiry is exact to a tick.
/// What is farther than 2^36 ticks (19 hours) waits in the top level and is filed again.
///
/// threads   every member, from any thread; a spin lock inside
/// cost      add and remove about 10 ns, whatever the number of timers
/// source    Varghese and Lauck 1987, "Hashed and hierarchical timing wheels"
class timer_wheel {
 public:
  explicit timer_wheel(time_point start) noexcept : start_(start) {}

  /// Files `t` under t.when; true if it is now the first to expire.
  bool add(timer& t) noexcept;
  /// Takes `t` out if it is still in.
  void remove(timer& t) noexcept;
  /// Claims what is due at `now` and moves it to `fired`, for the caller to fire.
  void expire(time_point now, list<timer>& fired) noexcept;

  /// When expire() should be called next: never later than the first expiry; `never` if empty.
  [[nodiscard]] time_point next() const noexcept {
    return time_point(duration(next_.load(seq_cst)));  // dek exec.timer
  }

 private:
  using tick = std::uint64_t;
  static constexpr unsigned levels = 6;
  static constexpr unsigned bits = 6;
  static constexpr unsigned slots = 1u << bits;
  static constexpr std::uint16_t claimed = levels * slots;  // in no slot: about to be fired
  struct stop {
    tick at;
    unsigned level, slot;
  };

  [[nodiscard]] tick ticks(time_point t) const noexcept;
  [[nodiscard]] time_point time_of(tick t) const noexcept;
  [[nodiscard]] bool next_stop(stop& s) const noexcept;
  tick file(timer& t) noexcept;  // returns when its slot comes up
  void unfile(timer& t) noexcept;
  void publish_next() noexcept;

  spin_lock lock_;
  time_point start_;
  tick now_ = 0;
  std::array<std::uint64_t, levels> occupied_{};
  std::array<list<timer>, levels * slots> slot_;
  atoms::atomic<std::int64_t> next_{never.time_since_epoch().count()};
};

}  // namespace weft::inline WEFT_ON
