// SPDX-License-Identifier: Apache-2.0
#include "nearest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace bench {
namespace {

std::size_t distance_to_name(std::string_view wanted, std::string_view name) {
  std::size_t least = edit_distance(wanted, name);
  for (auto cut = name.find_first_of("./"); cut != std::string_view::npos;
       cut = name.find_first_of("./", cut + 1))
    least = std::min(least, edit_distance(wanted, name.substr(0, cut)));
  return least;
}

}  // namespace

std::size_t edit_distance(std::string_view left, std::string_view right) {
  // Levenshtein's table, one line at a time.
  std::vector<std::size_t> costs(right.size() + 1);
  std::iota(costs.begin(), costs.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(costs[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t change = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = costs[j + 1];
      costs[j + 1] = std::min({change, costs[j] + 1, diagonal + 1});
    }
  }
  return costs.back();
}

std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& names,
                                 std::size_t most) {
  std::vector<std::pair<std::size_t, std::string>> ranked;
  ranked.reserve(names.size());
  for (const std::string& name : names) ranked.emplace_back(distance_to_name(wanted, name), name);
  std::ranges::sort(ranked);
  if (ranked.size() > most) ranked.resize(most);
  std::vector<std::string> best;
  best.reserve(ranked.size());
  for (auto& [distance, name] : ranked) best.push_back(std::move(name));
  return best;
}

}  // namespace bench
