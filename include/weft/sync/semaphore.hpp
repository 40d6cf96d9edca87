// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/spin_lock.hpp>
#include <weft/wait/awaiter.hpp>

namespace weft::inline WEFT_ON {

class semaphore;

namespace detail {

/// Waits until `n` permits are free, and takes them.
class permit_operation : public operation_base<permit_operation>, wait_node {
 public:
  using result_type = void;
  permit_operation(semaphore& s, std::size_t n) noexcept : of_(s), n_(n) {}

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  void take(case_id) noexcept {}
  [[nodiscard]] wait_info describe() const noexcept;

 private:
  friend semaphore;
  borrowed<semaphore> of_;
  std::size_t n_;
};

}  // namespace detail

/// A number of permits, handed out first come first served; big requests are not overtaken.
///
/// threads   every member, from any thread
/// blocks    acquire() suspends the task or parks the thread
/// cost      a short lock; release() makes a system call only if a thread waits
/// lifetime  destroyed without waiters, else the program ends
class semaphore {
 public:
  explicit semaphore(std::size_t permits) noexcept : free_(permits) {}
  ~semaphore();
  semaphore(semaphore const&) = delete;
  semaphore& operator=(semaphore const&) = delete;

  /// An operation that takes `n` permits at once.
  [[nodiscard]] auto acquire(std::size_t n = 1) noexcept {
    return detail::permit_operation(*this, n);
  }
  [[nodiscard]] bool try_acquire(std::size_t n = 1) noexcept;
  /// Gives `n` permits back, or adds them.
  void release(std::size_t n = 1) noexcept;
  [[nodiscard]] std::size_t available() const noexcept;

 private:
  friend class detail::permit_operation;
  // Serves the first waiters that can be served; the caller holds the lock and commits them.
  void serve(wait_list& claimed) noexcept;

  mutable spin_lock lock_;
  std::size_t free_;
  wait_list waiting_;
};

}  // namespace weft::inline WEFT_ON
