// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/task.hpp>

#include <functional>
#include <tuple>

namespace weft::inline WEFT_ON::detail {

/// What a callable with one known signature takes; empty for overloads and templates.
template <class F>
struct signature {
  static constexpr bool known = false;
};
template <class... P>
struct takes {
  static constexpr bool known = true;
  using parameters = std::tuple<P...>;
};
template <class R, class... P>
struct signature<R (*)(P...)> : takes<P...> {};
template <class R, class... P>
struct signature<R (*)(P...) noexcept> : takes<P...> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...)> : takes<P...> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const> : takes<P...> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) noexcept> : takes<P...> {};
template <class R, class C, class... P>
struct signature<R (C::*)(P...) const noexcept> : takes<P...> {};
template <class F>
  requires requires { &F::operator(); }
struct signature<F> : signature<decltype(&F::operator())> {};

template <class A>
inline constexpr bool is_reference_wrapper = false;
template <class T>
inline constexpr bool is_reference_wrapper<std::reference_wrapper<T>> = true;

// True if a parameter P made from an argument of type A holds nothing of the argument itself.
template <class P, class A>
inline constexpr bool is_own = std::is_reference_v<P>
                                   ? is_reference_wrapper<A>
                                   : std::is_same_v<std::remove_cv_t<P>, A> || std::is_scalar_v<A>;

template <class Parameters, class... Args>
inline constexpr bool all_own = false;
template <class... P, class... Args>
  requires(sizeof...(P) == sizeof...(Args))
inline constexpr bool all_own<std::tuple<P...>, Args...> = (is_own<P, Args> && ...);

/// True if a task of f(args...) may refer to f or to an argument: a lambda's captures are the
/// lambda's, not the coroutine's, and a parameter may be a reference or a view.
template <class F, class... Args>
constexpr bool needs_keeping() {
  if constexpr (!std::is_empty_v<F> && !std::is_pointer_v<F>) {
    return true;
  } else if constexpr (sizeof...(Args) == 0) {
    return false;
  } else if constexpr (signature<F>::known) {
    return !all_own<typename signature<F>::parameters, Args...>;
  } else {
    return true;
  }
}

/// A frame around the task's, in which f and its arguments live as long as the task.
template <class T, class F, class... Args>
task<T> keep(F f, Args... args) {
  auto inner = std::invoke(f, std::move(args)...);
  co_return co_await std::move(inner);
}

}  // namespace weft::inline WEFT_ON::detail
