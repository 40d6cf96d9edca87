// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "measure.hpp"
#include "row.hpp"

namespace bench {

/// A value with its unit as people read it: three significant digits, `M` and `G` for the large.
std::string readable(double value, const std::string& unit);

/// Prints results for people, aligned, each as soon as it is there.
class table {
 public:
  /// The widest name of `rows` sets the first column; `colour` marks what was met and missed.
  table(std::ostream& out, const std::vector<row>& rows, bool colour);

  void head();
  void line(const row& asked, const measurement& measured);
  /// Says how to read the table.
  void foot(unsigned rounds);

 private:
  [[nodiscard]] std::string judged(const row& asked, const std::optional<estimate>& ratio) const;

  std::ostream& out_;
  std::size_t name_width_;
  bool colour_;
  bool targets_;
};

}  // namespace bench
