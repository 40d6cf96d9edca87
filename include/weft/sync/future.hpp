// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/spin_lock.hpp>
#include <weft/wait/error_trace.hpp>
#include <weft/wait/result.hpp>

#include <memory>
#include <mutex>

namespace weft::inline WEFT_ON {

template <class T>
class future;
template <class T>
class shared_future;

namespace detail {

/// The part of a result that does not depend on its type: how it ended, and who waits for that.
///
/// Counted; one side makes it ready once, the other waits.
class outcome_base {
 public:
  enum class ending : std::uint8_t { pending, value, error, cancelled };
  outcome_base(outcome_base const&) = delete;
  outcome_base& operator=(outcome_base const&) = delete;

  void ref() noexcept {
    refs_.fetch_add(1, weft::relaxed);                        // rlx count
  }
  void unref() noexcept {
    // Who holds the only reference is alone: no locked instruction is needed to give it up.
    if (last() || refs_.fetch_sub(1, weft::acq_rel) == 1) destroy();  // pub outcome.refs -> last,
                                                                      // sub outcome.refs
  }

  [[nodiscard]] ending how() const noexcept {
    return ending_.load(weft::acquire);                       // sub outcome.ready
  }
  [[nodiscard]] bool ready() const noexcept { return how() != ending::pending; }

  /// For one that holds a reference: true if nobody else does, or ever will.
  [[nodiscard]] bool last() const noexcept {
    return refs_.load(weft::acquire) == 1;                    // sub outcome.refs
  }
  /// Publishes the ending and ends the waits. What belongs to it was stored before.
  void make_ready(ending e) noexcept;

  /// For the operation that waits.
  [[nodiscard]] bool publish(wait_node& n, waiter& w, case_id base) noexcept;
  void withdraw(wait_node& n) noexcept;
  /// True if it is ready; else the wait of `w` is ended, with any case, when it is.
  [[nodiscard]] bool ready_or_hang(wait_node& n, waiter& w) noexcept;

  /// The one consumer has the result from here on.
  ///
  /// throws    misuse_error the second time
  void take();
  [[nodiscard]] bool taken() const noexcept { return taken_; }

  /// Throws what it ended with, unless that is a value; passes the chain of an error on.
  void rethrow() const;
  [[nodiscard]] std::exception_ptr const& error() const noexcept { return error_; }
  void set_error(std::exception_ptr e) noexcept { error_ = std::move(e); }
  /// The chain of awaits of the error, if it is known.
  [[nodiscard]] virtual error_trace const* chain() const noexcept { return nullptr; }
  /// Why it was cancelled: what the weft::cancelled says that ended it, else the scope's reason.
  [[nodiscard]] std::string reason() const {
    return error_ ? reason_of(error_) : scope_reason();
  }

 protected:
  explicit outcome_base(std::uint32_t refs) noexcept : refs_(refs) {}
  virtual ~outcome_base() = default;
  virtual void destroy() noexcept { delete this; }
  [[nodiscard]] virtual std::string scope_reason() const { return {}; }

 private:
  static std::string reason_of(std::exception_ptr const& e);

  atoms::atomic<std::uint32_t> refs_;
  spin_lock lock_;
  atoms::atomic<ending> ending_{ending::pending};
  bool taken_ = false;  // the consumer's
  wait_list waiting_;
  std::exception_ptr error_;  // of a failure, or the weft::cancelled that left a task
};

template <class T>
class outcome : public outcome_base {
 public:
  using outcome_base::outcome_base;
  explicit outcome(std::uint32_t refs) noexcept : outcome_base(refs) {}
  ~outcome() override {
    if (how() == ending::value) std::destroy_at(&stored_.value);
  }
  template <class... Args>
  void set_value(Args&&... args) {
    std::construct_at(&stored_.value, std::forward<Args>(args)...);
  }
  [[nodiscard]] T& value() noexcept { return stored_.value; }

 private:
  union storage {
    storage() noexcept {}
    ~storage() {}
    T value;
  } stored_;
};

template <>
class outcome<void> : public outcome_base {
 public:
  explicit outcome(std::uint32_t refs) noexcept : outcome_base(refs) {}
  void set_value() noexcept {}
};

/// A counted pointer to an outcome.
template <class T>
class outcome_ptr {
 public:
  outcome_ptr() noexcept = default;
  /// Takes over one reference.
  explicit outcome_ptr(outcome<T>* adopted) noexcept : to_(adopted) {}
  outcome_ptr(outcome_ptr const& o) noexcept : to_(o.to_) {
    if (to_) to_->ref();
  }
  outcome_ptr(outcome_ptr&& o) noexcept : to_(std::exchange(o.to_, nullptr)) {}
  outcome_ptr& operator=(outcome_ptr o) noexcept {
    std::swap(to_, o.to_);
    return *this;
  }
  ~outcome_ptr() {
    if (to_) to_->unref();
  }
  [[nodiscard]] outcome<T>* get() const noexcept { return to_; }
  [[nodiscard]] outcome<T>* operator->() const noexcept { return to_; }
  explicit operator bool() const noexcept { return to_ != nullptr; }

 private:
  outcome<T>* to_ = nullptr;
};

void must_hold_state(bool has_one, char const* what);

/// Waits until an outcome is ready. `Shared`: gives T const&, else moves the value out.
template <class T, bool Shared>
class get_operation : public operation_base<get_operation<T, Shared>>, wait_node {
 public:
  using result_type =
      std::conditional_t<Shared && !std::is_void_v<T>, std::add_lvalue_reference_t<T const>, T>;
  explicit get_operation(outcome_ptr<T> of) noexcept : of_(std::move(of)) {}

  [[nodiscard]] case_id try_commit() {
    must_hold_state(bool(of_), "a get() operation");
    return of_->ready() ? 0 : no_case;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept {
    return of_->publish(*this, w, base);
  }
  void withdraw() noexcept {
    if (this->lost()) of_->withdraw(*this);
  }
  result_type take(case_id) {
    if constexpr (!Shared) of_->take();
    of_->rethrow();
    if constexpr (std::is_void_v<T>) {
      return;
    } else if constexpr (Shared) {
      return of_->value();
    } else {
      return std::move(of_->value());
    }
  }
  [[nodiscard]] wait_info describe() const noexcept { return {"get", of_.get(), nullptr}; }

  /// For one that knows that it is ready: how it ended, without throwing.
  [[nodiscard]] result<T> result_now() {
    using ending = outcome_base::ending;
    if (of_->how() == ending::cancelled) return result<T>::stopped_by(of_->reason());
    if (of_->how() == ending::error) return result<T>{of_->error()};
    if constexpr (std::is_void_v<T>) {
      return result<T>{std::monostate{}};
    } else {
      return result<T>{std::move(of_->value())};
    }
  }

 private:
  outcome_ptr<T> of_;
};

}  // namespace detail

/// The value that a promise, or a task of a group, will have: one consumer moves it out.
///
/// threads   one owner at a time; the two sides may be in any threads
template <class T>
class future {
 public:
  using value_type = T;
  future() noexcept = default;
  explicit future(detail::outcome_ptr<T> of) noexcept : of_(std::move(of)) {}
  future(future&&) noexcept = default;
  future& operator=(future&&) noexcept = default;

  /// True until a get() has taken the result, or share() the state. One that lost a select, or
  /// timed out, has taken nothing.
  [[nodiscard]] bool valid() const noexcept { return of_ && !of_->taken(); }
  [[nodiscard]] bool ready() const noexcept { return of_ && of_->ready(); }

  /// An operation that gives the value.
  ///
  /// cost      one load when it is there
  /// throws    the error of the work; weft::cancelled; error(broken_promise); misuse_error if
  ///           this future has no state
  [[nodiscard]] auto get() {
    detail::must_hold_state(valid(), "a future");
    return detail::get_operation<T, false>(of_);
  }
  /// The same value for many: this future is empty afterwards.
  [[nodiscard]] shared_future<T> share() {
    detail::must_hold_state(valid(), "a future");
    return shared_future<T>(std::move(of_));
  }

 private:
  detail::outcome_ptr<T> of_;
};

/// A value that many wait for; each gets T const&, which lives as long as any of the futures.
template <class T>
class [[nodiscard]] shared_future {
 public:
  using value_type = T;
  shared_future() noexcept = default;
  explicit shared_future(detail::outcome_ptr<T> of) noexcept : of_(std::move(of)) {}

  [[nodiscard]] bool valid() const noexcept { return bool(of_); }
  [[nodiscard]] bool ready() const noexcept { return of_ && of_->ready(); }
  [[nodiscard]] auto get() const {
    detail::must_hold_state(valid(), "a shared_future");
    return detail::get_operation<T, true>(of_);
  }

 private:
  detail::outcome_ptr<T> of_;
};

/// The side that sets the value, once. Dropped without one, its future gets
/// error(broken_promise).
///
/// threads   one at a time
template <class T>
class promise {
 public:
  promise() : of_(new detail::outcome<T>(1)) {}
  promise(promise&&) noexcept = default;
  promise& operator=(promise other) noexcept {
    std::swap(of_, other.of_);
    std::swap(taken_, other.taken_);
    return *this;
  }
  ~promise() {
    if (of_ && !of_->ready())
      fail(std::make_exception_ptr(error(
          errc::broken_promise,
          "a promise was dropped without a value: call set_value or set_exception on every path")));
  }

  /// throws    misuse_error the second time
  [[nodiscard]] future<T> get_future() {
    if (std::exchange(taken_, true))
      throw misuse_error("get_future() a second time: use share() on the first for many waiters");
    return future<T>(of_);
  }
  /// throws    misuse_error if it was set before; what T's constructor throws
  template <class... Args>
  void set_value(Args&&... args) {
    must_be_open();
    auto const keep = of_;  // a waiter that wakes may destroy this promise
    keep->set_value(std::forward<Args>(args)...);
    keep->make_ready(detail::outcome_base::ending::value);
  }
  void set_exception(std::exception_ptr e) {
    must_be_open();
    fail(std::move(e));
  }

 private:
  void must_be_open() {
    if (!of_ || of_->ready())
      throw misuse_error("a promise was set twice: it holds one value, once");
  }
  void fail(std::exception_ptr e) noexcept {
    auto const keep = of_;
    keep->set_error(std::move(e));
    keep->make_ready(detail::outcome_base::ending::error);
  }
  detail::outcome_ptr<T> of_;
  bool taken_ = false;
};

}  // namespace weft::inline WEFT_ON
