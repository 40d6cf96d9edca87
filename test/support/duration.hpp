// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace weft_test {

/// How long a stress test runs: WEFT_DURATION seconds if it is set, else what the test says.
inline std::chrono::nanoseconds duration(std::chrono::nanoseconds otherwise) {
  char const* given = std::getenv("WEFT_DURATION");
  if (!given || !*given) return otherwise;
  std::size_t used = 0;
  double const seconds = std::stod(given, &used);
  if (given[used] != '\0' || !(seconds > 0)) {
    throw std::invalid_argument("WEFT_DURATION is no number of seconds");
  }
  std::chrono::duration<double> const asked{seconds};
  return std::chrono::duration_cast<std::chrono::nanoseconds>(asked);
}

}  // namespace weft_test
