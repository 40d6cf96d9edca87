// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/spin_lock.hpp>
#include <weft/wait/awaiter.hpp>

namespace weft::inline WEFT_ON {

class gate;

namespace detail {

/// Waits until the gate is open.
class gate_operation : public operation_base<gate_operation>, wait_node {
 public:
  using result_type = void;
  explicit gate_operation(gate& g) noexcept : of_(g) {}

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  void take(case_id) noexcept {}
  [[nodiscard]] wait_info describe() const noexcept;

 private:
  borrowed<gate> of_;
};

}  // namespace detail

/// A gate that starts shut and opens once, for any number of waiters.
///
/// Whatever a thread wrote before open() is visible to whoever got past wait().
///
/// threads   every member, from any thread, at the same time
/// blocks    opened() suspends the task or parks the thread
/// cost      one load when open; open() makes a system call only if a thread waits
/// lifetime  a waiter that parked may destroy it on waking; one that passed without parking only
///           after open() has returned
class gate {
 public:
  gate() noexcept = default;
  ~gate();
  gate(gate const&) = delete;
  gate& operator=(gate const&) = delete;

  /// Opens the gate. A second call does nothing.
  void open() noexcept;
  [[nodiscard]] bool is_open() const noexcept {
    return open_.load(weft::acquire);                        // sub gate.open
  }
  /// An operation that commits once the gate is open.
  [[nodiscard]] auto opened() noexcept { return detail::gate_operation(*this); }

 private:
  friend class detail::gate_operation;
  atoms::atomic<bool> open_{false};
  spin_lock lock_;
  wait_list waiting_;
};

}  // namespace weft::inline WEFT_ON
