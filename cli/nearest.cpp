// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace weft::cli {
namespace {

// Letters to add, drop, change or swap with their neighbour to get from one word to the other.
std::size_t distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before;
  std::vector<std::size_t> last(right.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::vector<std::size_t> now(right.size() + 1, i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      now[j + 1] = std::min({last[j] + (left[i] != right[j]), last[j + 1] + 1, now[j] + 1});
      bool const swapped =
          i > 0 && j > 0 && left[i] == right[j - 1] && left[i - 1] == right[j];
      if (swapped) now[j + 1] = std::min(now[j + 1], before[j - 1] + 1);
    }
    before = std::exchange(last, std::move(now));
  }
  return last.back();
}

}  // namespace

std::string nearest(std::string_view wrong, std::vector<std::string> const& names) {
  std::string best;
  auto least = std::max<std::size_t>(2, wrong.size() / 3) + 1;
  for (auto const& name : names) {
    auto const d = distance(wrong, name);
    if (d < least && d < wrong.size()) {
      least = d;
      best = name;
    }
  }
  return best;
}

}  // namespace weft::cli
