// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <vector>

#include "row.hpp"

namespace bench {

/// What the program ends with.
enum exit_code : int { fine = 0, failure = 1, usage = 2, regression = 3, own_bug = 70 };

/// Where the program writes, and how.
struct console {
  std::ostream& out;
  std::ostream& err;
  /// Verdicts may be coloured.
  bool colour = false;
  /// The row being measured may be shown on `err`, and removed again.
  bool progress = false;
};

/// `weft-bench` with these rows: parses the arguments, measures, reports.
///
/// threads   one call at a time: it writes current()
int run(int argc, const char* const* argv, std::vector<row> rows, console to);

}  // namespace bench
