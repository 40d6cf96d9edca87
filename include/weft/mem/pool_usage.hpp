// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <cstddef>

namespace weft::inline WEFT_ON {

/// What a pool holds, for people: each number of its own moment while others use the pool.
struct pool_usage {
  std::size_t in_use = 0;       // objects, or raw storage for them, that are out
  std::size_t cached = 0;       // free, kept by threads for themselves
  std::size_t waiting = 0;      // free, on the way between threads
  std::size_t bytes = 0;        // taken from the system, in use and free together
  std::size_t peak_bytes = 0;   // the most that ever were
  std::size_t bytes_given = 0;  // given back to the system since the pool began
  std::size_t threads = 0;      // so many used it at one time
};

}  // namespace weft::inline WEFT_ON
