// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/sync/mutex.hpp>

#include <concepts>
#include <exception>
#include <functional>

namespace weft::inline WEFT_ON {

class condition;

namespace detail {

/// A wait for a condition, whatever the type of its predicate.
class condition_wait : wait_node {
 public:
  using predicate = bool (*)(void* of);
  condition_wait(condition& c, mutex_guard& lock, std::source_location const& at) noexcept
      : of_(c), lock_(&lock), at_(at) {}
  condition_wait(condition_wait&&) noexcept = default;

  /// throws    misuse_error if the guard holds no mutex
  void must_hold() const;
  [[nodiscard]] bool publish(waiter& w, case_id base, predicate holds, void* of) noexcept;
  void withdraw() noexcept;
  [[nodiscard]] bool settle() noexcept { return !out_ || retake(); }
  void take();
  [[nodiscard]] wait_info describe() const noexcept;

 private:
  friend condition;
  enum class stands : std::uint8_t { apart, waiting, notified };

  [[nodiscard]] bool hang() noexcept;
  void refuse(char const* others) noexcept;
  [[nodiscard]] bool notified() noexcept;
  [[nodiscard]] bool retake() noexcept;
  [[nodiscard]] bool says(predicate holds, void* of) noexcept;

  borrowed<condition> of_;
  mutex_guard* lock_;
  mutex* mutex_ = nullptr;
  std::source_location at_;
  std::exception_ptr wrong_;
  std::uint64_t ticket_ = 0;      // when it was hung up, counted by the condition
  std::uint64_t heard_ = 0;       // the ticket that notify_one() came before; 0: notify_all()
  stands where_ = stands::apart;  // under the condition's lock
  bool out_ = false;              // it has let the mutex go, and does not have it again
};

/// While it lives, the calling thread may not wait: it runs a predicate, inside a wait.
class no_waits {
 public:
  no_waits() noexcept;
  ~no_waits() { forbid_waiting(before_); }
  no_waits(no_waits const&) = delete;
  no_waits& operator=(no_waits const&) = delete;

 private:
  char const* before_;
};

/// What wait(lock) has for a predicate: nothing, the first notification ends it.
struct any_notification {};

/// Waits for a condition, with the mutex given up meanwhile.
template <class Pred>
class condition_operation : public operation_base<condition_operation<Pred>> {
  static constexpr bool has_predicate = !std::is_same_v<Pred, any_notification>;

 public:
  using result_type = void;
  condition_operation(condition& c, mutex_guard& lock, Pred&& holds, std::source_location const& at)
      : wait_(c, lock, at), holds_(std::move(holds)) {
    wait_.must_hold();
  }

  [[nodiscard]] case_id try_commit() {
    wait_.must_hold();
    if constexpr (has_predicate) {
      if (ask(&holds_)) return 0;
    }
    return no_case;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept {
    return wait_.publish(w, base, has_predicate ? &ask : nullptr, &holds_);
  }
  void withdraw() noexcept { wait_.withdraw(); }
  [[nodiscard]] bool settle(waiter*) noexcept { return wait_.settle(); }
  void take(case_id) { wait_.take(); }
  [[nodiscard]] wait_info describe() const noexcept { return wait_.describe(); }

 private:
  static bool ask(void* of) {
    if constexpr (has_predicate) {
      no_waits const forbidden;
      return std::invoke(*static_cast<Pred*>(of));
    } else {
      return true;
    }
  }

  condition_wait wait_;
  [[no_unique_address]] Pred holds_;
};

}  // namespace detail

/// Where tasks and threads that hold a mutex wait until another one says that something changed.
///
/// A wait gives the mutex up, and holds it again whatever happened: a notification, a timeout, a
/// cancellation, another case of a select. Taking it back is shielded from cancellation. Only a
/// notification ends a wait without a predicate; one with a predicate goes on until that is true.
///
/// Notified ones move to the mutex's own queue, in the order they came: none runs before it has a
/// chance to get the mutex. A notification is for those who wait already; one that ends otherwise
/// passes it on to the next of them.
///
/// threads   every member, from any thread; notify_* with the mutex held or not
/// blocks    wait() suspends the task or parks the thread
/// cost      notify_*: a short lock; a system call only if a thread waits and the mutex is free
/// lifetime  destroyed without waiters, else the program ends; the last one that was notified may
///           destroy it
class condition {
 public:
  /// `name` shows in reports and must outlive the condition.
  explicit condition(char const* name = nullptr) noexcept : name_(name) {}
  ~condition();
  condition(condition const&) = delete;
  condition& operator=(condition const&) = delete;

  /// An operation that waits for a notification; the guard is empty until it has ended.
  ///
  /// Those who wait at the same time bring the same mutex. The guard is used by one wait at a time:
  /// it may not stand in two cases of a select.
  ///
  /// throws    misuse_error, with the mutex as it was: the guard holds none, or the others' is
  ///           another
  /// lifetime  the guard stays where it is until the wait has ended
  [[nodiscard]] auto wait(mutex_guard& lock,
                          std::source_location at = std::source_location::current()) {
    return detail::condition_operation<detail::any_notification>(*this, lock, {}, at);
  }

  /// An operation that waits until `holds` is true; that is asked with the mutex held, at once and
  /// after each notification.
  ///
  /// throws    misuse_error as above, or if `holds` waits; what `holds` throws
  template <std::predicate Pred>
  [[nodiscard]] auto wait(mutex_guard& lock, Pred holds,
                          std::source_location at = std::source_location::current()) {
    return detail::condition_operation<Pred>(*this, lock, std::move(holds), at);
  }

  /// Lets the one go on that has waited longest.
  void notify_one() noexcept;
  /// Lets all go on that wait now, one after the other.
  void notify_all() noexcept;

  [[nodiscard]] char const* name() const noexcept { return name_; }

 private:
  friend class detail::condition_wait;
  // Notifies the first one if it came before `ticket`. The caller holds lock_; whom it returns is
  // to be woken after that.
  [[nodiscard]] waiter* notify_before(std::uint64_t ticket) noexcept;

  spin_lock lock_;
  wait_list waiting_;
  mutex* with_ = nullptr;  // the mutex of those who wait
  std::uint64_t next_ticket_ = 1;
  char const* name_;
};

}  // namespace weft::inline WEFT_ON
