// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weft {

/// The buckets of a log-linear histogram: each power of two is cut into 2^Bits equal parts.
///
/// Values below 2^(Bits+1) have a bucket each. A larger v has e = floor(log2 v) - Bits bits too
/// many; its bucket is number e * 2^Bits + (v >> e) and holds 2^e neighbouring values, of which the
/// smallest is at least 2^Bits * 2^e: so any value of a bucket is within 1/2^Bits of any other.
/// Values of 2^Magnitude and more share the last bucket.
///
/// source    Gil Tene, HdrHistogram (2012): the same cut, there by decimal digits
template <unsigned Bits, unsigned Magnitude>
struct log_linear {
  static_assert(Bits + 1 < Magnitude && Magnitude <= 63);
  static constexpr std::uint64_t most = (std::uint64_t{1} << Magnitude) - 1;

  static constexpr unsigned bucket(std::uint64_t v) noexcept {
    v = std::min(v, most);
    auto const width = static_cast<unsigned>(std::bit_width(v));
    unsigned const e = width > Bits + 1 ? width - (Bits + 1) : 0;
    return (e << Bits) + static_cast<unsigned>(v >> e);
  }
  static constexpr unsigned buckets = (Magnitude - Bits + 1) << Bits;

  static constexpr std::uint64_t lowest(unsigned bucket) noexcept {
    unsigned const e = bucket >> (Bits + 1) ? (bucket >> Bits) - 1 : 0;
    return std::uint64_t{bucket - (e << Bits)} << e;
  }
  static constexpr std::uint64_t highest(unsigned bucket) noexcept {
    return lowest(bucket + 1) - 1;
  }
};

/// The counts of a histogram at one moment: what the questions are asked of.
///
/// threads   as a vector
template <unsigned Bits, unsigned Magnitude>
class histogram_counts {
 public:
  using cut = log_linear<Bits, Magnitude>;

  histogram_counts() : counts_(cut::buckets) {}

  void record(std::uint64_t value, std::uint64_t times = 1) noexcept {
    counts_[cut::bucket(value)] += times;
    total_ += times;
  }
  void merge(histogram_counts const& other) noexcept {
    for (unsigned i = 0; i < cut::buckets; ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return total_; }

  /// The smallest value v such that `percent` of the recorded values are not above v, to within
  /// 1/2^Bits and never below it; 0 if nothing was recorded.
  [[nodiscard]] std::uint64_t percentile(double percent) const noexcept {
    if (total_ == 0) return 0;
    auto const share = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(total_);
    auto rank = static_cast<std::uint64_t>(share);
    if (static_cast<double>(rank) < share) ++rank;
    rank = std::clamp<std::uint64_t>(rank, 1, total_);
    std::uint64_t seen = 0;
    unsigned i = 0;
    while ((seen += counts_[i]) < rank) ++i;
    return cut::highest(i);
  }
  /// The largest recorded value, to within 1/2^Bits and never below it.
  [[nodiscard]] std::uint64_t max() const noexcept { return percentile(100); }
  /// The smallest recorded value, to within 1/2^Bits and never above it.
  [[nodiscard]] std::uint64_t min() const noexcept {
    for (unsigned i = 0; i < cut::buckets; ++i) {
      if (counts_[i]) return cut::lowest(i);
    }
    return 0;
  }
  /// The mean with every value taken as the middle of its bucket: within half of 1/2^Bits.
  [[nodiscard]] double mean() const noexcept {
    if (total_ == 0) return 0;
    double sum = 0;
    for (unsigned i = 0; i < cut::buckets; ++i) {
      auto const low = static_cast<double>(cut::lowest(i));
      auto const high = static_cast<double>(cut::highest(i));
      sum += static_cast<double>(counts_[i]) * (low + high) / 2;
    }
    return sum / static_cast<double>(total_);
  }
  /// The number of values in each bucket, for exporters; log_linear gives the buckets' edges.
  [[nodiscard]] std::span<std::uint64_t const> buckets() const noexcept { return counts_; }

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

/// How often which value occurred, over all magnitudes with one relative error: for latencies.
///
///     weft::histogram waits;
///     waits.record(ns);
///     auto counts = waits.read();
///     counts.percentile(99.9);
///
/// By default 6 bits, an error of at most 1/64, for values below 2^62: 3648 buckets, 29 KiB. Seven
/// bits give two decimal digits, ten bits three.
///
/// threads   every member, from any thread, at the same time
/// cost      record() is one relaxed addition: 5 ns alone, more where threads hit the same bucket
/// throws    std::bad_alloc, from the constructor and read()
template <unsigned Bits = 6, unsigned Magnitude = 62, class Atoms = native>
class basic_histogram {
 public:
  using cut = log_linear<Bits, Magnitude>;
  using counts = histogram_counts<Bits, Magnitude>;

  basic_histogram() : buckets_(std::make_unique<row>()) {}

  void record(std::uint64_t value) noexcept {
    (*buckets_)[cut::bucket(value)].fetch_add(1, relaxed);  // rlx count
  }
  void merge(counts const& other) noexcept {
    auto const theirs = other.buckets();
    for (unsigned i = 0; i < cut::buckets; ++i) {
      if (theirs[i]) (*buckets_)[i].fetch_add(theirs[i], relaxed);  // rlx count
    }
  }
  /// What was recorded before this call, and perhaps some of what is recorded during it.
  [[nodiscard]] counts read() const {
    counts result;
    for (unsigned i = 0; i < cut::buckets; ++i) {
      auto const n = (*buckets_)[i].load(relaxed);  // rlx ordered: by the caller
      if (n) result.record(cut::lowest(i), n);
    }
    return result;
  }

 private:
  using row = std::array<typename Atoms::template atomic<std::uint64_t>, cut::buckets>;
  std::unique_ptr<row> buckets_;
};

inline namespace WEFT_ON {
using histogram = basic_histogram<6, 62, atoms>;
}  // namespace WEFT_ON

}  // namespace weft
