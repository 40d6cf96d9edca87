// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/after.hpp>
#include <weft/wait/scope_link.hpp>

#include <functional>

namespace weft::inline WEFT_ON {
namespace detail {

/// An operation around another one: passes everything on, and lets `Self` change what it must.
template <class Self, class Inner>
class wrapped : public operation_base<Self> {
 public:
  static constexpr case_id cases = Inner::cases;
  static constexpr bool catches = Inner::catches;
  explicit wrapped(Inner&& inner) noexcept : inner_(std::move(inner)) {}

  [[nodiscard]] case_id try_commit() { return inner_.try_commit(); }
  [[nodiscard]] bool publish(waiter& w, case_id base) { return inner_.publish(w, base); }
  void withdraw() noexcept { inner_.withdraw(); }
  [[nodiscard]] bool settle(waiter* w) noexcept { return inner_.settle(w); }
  [[nodiscard]] wait_info describe() const noexcept { return inner_.describe(); }

 protected:
  Inner inner_;
};

template <class Inner, class F>
class then_operation : public wrapped<then_operation<Inner, F>, Inner> {
  static constexpr bool from_void = std::is_void_v<typename Inner::result_type>;
  template <class R>
  struct result_of : std::invoke_result<F, R> {};
  template <class R>
    requires std::is_void_v<R>
  struct result_of<R> : std::invoke_result<F> {};

 public:
  using result_type = typename result_of<typename Inner::result_type>::type;
  then_operation(Inner&& inner, F&& f)
      : wrapped<then_operation, Inner>(std::move(inner)), f_(std::move(f)) {}

  result_type take(case_id i) {
    if constexpr (from_void) {
      this->inner_.take(i);
      return std::invoke(std::move(f_));
    } else {
      return std::invoke(std::move(f_), this->inner_.take(i));
    }
  }

 private:
  F f_;
};

std::string timeout_text(duration limit, wait_info const& of);

template <class Inner>
class timeout_operation : public wrapped<timeout_operation<Inner>, Inner> {
 public:
  using result_type = typename Inner::result_type;
  static constexpr case_id cases = Inner::cases + 1;
  timeout_operation(Inner&& inner, duration limit) noexcept
      : wrapped<timeout_operation, Inner>(std::move(inner)), limit_(limit), delay_(limit) {}

  [[nodiscard]] case_id try_commit() {
    auto const c = this->inner_.try_commit();
    if (c != no_case) return c;
    return limit_.try_commit() == no_case ? no_case : Inner::cases;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) {
    return this->inner_.publish(w, base) || limit_.publish(w, base + Inner::cases);
  }
  void withdraw() noexcept {
    limit_.withdraw();
    this->inner_.withdraw();
  }
  result_type take(case_id i) {
    if (i == Inner::cases)
      throw timeout_error(timeout_text(delay_, this->inner_.describe()));
    return this->inner_.take(i);
  }

 private:
  sleep_operation limit_;
  duration delay_;
};

[[noreturn]] void throw_ended(scope const& by);

template <class Inner>
class with_operation : public wrapped<with_operation<Inner>, Inner> {
 public:
  using result_type = typename Inner::result_type;
  static constexpr case_id cases = Inner::cases + 1;
  with_operation(Inner&& inner, scope s) noexcept
      : wrapped<with_operation, Inner>(std::move(inner)), scope_(std::move(s)) {}
  with_operation(with_operation&& other) noexcept = default;
  ~with_operation() = default;

  [[nodiscard]] bool publish(waiter& w, case_id base) {
    auto& c = static_cast<context&>(w);
    if (!link_.of) {
      link_.of = &c;
      link_.index = base + Inner::cases;
      scope_.state()->enter(link_);
    }
    if (!c.shielded() && scope_.state()->cancelled_after_begin()) {
      if (c.claim_or_gone()) c.commit(link_.index);
      return true;
    }
    return this->inner_.publish(w, base);
  }
  void withdraw() noexcept {
    if (link_.of) scope_.state()->leave(link_);
    this->inner_.withdraw();
  }
  result_type take(case_id i) {
    if (i == Inner::cases) throw_ended(scope_);
    return this->inner_.take(i);
  }

 private:
  scope scope_;
  scope_link link_;
};

}  // namespace detail

/// `op | then(f)`: f gets the result, in the waiter, after the commit and under no lock.
///
/// throws    what f throws, as the operation's own error
template <class F>
struct then {
  explicit then(F f) : f_(std::move(f)) {}
  template <composable X>
  friend auto operator|(X&& x, then self) {
    using Op = decltype(as_operation(std::forward<X>(x)));
    return detail::then_operation<Op, F>(as_operation(std::forward<X>(x)), std::move(self.f_));
  }

 private:
  F f_;
};

/// `op | timeout(d)`: gives up after `d`, with no effect.
///
/// throws    timeout_error, from the expression itself
struct timeout {
  explicit timeout(duration d) noexcept : limit_(d) {}
  template <composable X>
  friend auto operator|(X&& x, timeout self) {
    using Op = decltype(as_operation(std::forward<X>(x)));
    return detail::timeout_operation<Op>(as_operation(std::forward<X>(x)), self.limit_);
  }

 private:
  duration limit_;
};

/// `op | with(s)`: also ends when scope `s` is cancelled.
///
/// throws    cancelled with the scope's reason, from the expression itself; timeout_error if its
///           deadline has passed
struct with {
  explicit with(scope s) noexcept : scope_(std::move(s)) {}
  template <composable X>
  friend auto operator|(X&& x, with self) {
    using Op = decltype(as_operation(std::forward<X>(x)));
    return detail::with_operation<Op>(as_operation(std::forward<X>(x)), std::move(self.scope_));
  }

 private:
  scope scope_;
};

}  // namespace weft::inline WEFT_ON
