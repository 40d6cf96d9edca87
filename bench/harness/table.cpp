// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <iomanip>

#include "cores.hpp"

namespace bench {
namespace {

constexpr int value_width = 15;
constexpr int ratio_width = 7;
constexpr int interval_width = 17;
constexpr int state_width = 15;

std::string digits(double value, int decimals) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

std::string three_digits(double value) {
  return digits(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
}

std::string interval(const estimate& ratio) {
  return "[" + three_digits(ratio.low) + " .. " + three_digits(ratio.high) + "]";
}

std::string plain_number(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

std::string distance(const measurement& measured) {
  if (!std::isfinite(measured.round_trip)) return measured.outcome.state + ", one core";
  return measured.outcome.state + " " + digits(measured.round_trip, 0) + " ns";
}

}  // namespace

std::string readable(double value, const std::string& unit) {
  if (value >= 1e9) return three_digits(value / 1e9) + " G " + unit;
  if (value >= 1e6) return three_digits(value / 1e6) + " M " + unit;
  return three_digits(value) + " " + unit;
}

table::table(std::ostream& out, const std::vector<row>& rows, bool colour)
    : out_{out}, name_width_{4}, colour_{colour}, targets_{false} {
  for (const row& r : rows) {
    name_width_ = std::max(name_width_, r.name.size());
    targets_ = targets_ || r.target.has_value();
  }
}

void table::head() {
  out_ << std::left << std::setw(static_cast<int>(name_width_)) << "name" << std::right
       << std::setw(value_width) << "ours" << std::setw(value_width) << "rival"
       << std::setw(ratio_width + 2) << "ratio"
       << "  " << std::left << std::setw(interval_width) << "interval"
       << "  ";
  if (targets_) out_ << std::setw(state_width) << "state" << "target\n";
  else out_ << "state\n";
}

void table::line(const row& asked, const measurement& measured) {
  const result& got = measured.outcome;
  out_ << std::left << std::setw(static_cast<int>(name_width_)) << got.name << std::right
       << std::setw(value_width) << readable(got.ours, got.unit);
  if (!got.ratio) {
    out_ << std::setw(value_width) << "-" << "  " << not_installed;
    if (!asked.package.empty()) out_ << " (" << asked.package << ")";
    out_ << '\n';
    return;
  }
  out_ << std::setw(value_width) << readable(*got.rival, got.unit) << std::setw(ratio_width + 2)
       << three_digits(got.ratio->median) << "  " << std::left << std::setw(interval_width)
       << interval(*got.ratio) << "  ";
  if (asked.target)
    out_ << std::setw(state_width) << distance(measured) << judged(asked, got.ratio);
  else out_ << distance(measured);
  out_ << '\n';
}

void table::foot(unsigned rounds) {
  const bool sure = median_ranks(rounds).coverage >= confidence;
  out_ << "\nratio     above 1 ours is better; the median of " << rounds << " paired rounds\n"
       << "interval  "
       << (sure ? "holds the true median with 95 %\n" : "the lowest and the highest round\n")
       << "state     how long a word takes to the other core and back; near is under "
       << digits(far_round_trip, 0) << " ns\n";
}

std::string table::judged(const row& asked, const std::optional<estimate>& ratio) const {
  const std::string aim = " (" + plain_number(*asked.target) + ")";
  const auto paint = [&](const char* code, const char* word) {
    return colour_ ? std::string{"\033["} + code + "m" + word + "\033[0m" + aim : word + aim;
  };
  switch (judge(*ratio, *asked.target)) {
    case verdict::met:
      return paint("32", "met");
    case verdict::missed:
      return paint("31", "missed");
    case verdict::undecided:
      return paint("33", "undecided");
  }
  return aim;
}

}  // namespace bench
