// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>

namespace weft_test {

/// The seed of a random test: WEFT_SEED if it is set, else a fresh one. Printed either way, so that
/// a failure can be replayed.
inline std::uint64_t seed() {
  std::uint64_t value = 0;
  if (char const* given = std::getenv("WEFT_SEED"); given && *given) {
    std::size_t used = 0;
    value = std::stoull(given, &used, 0);
    if (given[used] != '\0') throw std::invalid_argument("WEFT_SEED is no number");
  } else {
    std::random_device device;
    value = (std::uint64_t{device()} << 32) | device();
  }
  std::printf("WEFT_SEED=%llu\n", static_cast<unsigned long long>(value));
  std::fflush(stdout);
  return value;
}

}  // namespace weft_test
