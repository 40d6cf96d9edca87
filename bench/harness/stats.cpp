// SPDX-License-Identifier: Apache-2.0
#include "stats.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace bench {
namespace {

constexpr double tolerated_loss = 0.05;

// P(X = k) for X ~ Binomial(n, 1/2); by logarithms, since 2^-n underflows from n = 1075 on.
double coin_tosses(std::size_t n, std::size_t k) {
  const auto all = static_cast<double>(n);
  const auto some = static_cast<double>(k);
  return std::exp(std::lgamma(all + 1) - std::lgamma(some + 1) - std::lgamma(all - some + 1) -
                  all * std::log(2.0));
}

bool usable(double value) { return std::isfinite(value) && value > 0; }

}  // namespace

ranks median_ranks(std::size_t n) {
  if (n == 0) throw std::invalid_argument{"the median of no values has no ranks"};
  // With ranks r and n + 1 - r the median escapes on each side with probability P(X < r).
  std::size_t low = 1;
  double tail = coin_tosses(n, 0);
  while (low < n / 2) {
    const double wider = tail + coin_tosses(n, low);
    if (wider > (1 - confidence) / 2) break;
    tail = wider;
    ++low;
  }
  return {low, n + 1 - low, std::max(0.0, 1 - 2 * tail)};
}

double median(std::span<const double> values) {
  if (values.empty()) throw std::invalid_argument{"there is no median of no values"};
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

estimate median_interval(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const ranks at = median_ranks(sorted.size());
  return {median(sorted), sorted[at.low - 1], sorted[at.high - 1]};
}

std::vector<double> paired_ratios(std::span<const double> ours, std::span<const double> rival,
                                  better good) {
  if (ours.size() != rival.size()) throw std::invalid_argument{"a round lacks one of its sides"};
  std::vector<double> ratios;
  ratios.reserve(ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (!usable(ours[i]) || !usable(rival[i]))
      throw std::invalid_argument{"a measured value is not a positive number"};
    ratios.push_back(good == better::smaller ? rival[i] / ours[i] : ours[i] / rival[i]);
  }
  return ratios;
}

verdict judge(const estimate& ratio, double target) {
  if (ratio.median >= target) return verdict::met;
  return ratio.high < target ? verdict::missed : verdict::undecided;
}

bool regressed(const estimate& before, const estimate& now) {
  return now.high < before.low && now.median < before.median * (1 - tolerated_loss);
}

}  // namespace bench
