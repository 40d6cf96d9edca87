// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/compose.hpp>

#include <array>
#include <functional>
#include <tuple>
#include <variant>

namespace weft::inline WEFT_ON {
namespace detail {

template <class T>
using void_to_unit = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// What a variant holds in place of a result.
template <class T>
using held_as = std::conditional_t<std::is_reference_v<T>,
                                   std::reference_wrapper<std::remove_reference_t<T>>,
                                   void_to_unit<T>>;

/// Waits for any one of several operations; `Result` is made from the winner's.
template <class Result, bool ByPosition, class... Ops>
class choice : public operation_base<choice<Result, ByPosition, Ops...>> {
  static constexpr std::size_t count = sizeof...(Ops);

 public:
  using result_type = Result;
  static constexpr case_id cases = (Ops::cases + ...);
  static constexpr bool catches = false;
  explicit choice(Ops&&... ops) noexcept : ops_(std::move(ops)...) {}

  [[nodiscard]] case_id try_commit() {
    auto const first = atoms::any(count);
    for (std::size_t n = 0; n < count; ++n) {
      auto const at = first + n < count ? first + n : first + n - count;
      auto const won = attempt(at);
      if (won != no_case) return offsets[at] + won;
    }
    return no_case;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) {
    return publish_all(w, base, std::index_sequence_for<Ops...>{});
  }
  void withdraw() noexcept {
    std::apply([](auto&... op) { (op.withdraw(), ...); }, ops_);
  }
  [[nodiscard]] bool settle(waiter* w) noexcept {
    return std::apply([&](auto&... op) { return (int{op.settle(w)} & ...) != 0; }, ops_);
  }
  Result take(case_id i) { return take_from<0>(i); }
  [[nodiscard]] wait_info describe() const noexcept { return {"select", nullptr, nullptr}; }

 private:
  static constexpr std::array<case_id, count> offsets = [] {
    std::array<case_id, count> at{};
    std::size_t n = 0;
    case_id sum = 0;
    ((at[n++] = sum, sum += Ops::cases), ...);
    return at;
  }();

  [[nodiscard]] case_id attempt(std::size_t at) {
    using tries = case_id (*)(std::tuple<Ops...>&);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      static constexpr tries table[] = {
          [](std::tuple<Ops...>& t) { return std::get<I>(t).try_commit(); }...};
      return table[at](ops_);
    }(std::index_sequence_for<Ops...>{});
  }
  template <std::size_t... I>
  [[nodiscard]] bool publish_all(waiter& w, case_id base, std::index_sequence<I...>) {
    return (std::get<I>(ops_).publish(w, base + offsets[I]) || ...);
  }
  template <std::size_t I>
  Result take_from(case_id i) {
    if constexpr (I + 1 < count) {
      if (i >= offsets[I + 1]) return take_from<I + 1>(i);
    }
    auto& op = std::get<I>(ops_);
    using one = typename std::remove_reference_t<decltype(op)>::result_type;
    if constexpr (!ByPosition) {
      return op.take(i - offsets[I]);
    } else if constexpr (std::is_void_v<one>) {
      op.take(i - offsets[I]);
      return Result(std::in_place_index<I>);
    } else {
      return Result(std::in_place_index<I>, op.take(i - offsets[I]));
    }
  }

  std::tuple<Ops...> ops_;
};

template <class X>
using operation_of = decltype(as_operation(std::declval<X>()));
template <class X>
using result_of = typename operation_of<X>::result_type;

}  // namespace detail

/// Waits for the first of several operations; the others have no effect.
///
/// The result is a std::variant by position; void gives std::monostate, and a reference, as of a
/// shared_future, std::reference_wrapper. The first case tried is random, so that none starves.
/// Tasks among the cases are started, each in a scope of its own; a loser is cancelled, and select
/// ends only when it has ended.
///
/// cost      one lock per case when none is ready at once; allocates nothing for operations
/// source    Reppy 1991, "CML: a higher-order concurrent language"; Reppy, Russo, Xiao 2009,
///           "Parallel Concurrent ML"
template <composable... Xs>
  requires(sizeof...(Xs) >= 1)
[[nodiscard]] auto select(Xs&&... xs) {
  using result = std::variant<detail::held_as<detail::result_of<Xs>>...>;
  return detail::choice<result, true, detail::operation_of<Xs>...>(
      as_operation(std::forward<Xs>(xs))...);
}

/// As select, but gives the winner's value as the common type of all.
template <composable... Xs>
  requires(sizeof...(Xs) >= 1)
[[nodiscard]] auto race(Xs&&... xs) {
  using result = std::common_type_t<detail::result_of<Xs>...>;
  return detail::choice<result, false, detail::operation_of<Xs>...>(
      as_operation(std::forward<Xs>(xs))...);
}

}  // namespace weft::inline WEFT_ON
