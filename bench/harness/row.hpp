// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stats.hpp"

namespace bench {

/// One measurement of one side: the value in the row's unit.
using sample = std::function<double()>;

/// Sets one side up and gives its sample; what the sample captures lives until the row ends.
using side = std::function<sample()>;

/// A question with a number for an answer: ours against one rival.
struct row {
  /// `area.item[.case]/rival`
  std::string name;
  std::string unit = "ns/op";
  better good = better::smaller;
  /// The ratio this row promises to reach.
  std::optional<double> target = {};
  /// Every sample runs in a fresh process: for memory, and for what spoils its neighbours.
  bool own_process = false;
  side ours = {};
  /// Empty: the rival is not installed here.
  side rival = {};
  /// The Debian package that has the rival.
  std::string package = {};
};

/// Adds a row to the program when constructed; made for namespace-scope objects.
struct add {
  explicit add(row declared);
};

/// All rows of this program by name.
///
/// throws    std::logic_error if a name is malformed or taken twice
std::vector<row> all_rows();

/// The part of a row's name behind the slash.
std::string_view rival_name(std::string_view row_name);

/// Throws std::logic_error, naming the row, unless its name and sides are complete.
void check(const row& declared);

}  // namespace bench
