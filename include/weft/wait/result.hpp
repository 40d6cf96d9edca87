// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/compose.hpp>

#include <exception>
#include <variant>

namespace weft::inline WEFT_ON {

/// How something ended: with a value, an error, or cancelled. Nothing is thrown to find out.
///
/// threads   none
template <class T>
class [[nodiscard]] result {
  struct stopped {
    std::string reason;
  };

 public:
  using value_type = T;
  using stored = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

  explicit result(stored v) : state_(std::in_place_index<0>, std::move(v)) {}
  explicit result(std::exception_ptr e) noexcept : state_(std::in_place_index<1>, std::move(e)) {}
  [[nodiscard]] static result stopped_by(std::string reason) {
    result r{std::exception_ptr{}};
    r.state_.template emplace<2>(stopped{std::move(reason)});
    return r;
  }

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  [[nodiscard]] bool failed() const noexcept { return state_.index() == 1; }
  [[nodiscard]] bool cancelled() const noexcept { return state_.index() == 2; }

  /// The value.
  ///
  /// throws    the error; weft::cancelled
  T value() && {
    if (failed()) std::rethrow_exception(std::get<1>(state_));
    if (cancelled()) throw weft::cancelled(reason());
    if constexpr (!std::is_void_v<T>) return std::get<0>(std::move(state_));
  }
  [[nodiscard]] stored& operator*() & noexcept { return *std::get_if<0>(&state_); }
  [[nodiscard]] stored* operator->() noexcept { return std::get_if<0>(&state_); }
  /// The error, if it failed; else null.
  [[nodiscard]] std::exception_ptr error() const noexcept {
    return failed() ? std::get<1>(state_) : nullptr;
  }
  /// Why it was cancelled; empty if it was not.
  [[nodiscard]] std::string reason() const {
    return cancelled() ? std::get<2>(state_).reason : std::string{};
  }

 private:
  std::variant<stored, std::exception_ptr, stopped> state_;
};

namespace detail {

template <class Inner>
class result_operation : public wrapped<result_operation<Inner>, Inner> {
  using value = typename Inner::result_type;

 public:
  using result_type = result<value>;
  static constexpr bool catches = true;
  explicit result_operation(Inner&& inner) noexcept
      : wrapped<result_operation, Inner>(std::move(inner)) {}

  result_type take(case_id i) noexcept(false) {
    if (i == cancelled_case) {
      auto const* s = current_context().scope_of();
      return result_type::stopped_by(s && s->cancelled() ? s->reason() : std::string{});
    }
    try {
      if constexpr (std::is_void_v<value>) {
        this->inner_.take(i);
        return result_type{std::monostate{}};
      } else {
        return result_type{this->inner_.take(i)};
      }
    } catch (weft::cancelled const& e) {
      return result_type::stopped_by(e.reason());
    } catch (...) {
      return result_type{std::current_exception()};
    }
  }
};

}  // namespace detail

/// The same wait, ending with a result<T> instead of by exception or cancellation.
template <class Op>
  requires operation<Op>
[[nodiscard]] auto as_result(Op&& op) {
  return detail::result_operation<Op>(std::forward<Op>(op));
}

}  // namespace weft::inline WEFT_ON
