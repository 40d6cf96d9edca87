// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace weft::cli {

/// How `weft` ends, for scripts.
enum exit_code : int {
  fine = 0,
  failed = 1,     // the program or check failed
  bad_usage = 2,  // the command line is wrong
  own_bug = 70,   // weft itself is wrong
};

enum class colour { automatic, always, never };

/// What the command line asked for.
struct request {
  enum class action { version, help, doctor, run, test } what = action::help;
  bool json = false;
  colour colours = colour::automatic;
  std::string text;                // of the help; for run -e, the expression
  std::vector<std::string> words;  // for run, a file and its arguments; for test, files
};

/// What parse() made of the command line: a request, or the exit code and what to say.
struct parsed {
  request asked;
  int code = fine;
  std::string complaint;  // for standard error; empty if there is a request
};

/// Runs a Scheme program, or tests; returns the exit code of the process.
[[nodiscard]] int run_scheme(request const& asked);

[[nodiscard]] parsed parse(int argc, char const* const* argv);

/// The name of `names` that `wrong` was probably meant to be; empty if none is near.
[[nodiscard]] std::string nearest(std::string_view wrong, std::vector<std::string> const& names);

}  // namespace weft::cli
