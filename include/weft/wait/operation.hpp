// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>
#include <weft/wait/context.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace weft::inline WEFT_ON {

/// Marks the types that describe one wait.
struct operation_tag {};

/// An operation: a move-only value that describes one wait and commits at most once.
///
/// Awaiting, waiting for or composing it consumes it. An operation that lost a select had no
/// effect. The members below are for the drivers; users write `co_await`, `.wait()`, `|`,
/// `select`.
///
///   try_commit()       commits a case at once, before anybody can see the wait; no_case if none
///                      can be
///   publish(w, base)   hangs the cases on their lists, numbered from `base`, or commits one.
///                      True: the wait of `w` has ended, by us or by somebody else
///   withdraw()         unhangs what still hangs
///   settle(w)          true when the losing cases have no effect left; else, if w is not null,
///                      ends its wait when to ask again
///   take(i)            the result of case i, in the waiter, after the commit
///   describe()         what is waited for, for people
template <class Op>
concept operation = std::derived_from<Op, operation_tag> &&
                    requires(Op& op, Op const& c, waiter& w, case_id i) {
                      typename Op::result_type;
                      { Op::cases } -> std::convertible_to<case_id>;
                      { Op::catches } -> std::convertible_to<bool>;
                      { op.try_commit() } -> std::same_as<case_id>;
                      { op.publish(w, i) } -> std::same_as<bool>;
                      op.withdraw();
                      { op.settle(&w) } -> std::same_as<bool>;
                      { op.take(i) } -> std::same_as<typename Op::result_type>;
                      { c.describe() } -> std::same_as<wait_info>;
                    };

/// What composition accepts besides operations is turned into one by overloads of this.
template <class Op>
  requires operation<Op>
[[nodiscard]] Op as_operation(Op&& op) noexcept {
  return std::forward<Op>(op);
}

template <class X>
concept composable = !std::is_lvalue_reference_v<X> &&
                     requires(X&& x) { { as_operation(std::forward<X>(x)) } -> operation; };

namespace detail {

template <class Op>
class foreign_awaiter;
template <class Op, class Receiver>
class operation_state;

/// Filled in by the header that knows a vocabulary of senders; nothing foreign is named here.
template <class = void>
struct execution_vocabulary;

template <class Op>
class thread_cases final : public wait_cases {
 public:
  explicit thread_cases(Op& op) noexcept : op_(op) {}
  bool publish(waiter& w) override { return op_.publish(w, 0); }
  void withdraw() noexcept override { op_.withdraw(); }
  bool settle(waiter* w) noexcept override { return op_.settle(w); }
  wait_info describe() const noexcept override { return op_.describe(); }
  bool alone() const noexcept override { return Op::cases == 1; }
  std::coroutine_handle<> ended(context&) noexcept override { return {}; }

 private:
  Op& op_;
};

[[noreturn]] void throw_cancelled(context const& c);

}  // namespace detail

/// The members every operation has for its users.
template <class Op>
class operation_base : public operation_tag {
 public:
  static constexpr case_id cases = 1;
  static constexpr bool catches = false;
  [[nodiscard]] bool settle(waiter*) noexcept { return true; }

  /// Waits in the calling thread.
  ///
  /// blocks    the thread, until the operation commits
  /// throws    cancelled; misuse_error on a worker, also when it would not have waited
  decltype(auto) wait(std::source_location where = std::source_location::current()) && {
    must_not_be_worker(where);
    Op op(static_cast<Op&&>(*this));
    auto winner = op.try_commit();
    if (winner == no_case) {
      detail::thread_cases<Op> cases_of(op);
      winner = wait_in_thread(cases_of);
      if (winner == cancelled_case && !Op::catches) detail::throw_cancelled(thread_context());
    }
    return op.take(winner);
  }

  /// For coroutines whose promise is not weft's. If the promise has unhandled_stopped(),
  /// cancellation resumes what that returns; else the await throws weft::cancelled.
  auto operator co_await() && noexcept {
    return detail::foreign_awaiter<Op>(static_cast<Op&&>(*this));
  }

  /// As a C++26 sender: the state is the waiter itself. Connecting allocates the scope that a stop
  /// request cancels; starting allocates nothing.
  template <class Receiver>
  auto connect(Receiver r) && {
    return detail::operation_state<Op, Receiver>(static_cast<Op&&>(*this), std::move(r));
  }
  template <class Self, class... Env>
  static consteval auto get_completion_signatures() {
    using vocabulary = detail::execution_vocabulary<std::enable_if_t<sizeof(Self) != 0>>;
    return typename vocabulary::template signatures<typename Op::result_type>{};
  }
};

/// A pointer to what an operation borrows; moving the operation leaves null behind, so that one
/// used twice is found.
template <class T>
class borrowed {
 public:
  explicit borrowed(T& x) noexcept : to_(&x) {}
  borrowed(borrowed&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  borrowed& operator=(borrowed&& other) noexcept {
    to_ = std::exchange(other.to_, nullptr);
    return *this;
  }
  [[nodiscard]] T& operator*() const noexcept {
    if (!to_)
      detail::die("an operation was used twice",
                  "an operation describes one wait: make a new one for each wait");
    return *to_;
  }
  [[nodiscard]] T* operator->() const noexcept { return &**this; }
  [[nodiscard]] T* peek() const noexcept { return to_; }

 private:
  T* to_;
};

}  // namespace weft::inline WEFT_ON
