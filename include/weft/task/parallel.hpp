// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/parallel_loop.hpp>

#include <concepts>
#include <optional>
#include <type_traits>
#include <vector>

// Algorithms that share one call among the workers of a runtime. They are plain calls, in threads
// and in tasks: the caller works too, and returns when all of it is done. Inside one another they
// do not wait for a free worker, because whoever calls could do all of it alone.
//
// What they have in common:
//
// threads   f is called by several threads at the same time; a range by one thread at a time, but
//           its iterators by several
// blocks    until the chunks that other workers have begun are done; a worker that has to wait
//           for them is replaced meanwhile
// cost      two allocations and a post for each worker that may help: some microseconds in all
// throws    what the first call of f to fail threw, after the chunks that run have ended and
//           without beginning another; cancelled, if the caller's scope is, at the next chunk
namespace weft::inline WEFT_ON {
namespace detail {

template <class R, class F>
using mapped = std::remove_cvref_t<std::invoke_result_t<F&, std::ranges::range_reference_t<R>>>;

/// Results of chunks, in the order of the range.
template <class T>
std::vector<T> joined(std::vector<std::vector<T>> parts) {
  if (parts.size() == 1) return std::move(parts.front());
  std::size_t n = 0;
  for (auto const& p : parts) n += p.size();
  std::vector<T> all;
  all.reserve(n);
  for (auto& p : parts) {
    all.insert(all.end(), std::make_move_iterator(p.begin()), std::make_move_iterator(p.end()));
    std::vector<T>().swap(p);
  }
  return all;
}

/// A place that one thread makes an element in, while others make theirs beside it.
template <class T>
concept made_in_place = std::default_initializable<T> && std::is_move_assignable_v<T> &&
                        !std::same_as<T, bool>;  // bits of one word are not apart

}  // namespace detail

/// Calls f with each element of the range.
template <class R, class F>
  requires parallel_range<R> && std::invocable<F&, std::ranges::range_reference_t<R>>
void parallel_for_each(R&& range, F f, parallel_options how = {}) {
  detail::chunks const cut(detail::size_of(range), how);
  detail::for_each_chunk(range, cut, how, [&](auto at, auto end, std::size_t) {
    for (; at != end; ++at) std::invoke(f, *at);
  });
}

/// The results of f for each element, in the order of the range.
template <class R, class F>
  requires parallel_range<R> && std::invocable<F&, std::ranges::range_reference_t<R>>
[[nodiscard]] auto parallel_map(R&& range, F f, parallel_options how = {})
    -> std::vector<detail::mapped<R, F>> {
  using value = detail::mapped<R, F>;
  detail::chunks const cut(detail::size_of(range), how);
  if constexpr (detail::made_in_place<value>) {
    std::vector<value> all(cut.elements);
    detail::for_each_chunk(range, cut, how, [&](auto at, auto end, std::size_t chunk) {
      auto* to = all.data() + cut.begin(chunk);
      for (; at != end; ++at) *to++ = std::invoke(f, *at);
    });
    return all;
  } else {
    std::vector<std::vector<value>> parts(cut.count);
    detail::for_each_chunk(range, cut, how, [&](auto at, auto end, std::size_t chunk) {
      std::vector<value> part;
      part.reserve(cut.end(chunk) - cut.begin(chunk));
      for (; at != end; ++at) part.push_back(std::invoke(f, *at));
      parts[chunk] = std::move(part);
    });
    return detail::joined(std::move(parts));
  }
}

/// Copies of the elements that f says yes to, in the order of the range.
template <class R, class F>
  requires parallel_range<R> && std::predicate<F&, std::ranges::range_reference_t<R>>
[[nodiscard]] auto parallel_filter(R&& range, F f, parallel_options how = {})
    -> std::vector<std::ranges::range_value_t<R>> {
  using value = std::ranges::range_value_t<R>;
  detail::chunks const cut(detail::size_of(range), how);
  std::vector<std::vector<value>> parts(cut.count);
  detail::for_each_chunk(range, cut, how, [&](auto at, auto end, std::size_t chunk) {
    std::vector<value> part;
    for (; at != end; ++at) {
      auto&& element = *at;
      if (std::invoke(f, element)) part.push_back(std::forward<decltype(element)>(element));
    }
    parts[chunk] = std::move(part);
  });
  return detail::joined(std::move(parts));
}

/// init, op, the first element, op, the second, and so on, in parts: op is associative.
///
/// Elements keep their order, so op need not be commutative; init is used once. What a part gives
/// depends on how the range was cut: sums of floating-point numbers may differ from run to run on
/// machines of different sizes, never on the same runtime.
template <class R, class T, class Op>
  requires parallel_range<R> && std::constructible_from<T, std::ranges::range_reference_t<R>> &&
           std::is_invocable_r_v<T, Op&, T, T>
[[nodiscard]] T parallel_reduce(R&& range, T init, Op op, parallel_options how = {}) {
  detail::chunks const cut(detail::size_of(range), how);
  std::vector<std::optional<T>> parts(cut.count);
  detail::for_each_chunk(range, cut, how, [&](auto at, auto end, std::size_t chunk) {
    T part(*at);
    while (++at != end) part = std::invoke(op, std::move(part), T(*at));
    parts[chunk].emplace(std::move(part));
  });
  for (auto& p : parts) init = std::invoke(op, std::move(init), *std::move(p));
  return init;
}

}  // namespace weft::inline WEFT_ON
