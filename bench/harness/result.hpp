// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stats.hpp"

namespace bench {

/// `result::state` of a row whose rival is missing.
inline constexpr std::string_view not_installed = "not installed";

/// What one row came to.
struct result {
  std::string name;
  std::string unit;
  double ours = 0;
  std::string rival_name;
  /// Empty, like `ratio`, if the rival is not installed.
  std::optional<double> rival;
  std::optional<estimate> ratio;
  /// `near`, `far`, or not_installed.
  std::string state;
};

/// One line of JSON with the keys name, unit, ours, rival_name, rival, ratio, low, high, state.
///
/// Numbers carry six significant digits; what a missing rival leaves open is null.
std::string to_json(const result& measured);

/// Reads what to_json() wrote.
///
/// throws    std::runtime_error, saying what is wrong with the line
result from_json(std::string_view line);

/// Reads a file of such lines.
///
/// throws    std::runtime_error that begins with the file, and the line where there is one
std::vector<result> load(const std::string& file);

/// Writes a file of such lines.
///
/// throws    std::runtime_error that begins with the file
void save(const std::string& file, const std::vector<result>& results);

/// Throws what save() would throw for a file that cannot be written; leaves no trace.
void check_writable(const std::string& file);

}  // namespace bench
