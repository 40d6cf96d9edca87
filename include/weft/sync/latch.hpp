// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/spin_lock.hpp>
#include <weft/wait/awaiter.hpp>

namespace weft::inline WEFT_ON {

class latch;

namespace detail {

/// Waits until a latch has been counted down to zero.
class latch_operation : public operation_base<latch_operation>, wait_node {
 public:
  using result_type = void;
  latch_operation(latch& l, bool passed) noexcept : of_(l), passed_(passed) {}

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  void take(case_id) noexcept {}
  [[nodiscard]] wait_info describe() const noexcept;

 private:
  borrowed<latch> of_;
  bool passed_;  // the latch may be gone by now
};

}  // namespace detail

/// A count that goes down once, to zero, for any number of waiters.
///
/// Whatever a thread did before it counted down is visible to whoever got past wait().
///
/// threads   every member, from any thread, at the same time
/// blocks    wait() suspends the task or parks the thread
/// cost      count_down: one compare-and-swap, and a short lock for the last one; wait: one load
///           when it is open
/// lifetime  destroyed without waiters, else the program ends; whoever got past wait() may destroy
///           it, if nobody else will come
class latch {
 public:
  /// Open from the beginning if `count` is zero.
  explicit latch(std::size_t count) noexcept : left_(count) {}
  ~latch();
  latch(latch const&) = delete;
  latch& operator=(latch const&) = delete;

  /// Counts down by `n`; lets all pass at zero.
  ///
  /// throws    misuse_error, with nothing counted, if less than `n` is left
  void count_down(std::size_t n = 1, std::source_location at = std::source_location::current()) {
    (void)arrive(n, at);
  }
  /// True once the count is zero.
  [[nodiscard]] bool try_wait() const noexcept {
    return left_.load(weft::acquire) == 0;                   // sub latch.count
  }
  /// An operation that commits once the count is zero.
  [[nodiscard]] auto wait() noexcept { return detail::latch_operation(*this, false); }

  /// Counts down by `n` now; the operation it returns waits for the others.
  ///
  /// throws    misuse_error as count_down
  [[nodiscard]] auto arrive_and_wait(std::size_t n = 1,
                                     std::source_location at = std::source_location::current()) {
    bool const last = arrive(n, at);
    return detail::latch_operation(*this, last);
  }

 private:
  friend class detail::latch_operation;
  [[nodiscard]] bool arrive(std::size_t n, std::source_location const& at);
  [[nodiscard]] bool open(std::size_t& left) noexcept;

  atoms::atomic<std::size_t> left_;
  spin_lock lock_;
  wait_list waiting_;
};

}  // namespace weft::inline WEFT_ON
