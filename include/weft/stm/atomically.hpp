// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/stm/transaction.hpp>
#include <weft/task/task.hpp>
#include <weft/wait/select.hpp>

#include <optional>
#include <source_location>

namespace weft::inline WEFT_ON {
namespace detail {

/// While it lives, waiting is refused in the calling thread.
class inside_transaction {
 public:
  inside_transaction() noexcept;
  ~inside_transaction() { forbid_waiting(before_); }
  inside_transaction(inside_transaction const&) = delete;
  inside_transaction& operator=(inside_transaction const&) = delete;

 private:
  char const* before_;
};

[[noreturn]] void swallowed_retry();

template <class R>
inline constexpr bool is_awaitable_result = std::derived_from<R, operation_tag>;
template <class T>
inline constexpr bool is_awaitable_result<task<T>> = true;

/// Runs a body until it commits; sleeps when the body says retry().
template <class F>
class transaction_operation : public operation_base<transaction_operation<F>> {
  enum class attempt { committed, failed, conflict, sleeps };

 public:
  using result_type = std::invoke_result_t<F&, transaction&>;

  explicit transaction_operation(F f) noexcept : body_(std::move(f)) {}
  /// Before the first attempt, or after the last: what came of it moves along, the log does not.
  transaction_operation(transaction_operation&& other) noexcept
      : body_(std::move(other.body_)),
        fresh_(std::exchange(other.fresh_, false)),
        value_(std::move(other.value_)),
        error_(std::move(other.error_)),
        after_(std::move(other.after_)) {}

  [[nodiscard]] case_id try_commit() {
    for (backoff pause;; pause()) {
      switch (run()) {
        case attempt::sleeps:
          return no_case;
        case attempt::failed:
          return 0;
        case attempt::committed:
          if (tx_->commit()) return 0;
          break;
        case attempt::conflict:
          break;
      }
    }
  }

  [[nodiscard]] bool publish(waiter& w, case_id base) {
    for (backoff pause;; pause()) {
      if (asleep_) {
        tx_->hang(w);
        if (tx_->unchanged()) return false;
        tx_->unhang();
      }
      switch (run()) {
        case attempt::sleeps:
          continue;
        case attempt::conflict:
          break;
        case attempt::failed:
        case attempt::committed:
          // Another case may end the wait until it is ours: then this transaction never was.
          if (!w.claim_or_gone()) return true;
          if (error_ || tx_->commit()) {
            w.commit(base);
            return true;
          }
          w.unclaim();
      }
    }
  }

  void withdraw() noexcept {
    if (tx_) tx_->unhang();
  }

  result_type take(case_id) {
    if (error_) std::rethrow_exception(error_);
    for (auto& f : after_) f();
    if constexpr (!std::is_void_v<result_type>) return std::move(*value_);
  }

  [[nodiscard]] wait_info describe() const noexcept {
    return {"retry", tx_ ? tx_->first_read() : nullptr, nullptr};
  }

 private:
  attempt run() {
    if (!fresh_)
      die("an operation was used twice",
          "an operation describes one wait: make a new one for each wait");
    if (!tx_) tx_.emplace(after_);
    tx_->begin_attempt();
    asleep_ = false;
    error_ = nullptr;
    value_.reset();
    after_.clear();
    {
      inside_transaction here;
      try {
        if constexpr (std::is_void_v<result_type>) {
          std::invoke(body_, *tx_);
        } else {
          value_.emplace(std::invoke(body_, *tx_));
        }
      } catch (must_retry const&) {
        asleep_ = true;
      } catch (has_conflict const&) {
      } catch (...) {
        error_ = std::current_exception();
      }
    }
    if (tx_->conflict_) {
      tx_->roll_back();
      return attempt::conflict;
    }
    if (asleep_) {
      tx_->roll_back();
      return attempt::sleeps;
    }
    if (tx_->retries_) {
      try {
        swallowed_retry();
      } catch (...) {
        error_ = std::current_exception();
      }
    }
    if (!error_) return attempt::committed;
    tx_->roll_back();
    return attempt::failed;
  }

  F body_;
  bool fresh_ = true;  // not moved from
  std::optional<transaction> tx_;
  std::optional<void_to_unit<result_type>> value_;
  std::exception_ptr error_;
  std::vector<std::function<void()>> after_;  // what the body told on_commit()
  bool asleep_ = false;
};

}  // namespace detail

/// An operation that runs body(tx) as one step: others see all that it wrote, or nothing, and it
/// sees none of theirs halfway.
///
/// The body is called again after a conflict, so what it does besides reading and writing variables
/// must not matter; tx.on_commit(f) is for that. When it calls tx.retry(), the operation waits
/// until something that it read has changed. An exception of the body undoes its writes and is
/// thrown to the waiter. A body calls others that take a transaction& with its own: they are part
/// of it.
///
/// threads   any
/// blocks    only after tx.retry(); the body must not wait for anything
/// cost      reads and writes as said in transaction; a commit that writes is a hand-over of one
///           word between processors, and bodies that committed meanwhile are looked at again
/// throws    what the body throws; misuse_error if it waits, or swallows a retry
/// source    Dalessandro, Spear & Scott, "NOrec", PPoPP 2010; Harris, Marlow, Peyton Jones &
///           Herlihy, "Composable memory transactions", PPoPP 2005
template <class F>
  requires std::invocable<F&, transaction&>
[[nodiscard]] auto atomically(F body) {
  using value = std::invoke_result_t<F&, transaction&>;
  static_assert(
      !detail::is_awaitable_result<value>,
      "the body of a transaction is a plain function: it must not wait, and may run again");
  static_assert(!std::is_reference_v<value>,
                "a transaction gives a value: what a reference refers to may change at once");
  return detail::transaction_operation<F>(std::move(body));
}

/// The immediate form: commits, or does nothing if the body calls tx.retry().
///
/// returns   true, or the body's value; else false, or nothing
/// throws    what the body throws
template <class F>
  requires std::invocable<F&, transaction&>
auto try_atomically(F body) {
  auto op = atomically(std::move(body));
  using value = typename decltype(op)::result_type;
  auto const how = op.try_commit();
  if constexpr (std::is_void_v<value>) {
    if (how != no_case) op.take(how);
    return how != no_case;
  } else {
    return how != no_case ? std::optional<value>(op.take(how)) : std::nullopt;
  }
}

}  // namespace weft::inline WEFT_ON
