// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/spin_lock.hpp>
#include <weft/wait/awaiter.hpp>
#include <weft/wait/lock_graph.hpp>

namespace weft::inline WEFT_ON {

class mutex;
class condition;

namespace detail {
class condition_wait;
}

/// Holds a mutex and gives it back at the end of its scope; movable.
class [[nodiscard]] mutex_guard {
 public:
  mutex_guard() noexcept = default;
  explicit mutex_guard(mutex& held) noexcept : of_(&held) {}
  mutex_guard(mutex_guard&& o) noexcept : of_(std::exchange(o.of_, nullptr)) {}
  mutex_guard& operator=(mutex_guard&& o) noexcept {
    release();
    of_ = std::exchange(o.of_, nullptr);
    return *this;
  }
  ~mutex_guard() { release(); }
  /// Unlocks early.
  void release() noexcept;
  /// Leaves the mutex locked and gives up the guard of it: mutex::adopt() makes the next one. Null
  /// if the guard is empty.
  [[nodiscard]] mutex* disown() noexcept { return std::exchange(of_, nullptr); }
  explicit operator bool() const noexcept { return of_ != nullptr; }

 private:
  friend class mutex;
  friend class detail::condition_wait;
  mutex* of_ = nullptr;
};

namespace detail {

/// Waits until the mutex is ours.
class lock_operation : public operation_base<lock_operation>, wait_node {
 public:
  using result_type = mutex_guard;
  lock_operation(mutex& m, std::source_location const& at) noexcept : of_(m), at_(at) {}
  lock_operation(lock_operation&&) noexcept = default;

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  mutex_guard take(case_id);
  [[nodiscard]] wait_info describe() const noexcept;

 private:
  [[nodiscard]] bool closes_cycle(context& c) noexcept;
  borrowed<mutex> of_;
  std::source_location at_;
  wait_edge edge_;
  std::string deadlock_;
};

}  // namespace detail

/// A lock for tasks and threads, which names the deadlock it is part of.
///
/// Unlocking wakes the first waiter, which competes with newcomers: fast, and fair enough. An
/// acquire that would close a circle of waits fails at once with deadlock_error.
///
/// threads   every member, from any thread; a guard may be released elsewhere
/// blocks    acquire() suspends the task or parks the thread; lock() parks the thread
/// cost      one compare-and-swap to lock and one to unlock, when nobody waits
/// lifetime  destroyed unlocked and without waiters, else the program ends; the last one that held
///           it may destroy it at once
class mutex final : public owned {
 public:
  /// `name` shows in reports and must outlive the mutex.
  explicit mutex(char const* name = nullptr) noexcept : name_(name) {}
  ~mutex();
  mutex(mutex const&) = delete;
  mutex& operator=(mutex const&) = delete;

  /// An operation that gives a guard.
  ///
  /// throws    deadlock_error
  [[nodiscard]] auto acquire(std::source_location at = std::source_location::current()) noexcept {
    return detail::lock_operation(*this, at);
  }
  /// The guard if the mutex is free, else an empty one.
  [[nodiscard]] mutex_guard try_acquire(
      std::source_location at = std::source_location::current()) noexcept {
    return try_lock(at) ? mutex_guard(*this) : mutex_guard();
  }

  /// For std::scoped_lock and its like, in threads.
  ///
  /// throws    deadlock_error; misuse_error on a worker, also if the mutex is free
  void lock(std::source_location at = std::source_location::current());
  [[nodiscard]] bool try_lock(std::source_location at = std::source_location::current()) noexcept;
  void unlock() noexcept;

  /// The guard of a mutex that the caller holds without one: locked by lock(), or disowned.
  ///
  /// There is one guard of a locked mutex; adopting it twice is not found out.
  ///
  /// throws    misuse_error if the calling task or thread is not the one that locked it
  [[nodiscard]] mutex_guard adopt(std::source_location at = std::source_location::current());

  [[nodiscard]] char const* name() const noexcept { return name_; }
  [[nodiscard]] holder held_by() const noexcept override;
  [[nodiscard]] std::string described() const override;

 private:
  friend class detail::lock_operation;
  friend class detail::condition_wait;
  friend class condition;
  enum : std::uint32_t { free, held, wanted };  // wanted: held, and somebody may wait

  [[nodiscard]] bool take(std::uint32_t as, std::source_location const& at,
                          std::uint64_t owner) noexcept;
  // False if it is free; else whoever unlocks it will look at the list. The caller holds lock_.
  [[nodiscard]] bool want() noexcept;
  // For a waiter that leaves without the lock, or joins from elsewhere: who is to be woken once the
  // caller has let lock_ go, if anybody.
  [[nodiscard]] waiter* pass_on() noexcept;

  atoms::atomic<std::uint32_t> word_{free};
  atoms::atomic<std::uint64_t> owner_{0};
  atoms::atomic<std::source_location> since_{};
  spin_lock lock_;
  wait_list waiting_;
  char const* name_;
};

inline void mutex_guard::release() noexcept {
  if (auto* m = std::exchange(of_, nullptr)) m->unlock();
}

}  // namespace weft::inline WEFT_ON
