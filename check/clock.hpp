// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace weft::check::detail {

/// The scenario itself and the threads it runs beside each other.
inline constexpr unsigned max_threads = 8;

/// For each thread the number of its steps that are known of.
struct vector_clock {
  std::array<std::uint16_t, max_threads> at{};

  void join(vector_clock const& other) noexcept {
    for (unsigned i = 0; i < max_threads; ++i) at[i] = std::max(at[i], other.at[i]);
  }
  [[nodiscard]] bool covers(unsigned thread, unsigned step) const noexcept {
    return at[thread] >= step;
  }
  [[nodiscard]] bool covers(vector_clock const& other) const noexcept {
    unsigned missing = 0;
    for (unsigned i = 0; i < max_threads; ++i) missing |= other.at[i] > at[i] ? 1u : 0u;
    return missing == 0;
  }
};

/// What a thread, or a message between threads, knows.
///
/// `happened` is the happens-before of the standard. `seen` is more: what coherence lets nobody
/// who knows this forget, which also goes through sequentially consistent fences without
/// synchronising anything. `fence` is the latest such fence it has passed, as a point in the
/// execution: sequentially consistent accesses before it bind too.
struct view {
  vector_clock happened;
  vector_clock seen;
  std::uint32_t fence = 0;

  void join(view const& other) noexcept {
    happened.join(other.happened);
    seen.join(other.seen);
    fence = std::max(fence, other.fence);
  }
};

}  // namespace weft::check::detail
