// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/spin_lock.hpp>
#include <weft/wait/awaiter.hpp>

#include <exception>
#include <functional>

namespace weft::inline WEFT_ON {

class barrier;

namespace detail {
class barrier_operation;
}

/// One that took part in a barrier was cancelled while it waited, or the barrier was reset.
class broken_barrier : public error {
 public:
  explicit broken_barrier(std::string reason)
      : error(errc::broken_barrier,
              "the barrier is broken: " + reason +
                  "\n  call reset() once nobody waits for the old phase, and begin the phase anew"),
        reason_(std::move(reason)) {}
  [[nodiscard]] std::string const& reason() const noexcept { return reason_; }

 private:
  std::string reason_;
};

/// Says that somebody has arrived at a barrier, and in which phase.
class barrier_token {
 public:
  /// The phase, counted from 0.
  [[nodiscard]] std::uint64_t phase() const noexcept { return phase_; }

 private:
  friend class barrier;
  friend class detail::barrier_operation;
  barrier_token() noexcept = default;
  barrier const* of_ = nullptr;
  std::uint64_t phase_ = 0;
  std::uint32_t round_ = 0;  // how often it had been reset
  bool last_ = false;        // it ended the phase, and the barrier may be gone
};

namespace detail {

/// Waits until the phase of a token has ended.
class barrier_operation : public operation_base<barrier_operation>, wait_node {
 public:
  using result_type = void;
  barrier_operation(barrier& b, barrier_token const& t) noexcept : of_(b), token_(t) {}

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  void take(case_id);
  [[nodiscard]] wait_info describe() const noexcept;

 private:
  friend barrier;
  [[nodiscard]] bool ended() noexcept;
  [[nodiscard]] context const* cancelled() const noexcept;
  void fail(std::exception_ptr const& why) noexcept {
    failed_ = true;
    wrong_ = why;
  }
  borrowed<barrier> of_;
  barrier_token token_;
  bool failed_ = false;
  std::exception_ptr wrong_;  // null if it failed: the barrier was reset
};

}  // namespace detail

/// Where a fixed number of parties wait for each other, phase after phase.
///
/// arrive() counts at once and gives a token; wait(token) is an operation that ends with the phase.
/// The last one to arrive runs the completion before anybody is let out. What anybody did before it
/// arrived is visible to the completion, and what that did to whoever is let out.
///
/// A wait that is cancelled breaks the barrier, because one party will not come again: the waits of
/// the others, and every arrival, throw broken_barrier until reset(). A wait that ends by `timeout`
/// or `with`, or loses a select, leaves it as it is; its token can be waited for again. A party
/// that leaves without waiting says so by arrive_and_drop().
///
/// threads   every member, from any thread
/// blocks    wait() suspends the task or parks the thread; arrive() runs the completion
/// cost      a short lock; the last one to arrive makes a system call for each thread that waits
/// lifetime  destroyed without waiters, else the program ends; whoever is let out may destroy it,
///           if nobody else will come
class barrier {
 public:
  /// throws    misuse_error if `parties` is zero
  explicit barrier(std::size_t parties, std::function<void()> completion = {},
                   std::source_location at = std::source_location::current());
  ~barrier();
  barrier(barrier const&) = delete;
  barrier& operator=(barrier const&) = delete;

  /// Counts the caller as arrived. The last one of a phase runs the completion; what that throws is
  /// thrown by the waits of this phase, and the barrier is broken.
  ///
  /// throws    broken_barrier, or what broke it; misuse_error if all have arrived already
  [[nodiscard]] barrier_token arrive(std::source_location at = std::source_location::current());

  /// An operation that commits once the phase of the token has ended.
  ///
  /// throws    misuse_error if the token is of another barrier; the operation: broken_barrier
  [[nodiscard]] auto wait(barrier_token const& t,
                          std::source_location at = std::source_location::current()) {
    must_be_ours(t, at);
    return detail::barrier_operation(*this, t);
  }

  /// Arrives now; the operation it returns waits for the others.
  ///
  /// throws    as arrive(); the operation: broken_barrier
  [[nodiscard]] auto arrive_and_wait(std::source_location at = std::source_location::current()) {
    auto const t = arrive(at);
    return detail::barrier_operation(*this, t);
  }

  /// Arrives for the last time: the next phases have one party less. Does so in a broken one too.
  ///
  /// throws    misuse_error as arrive()
  void arrive_and_drop(std::source_location at = std::source_location::current());

  /// Begins a new phase with nobody arrived, and makes a broken barrier whole. Waits for an earlier
  /// token, those that run and those to come, throw broken_barrier.
  void reset() noexcept;

  [[nodiscard]] bool is_broken() const noexcept;
  /// How many arrivals make a phase from the next one on.
  [[nodiscard]] std::size_t parties() const noexcept;

 private:
  friend class detail::barrier_operation;
  enum class phase { open, over, broken, before_reset };

  void must_be_ours(barrier_token const& t, std::source_location const& at) const;
  [[noreturn]] static void refuse(std::size_t parties, std::source_location const& at);
  [[nodiscard]] bool finish(barrier_token const& t) noexcept;
  // The caller holds lock_.
  [[nodiscard]] bool count(wait_list& claimed) noexcept;
  void next_phase(wait_list& claimed) noexcept;
  [[nodiscard]] phase state_of(barrier_token const& t) const noexcept;
  void break_it(std::exception_ptr const& why, wait_list& claimed) noexcept;
  void fail_waiters(wait_list& claimed) noexcept;

  mutable spin_lock lock_;
  std::size_t parties_;
  std::size_t left_;
  std::uint64_t phase_ = 0;
  std::uint32_t round_ = 0;
  std::exception_ptr why_;  // it is broken
  wait_list waiting_;
  std::function<void()> completion_;
};

}  // namespace weft::inline WEFT_ON
