// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace bench {

/// What an interval aims to cover.
inline constexpr double confidence = 0.95;

/// The fewest rounds whose result may be kept or compared.
inline constexpr unsigned full_rounds = 15;

/// Which way a measured value is good.
enum class better { smaller, larger };

/// A median with an interval that holds the true one.
struct estimate {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// The ranks, counted from 1, of the sorted sample that bound its median, and how surely they do.
struct ranks {
  std::size_t low = 1;
  std::size_t high = 1;
  double coverage = 0;
};

/// How a row stands to the target it declares.
enum class verdict { met, missed, undecided };

/// Ranks of the narrowest symmetric interval that covers the median with at least 95 %.
///
/// A value lies below the median with probability one half whatever the distribution, so the
/// number of values below it is binomial. Fewer than six values cannot reach 95 %: then the ranks
/// are the first and the last, and `coverage` says what they are worth.
ranks median_ranks(std::size_t n);

/// The middle value, or the mean of the two middle ones.
///
/// throws    std::invalid_argument if there is none
double median(std::span<const double> values);

/// The median of `values` between the order statistics that median_ranks() names.
///
/// throws    std::invalid_argument if there is none
estimate median_interval(std::span<const double> values);

/// For each round how many times better ours was.
///
/// throws    std::invalid_argument if the rounds do not pair or a value is not a positive number
std::vector<double> paired_ratios(std::span<const double> ours, std::span<const double> rival,
                                  better good);

/// Met once the median reaches the target, missed if the whole interval lies below it.
verdict judge(const estimate& ratio, double target);

/// True if `now` is worse than `before` beyond noise.
///
/// That is: the intervals do not overlap and the median fell by more than 5 %.
bool regressed(const estimate& before, const estimate& now);

}  // namespace bench
