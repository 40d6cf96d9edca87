// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

/// The n-th of a fixed series of delays between 10 and 110 seconds, the same for both sides.
inline std::chrono::nanoseconds delay(std::uint64_t n) {
  n = n * 6364136223846793005u + 1442695040888963407u;
  return std::chrono::seconds{10} + std::chrono::nanoseconds{(n >> 20) % 100'000'000'000u};
}

}  // namespace bench
