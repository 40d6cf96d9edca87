// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace weft::check {

/// std::mutex as the checker sees it: who waits for it can do no step until it is free.
///
/// threads   as std::mutex
/// throws    nothing; unlocking one that the thread does not hold fails the scenario, and so does
///           a set of threads that wait for each other
class mutex {
  using site = std::source_location;

 public:
  constexpr mutex() noexcept {
    if (!std::is_constant_evaluated()) detail::make(handle_, site::current());
  }
  mutex(mutex const&) = delete;
  mutex& operator=(mutex const&) = delete;
  constexpr ~mutex() {
    if (!std::is_constant_evaluated()) detail::unmake(handle_, site::current());
  }

  void lock(site where = site::current()) noexcept { detail::lock(handle_, where); }
  [[nodiscard]] bool try_lock(site where = site::current()) noexcept {
    return detail::try_lock(handle_, where);
  }
  void unlock(site where = site::current()) noexcept { detail::unlock(handle_, where); }

  [[nodiscard]] detail::handle const& known_as() const noexcept { return handle_; }

 private:
  detail::handle handle_{{}, 8, detail::shape::number};
};

/// std::condition_variable as the checker sees it: wakes without a reason, within
/// options::spurious.
///
/// threads   as std::condition_variable
class condition_variable {
  using site = std::source_location;
  using lock_type = std::unique_lock<mutex>;

 public:
  condition_variable() { detail::make(handle_, site::current()); }
  condition_variable(condition_variable const&) = delete;
  condition_variable& operator=(condition_variable const&) = delete;
  ~condition_variable() { detail::unmake(handle_, site::current()); }

  void notify_one(site where = site::current()) noexcept {
    detail::notify_condition(handle_, false, where);
  }
  void notify_all(site where = site::current()) noexcept {
    detail::notify_condition(handle_, true, where);
  }
  void wait(lock_type& lock, site where = site::current()) {
    (void)detail::wait_condition(handle_, lock.mutex()->known_as(), false, 0, where);
  }
  template <class Predicate>
  void wait(lock_type& lock, Predicate done, site where = site::current()) {
    while (!done()) wait(lock, where);
  }
  template <class Clock, class Duration>
  std::cv_status wait_until(lock_type& lock, std::chrono::time_point<Clock, Duration> const& when,
                            site where = site::current()) {
    auto const deadline =
        std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count();
    return detail::wait_condition(handle_, lock.mutex()->known_as(), true, deadline, where)
               ? std::cv_status::no_timeout
               : std::cv_status::timeout;
  }
  template <class Clock, class Duration, class Predicate>
  bool wait_until(lock_type& lock, std::chrono::time_point<Clock, Duration> const& when,
                  Predicate done, site where = site::current()) {
    while (!done()) {
      if (wait_until(lock, when, where) == std::cv_status::timeout) return done();
    }
    return true;
  }
  template <class Rep, class Period>
  std::cv_status wait_for(lock_type& lock, std::chrono::duration<Rep, Period> const& d,
                          site where = site::current()) {
    return wait_until(lock, in(d, where), where);
  }
  template <class Rep, class Period, class Predicate>
  bool wait_for(lock_type& lock, std::chrono::duration<Rep, Period> const& d, Predicate done,
                site where = site::current()) {
    return wait_until(lock, in(d, where), std::move(done), where);
  }

 private:
  template <class D>
  static std::chrono::steady_clock::time_point in(D const& d, site where) {
    return std::chrono::steady_clock::time_point{std::chrono::nanoseconds{detail::now(where)} +
                                                 std::chrono::ceil<std::chrono::nanoseconds>(d)};
  }

  detail::handle handle_{{}, 8, detail::shape::number};
};

}  // namespace weft::check
