// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/sampler.hpp"

#include <weft/weft.hpp>

#include <memory>
#include <utility>

namespace bench {

/// A runtime of so many workers, which lives as long as the sample that captures it.
inline std::shared_ptr<weft::runtime> workers(unsigned n) {
  weft::runtime::options wanted;
  wanted.workers = n;
  return std::make_shared<weft::runtime>(std::move(wanted));
}

/// Nanoseconds per operation of a task: `make(n)` gives one that does n turns of
/// `operations_per_turn` each.
template <class F>
sample per_op_of_task(unsigned worker_count, F make, double operations_per_turn = 1) {
  auto on = workers(worker_count);
  return per_op([on, make](std::uint64_t n) { weft::sync_wait(make(n), *on); },
                operations_per_turn);
}

}  // namespace bench
