// SPDX-License-Identifier: Apache-2.0
#include "baseline.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

namespace bench {
namespace {

std::string shown(const estimate& ratio) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%.3g [%.3g .. %.3g]", ratio.median, ratio.low,
                ratio.high);
  return text.data();
}

std::string change(const result& before, const result& now) {
  std::string text = "ratio " + shown(*before.ratio) + " -> " + shown(*now.ratio);
  if (before.state != now.state)
    text += "; the cores were " + before.state + " then and are " + now.state + " now";
  return text;
}

}  // namespace

std::size_t compare(const std::vector<result>& before, const std::vector<result>& now,
                    std::ostream& out) {
  std::size_t compared = 0;
  std::size_t regressions = 0;
  for (const result& row : now) {
    const auto old = std::ranges::find(before, row.name, &result::name);
    if (old == before.end()) {
      out << "new         " << row.name << ": the baseline has no such row\n";
    } else if (!old->ratio || !row.ratio) {
      out << "incomplete  " << row.name << ": the rival was or is not installed\n";
    } else {
      ++compared;
      if (regressed(*old->ratio, *row.ratio)) {
        ++regressions;
        out << "regression  " << row.name << ": " << change(*old, row) << '\n';
      } else if (regressed(*row.ratio, *old->ratio)) {
        out << "better      " << row.name << ": " << change(*old, row) << '\n';
      }
    }
  }
  out << "baseline: " << compared << " compared, " << regressions << " regressed\n";
  return regressions;
}

}  // namespace bench
