// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "stats.hpp"

namespace bench {

/// The command line of `weft-bench`.
struct options {
  bool list = false;
  bool json = false;
  bool quick = false;
  unsigned rounds = full_rounds;
  std::string filter;
  std::string save;
  std::string baseline;
  std::string colour = "auto";
  /// Set in a sample's own process: the row and the side to measure once.
  std::string sample;
  std::string side;
};

/// What became of the command line.
struct parsed {
  options asked;
  /// The program ends here with `code`, after `out` and `err` were printed.
  bool done = false;
  int code = 0;
  std::string out;
  std::string err;
};

/// Parses the arguments and checks that they go together.
parsed parse(int argc, const char* const* argv);

}  // namespace bench
