// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>

#include <string>
#include <vector>

namespace weft::inline WEFT_ON::scheme {

/// A program in Scheme, as `weft run` is given it.
struct program {
  enum class source : std::uint8_t {
    file,   // `name` is a file's
    text,   // `text`; `name` stands for it in errors
    tests,  // `arguments` are files of tests, for (weft test)
  };
  source from = source::file;
  std::string name;
  std::string text;
  std::vector<std::string> arguments;  // what follows the name in (command-line)
};

/// Runs `p` as this process's program: (weft) is imported, its main body is a task with a mailbox.
///
/// When the main body has ended, the threads and futures it started are waited for, but cancelled
/// if it has ended by an error or by `exit`; actors are stopped then. SIGINT and SIGTERM cancel all
/// tasks; a second one, or five seconds, end the process hard. SIGQUIT prints every task and goes
/// on. SIGPIPE is ignored.
///
/// returns   0, or what the main body gave to `exit`; 1 after an error, which it has told of on
///           standard error; 130 if interrupted
/// threads   call it once, from main(), before other threads are made
[[nodiscard]] int run_program(program const& p);

}  // namespace weft::inline WEFT_ON::scheme
