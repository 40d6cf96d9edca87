// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/exec/runtime.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <ranges>
#include <utility>

namespace weft::inline WEFT_ON {

/// What a parallel algorithm can be told besides its work.
struct parallel_options {
  std::size_t grain = 0;  // elements a chunk; 0: sixteen chunks for each thread that takes part
  runtime* on = nullptr;  // whose workers help; null: those of the calling code's runtime
};

/// What the parallel algorithms work on: elements by number, so many.
template <class R>
concept parallel_range = std::ranges::random_access_range<R> && std::ranges::sized_range<R>;

namespace detail {

/// A range cut into chunks of one length, the last but for what is left.
struct chunks {
  std::size_t elements, length, count;

  chunks(std::size_t n, parallel_options const& how);
  [[nodiscard]] std::size_t begin(std::size_t chunk) const noexcept { return chunk * length; }
  [[nodiscard]] std::size_t end(std::size_t chunk) const noexcept {
    return std::min(elements, (chunk + 1) * length);
  }
};

/// Something that is called with the number of each chunk, by several threads at once.
class chunk_body {
 public:
  template <class F>
    requires(!std::same_as<F, chunk_body>)  // else a copy would refer to what it copies
  explicit chunk_body(F& f) noexcept
      : of_(&f), call_([](void* g, std::size_t chunk) { (*static_cast<F*>(g))(chunk); }) {}
  void operator()(std::size_t chunk) const { call_(of_, chunk); }

 private:
  void* of_;
  void (*call_)(void*, std::size_t);
};

/// Calls body(0) to body(count - 1), each once, in the calling thread and in workers that are free.
/// Returns when no call runs any more.
///
/// throws    what the first call to fail threw; cancelled. What has not begun by then never does
void run_chunks(std::size_t count, chunk_body body, parallel_options const& how);

/// Calls f(first, last) for each chunk of the range, and says which chunk it is.
template <class R, class F>
void for_each_chunk(R& range, chunks const& cut, parallel_options const& how, F f) {
  auto const from = std::ranges::begin(range);
  using step = std::iter_difference_t<decltype(from)>;
  auto one = [&](std::size_t c) {
    f(from + static_cast<step>(cut.begin(c)), from + static_cast<step>(cut.end(c)), c);
  };
  run_chunks(cut.count, chunk_body(one), how);
}

template <class R>
std::size_t size_of(R& range) {
  return static_cast<std::size_t>(std::ranges::size(range));
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
