// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/explore.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace weft::check {

/// What a scenario that passes has noted, in the order of the alphabet.
inline std::vector<std::string> outcomes_of(std::function<void(threads&)> scenario,
                                            options const& o = {}) {
  auto const r = explore(o, std::move(scenario));
  EXPECT_TRUE(r) << r;
  EXPECT_TRUE(r.exhausted);
  std::vector<std::string> names;
  for (auto const& [name, times] : r.outcomes) names.push_back(name);
  return names;
}

/// What is wrong with a scenario.
inline verdict found_in(std::function<void(threads&)> scenario, options const& o = {}) {
  return explore(o, std::move(scenario)).found;
}

}  // namespace weft::check
