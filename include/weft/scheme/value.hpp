// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>
#include <weft/scheme/root.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace weft::inline WEFT_ON::scheme {

/// A Scheme object, held from C++. Copies are the same object.
///
/// threads   any; a conversion enters Guile for its time
class value {
 public:
  /// The unspecified value.
  value() noexcept = default;
  explicit value(detail::root r) : root_(std::make_shared<detail::root>(std::move(r))) {}

  /// Scheme's form of a C++ value.
  [[nodiscard]] static value from(bool x);
  [[nodiscard]] static value from(std::int64_t x);
  [[nodiscard]] static value from(double x);
  [[nodiscard]] static value from(std::string const& x);

  /// The C++ form: bool, an integer, double or std::string.
  ///
  /// throws    misuse_error if it is no such thing, or out of range
  template <class T>
  [[nodiscard]] T to() const {
    if constexpr (std::same_as<T, value>) {
      return *this;
    } else if constexpr (std::same_as<T, bool>) {
      return to_bool();
    } else if constexpr (std::integral<T>) {
      auto const wide = to_integer();
      if (!std::in_range<T>(wide))
        throw misuse_error(written() + " does not fit in " + std::to_string(8 * sizeof(T)) +
                           " bits: ask for a wider type");
      return static_cast<T>(wide);
    } else if constexpr (std::floating_point<T>) {
      return static_cast<T>(to_double());
    } else {
      static_assert(std::same_as<T, std::string>, "bool, an integer, double, std::string or value");
      return to_string();
    }
  }
  /// As `write` shows it.
  [[nodiscard]] std::string written() const;

  [[nodiscard]] detail::root const* kept() const noexcept { return root_.get(); }

 private:
  [[nodiscard]] bool to_bool() const;
  [[nodiscard]] std::int64_t to_integer() const;
  [[nodiscard]] double to_double() const;
  [[nodiscard]] std::string to_string() const;
  std::shared_ptr<detail::root> root_;
};

namespace detail {

/// A C++ function as Scheme calls it.
using host_call = std::function<value(std::vector<value> const&)>;

template <class F>
struct call_shape : call_shape<decltype(&F::operator())> {};
template <class R, class... A>
struct call_shape<R (*)(A...)> {
  using result = R;
  using arguments = std::tuple<std::remove_cvref_t<A>...>;
};
template <class R, class C, class... A>
struct call_shape<R (C::*)(A...)> : call_shape<R (*)(A...)> {};
template <class R, class C, class... A>
struct call_shape<R (C::*)(A...) const> : call_shape<R (*)(A...)> {};

template <class F>
inline constexpr unsigned arity = std::tuple_size_v<typename call_shape<F>::arguments>;

template <class T>
value to_value(T const& x) {
  if constexpr (std::same_as<T, value>) {
    return x;
  } else if constexpr (std::same_as<T, bool>) {
    return value::from(x);
  } else if constexpr (std::integral<T>) {
    return value::from(static_cast<std::int64_t>(x));
  } else if constexpr (std::floating_point<T>) {
    return value::from(static_cast<double>(x));
  } else {
    return value::from(std::string(x));
  }
}

template <class F>
host_call adapt(F f) {
  using shape = call_shape<F>;
  return [f = std::move(f)](std::vector<value> const& given) mutable -> value {
    auto const call = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return f(given[I].template to<std::tuple_element_t<I, typename shape::arguments>>()...);
    };
    constexpr auto each = std::make_index_sequence<arity<F>>{};
    if constexpr (std::is_void_v<typename shape::result>) {
      call(each);
      return {};
    } else {
      return to_value(call(each));
    }
  };
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON::scheme
