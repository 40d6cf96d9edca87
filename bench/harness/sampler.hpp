// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "row.hpp"

namespace bench {

/// What the command line asks of every sample.
struct settings {
  /// How long one sample of per_op() or throughput() aims to take.
  std::chrono::nanoseconds sample_time = std::chrono::milliseconds{20};
  /// A smoke test: rows with a fixed amount of work may do less.
  bool quick = false;
};

/// The settings in force; written before the first row runs, read by samples.
settings& current();

/// Keeps the compiler from dropping the computation of `value`.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

/// Resident memory of this process in bytes.
///
/// throws    std::runtime_error if the kernel does not tell
std::size_t resident_bytes();

/// Nanoseconds that `f()` takes.
template <class F>
double nanoseconds_of(F&& f) {
  const auto start = std::chrono::steady_clock::now();
  std::forward<F>(f)();
  const auto end = std::chrono::steady_clock::now();
  return std::chrono::duration<double, std::nano>(end - start).count();
}

/// Runs `f(n)` for a number n that fills a sample, found at the first call and kept.
template <class F>
class filled {
 public:
  explicit filled(F f, double operations_per_turn)
      : f_{std::move(f)}, per_turn_{operations_per_turn} {}

  /// Nanoseconds per operation.
  double operator()() {
    if (turns_ == 0) turns_ = calibrate(1);
    double spent = timed(turns_);
    // Too short by far: a pause of this process misled the calibration.
    while (spent * 4 < goal() && turns_ < most) {
      turns_ = calibrate(turns_ * 2);
      spent = timed(turns_);
    }
    return spent / (static_cast<double>(turns_) * per_turn_);
  }

 private:
  static constexpr std::uint64_t most = std::uint64_t{1} << 40;
  static double goal() { return static_cast<double>(current().sample_time.count()); }

  double timed(std::uint64_t n) {
    return nanoseconds_of([this, n] { f_(n); });
  }

  // Doubles until a run lasts a tenth of the sample, then extrapolates. The start is noise or
  // cold; the tenth is not.
  std::uint64_t calibrate(std::uint64_t n) {
    for (; n < most; n *= 2) {
      const double spent = timed(n);
      if (spent * 10 < goal()) continue;
      return static_cast<std::uint64_t>(std::max(1.0, static_cast<double>(n) * goal() / spent));
    }
    return most;
  }

  F f_;
  double per_turn_;
  std::uint64_t turns_ = 0;
};

/// A sample in nanoseconds per operation: `f(n)` does n turns of `operations_per_turn` each.
template <class F>
sample per_op(F f, double operations_per_turn = 1) {
  return filled<F>{std::move(f), operations_per_turn};
}

/// A sample in operations per second; goes with `unit = "op/s"`, `good = better::larger`.
template <class F>
sample throughput(F f, double operations_per_turn = 1) {
  return [timed = filled<F>{std::move(f), operations_per_turn}]() mutable { return 1e9 / timed(); };
}

}  // namespace bench
