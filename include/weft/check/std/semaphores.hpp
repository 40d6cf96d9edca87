// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

#include <semaphore.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <semaphore>
#include <source_location>

namespace weft::check::detail {

/// A semaphore as the checker sees it: taking is one step, or a sleep until somebody gives.
///
/// threads   every member, from any thread of a scenario
class foreign_semaphore {
 public:
  explicit foreign_semaphore(std::uint32_t count = 0, site where = site::current())
      : handle_{to_word(count), sizeof count, shape::number} {
    make(handle_, where);
  }
  foreign_semaphore(foreign_semaphore const&) = delete;
  foreign_semaphore& operator=(foreign_semaphore const&) = delete;
  ~foreign_semaphore() { unmake(handle_, site::current()); }

  [[nodiscard]] bool try_take(site where) {
    auto const less_one = [](word old, void*) {
      return to_word(old.low == 0 ? 0u : static_cast<std::uint32_t>(old.low) - 1);
    };
    return update(handle_, order::acquire, less_one, nullptr, where).low != 0;
  }
  void take(site where) {
    while (!try_take(where)) park(handle_, {}, false, 0, where);
  }
  /// False if the deadline, in nanoseconds, passed first.
  [[nodiscard]] bool take_until(std::int64_t deadline, site where) {
    while (!try_take(where)) {
      if (!park(handle_, {}, true, deadline, where)) return try_take(where);
    }
    return true;
  }
  void give(std::uint32_t count, site where) {
    auto const more = [](word old, void* by) {
      return to_word(static_cast<std::uint32_t>(old.low) + *static_cast<std::uint32_t*>(by));
    };
    (void)update(handle_, order::release, more, &count, where);
    unpark(&handle_, count > 1, where);
  }
  void set(std::uint32_t count, site where) {
    store(handle_, to_word(count), order::relaxed, where);
  }
  [[nodiscard]] std::uint32_t count(site where) const {
    return static_cast<std::uint32_t>(load(handle_, order::relaxed, where).low);
  }

 private:
  handle handle_;
};

/// std::counting_semaphore.
template <std::ptrdiff_t Most>
class foreign_counting_semaphore {
 public:
  explicit foreign_counting_semaphore(std::ptrdiff_t count, site where = site::current())
      : count_(static_cast<std::uint32_t>(count), where) {}
  [[nodiscard]] static constexpr std::ptrdiff_t max() noexcept { return Most; }

  void acquire(site where = site::current()) { count_.take(where); }
  [[nodiscard]] bool try_acquire(site where = site::current()) { return count_.try_take(where); }
  void release(std::ptrdiff_t n = 1, site where = site::current()) {
    count_.give(static_cast<std::uint32_t>(n), where);
  }
  template <class Rep, class Period>
  [[nodiscard]] bool try_acquire_for(std::chrono::duration<Rep, Period> const& d,
                                     site where = site::current()) {
    auto const ns = std::chrono::ceil<std::chrono::nanoseconds>(d).count();
    return count_.take_until(now(where) + ns, where);
  }
  template <class Clock, class Duration>
  [[nodiscard]] bool try_acquire_until(std::chrono::time_point<Clock, Duration> const& when,
                                       site where = site::current()) {
    auto const ns = std::chrono::ceil<std::chrono::nanoseconds>(when.time_since_epoch()).count();
    return count_.take_until(ns, where);
  }

 private:
  foreign_semaphore count_;
};

}  // namespace weft::check::detail

namespace std {

template <ptrdiff_t Most = 0x7fffffff>
using weft_check_counting_semaphore = weft::check::detail::foreign_counting_semaphore<Most>;
using weft_check_binary_semaphore = weft_check_counting_semaphore<1>;

}  // namespace std

// POSIX semaphores between the threads of a process. sem_init() comes before any other use.
using weft_check_sem_t = weft::check::detail::foreign_semaphore;

inline int weft_check_sem_init(weft_check_sem_t* s, int, unsigned count,
                               std::source_location where = std::source_location::current()) {
  s->set(count, where);
  return 0;
}
inline int weft_check_sem_destroy(weft_check_sem_t*) { return 0; }
inline int weft_check_sem_wait(weft_check_sem_t* s,
                               std::source_location where = std::source_location::current()) {
  s->take(where);
  return 0;
}
inline int weft_check_sem_trywait(weft_check_sem_t* s,
                                  std::source_location where = std::source_location::current()) {
  if (s->try_take(where)) return 0;
  errno = EAGAIN;
  return -1;
}
inline int weft_check_sem_timedwait(weft_check_sem_t* s, timespec const* deadline,
                                    std::source_location where = std::source_location::current()) {
  if (s->take_until(deadline->tv_sec * 1'000'000'000 + deadline->tv_nsec, where)) return 0;
  errno = ETIMEDOUT;
  return -1;
}
inline int weft_check_sem_post(weft_check_sem_t* s,
                               std::source_location where = std::source_location::current()) {
  s->give(1, where);
  return 0;
}
inline int weft_check_sem_getvalue(weft_check_sem_t* s, int* count,
                                   std::source_location where = std::source_location::current()) {
  *count = static_cast<int>(s->count(where));
  return 0;
}
