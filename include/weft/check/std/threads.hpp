// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/thread.hpp>

#include <compare>
#include <cstdint>
#include <functional>
#include <ostream>
#include <source_location>
#include <thread>

namespace weft::check::detail {

/// std::thread::id: none, or a thread of the scenario.
class foreign_thread_id {
 public:
  constexpr foreign_thread_id() noexcept = default;
  explicit constexpr foreign_thread_id(std::uint32_t thread) noexcept : number_(thread + 1) {}
  [[nodiscard]] constexpr std::uint32_t number() const noexcept { return number_; }
  friend constexpr auto operator<=>(foreign_thread_id, foreign_thread_id) noexcept = default;
  friend std::ostream& operator<<(std::ostream& to, foreign_thread_id id) {
    return to << id.number_;
  }

 private:
  std::uint32_t number_ = 0;
};

/// What check::thread lacks of std::thread.
class foreign_thread : public thread {
 public:
  using id = foreign_thread_id;
  using thread::thread;
  foreign_thread() noexcept = default;

  [[nodiscard]] id get_id() const noexcept { return joinable() ? id{thread::get_id()} : id{}; }
  void swap(foreign_thread& other) noexcept {
    auto mine = std::move(*this);
    *this = std::move(other);
    other = std::move(mine);
  }
  friend void swap(foreign_thread& a, foreign_thread& b) noexcept { a.swap(b); }
  /// A small machine, always the same.
  [[nodiscard]] static unsigned hardware_concurrency() noexcept { return 2; }
  void detach() = delete;  // weft::check: a scenario joins its threads
};

}  // namespace weft::check::detail

template <>
struct std::hash<weft::check::detail::foreign_thread_id> {
  std::size_t operator()(weft::check::detail::foreign_thread_id id) const noexcept {
    return id.number();
  }
};

namespace std {

using weft_check_thread = weft::check::detail::foreign_thread;

namespace weft_check_this_thread {

[[nodiscard]] inline weft_check_thread::id get_id(
    source_location where = source_location::current()) {
  return weft_check_thread::id{weft::check::this_thread::get_id(where)};
}
inline void yield(source_location where = source_location::current()) {
  weft::check::this_thread::yield(where);
}
// No time passes for a thread that runs: all there is to a sleep is that others go first.
template <class Duration>
void sleep_for(Duration const&, source_location where = source_location::current()) {
  weft::check::this_thread::yield(where);
}
template <class TimePoint>
void sleep_until(TimePoint const&, source_location where = source_location::current()) {
  weft::check::this_thread::yield(where);
}

}  // namespace weft_check_this_thread
}  // namespace std

inline void weft_check_pause(std::source_location where = std::source_location::current()) {
  weft::check::this_thread::yield(where);
}
inline int weft_check_sched_yield(std::source_location where = std::source_location::current()) {
  weft::check::this_thread::yield(where);
  return 0;
}
