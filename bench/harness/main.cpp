// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "program.hpp"

namespace {

bool set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool terminal(int descriptor) {
  const char* kind = std::getenv("TERM");
  return ::isatty(descriptor) == 1 && kind != nullptr && std::string_view{kind} != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  // A closed standard output is an error of the write, with a text, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return bench::run(argc, argv, bench::all_rows(),
                      {.out = std::cout,
                       .err = std::cerr,
                       .colour = terminal(STDOUT_FILENO) && !set("NO_COLOR"),
                       .progress = terminal(STDERR_FILENO)});
  } catch (const std::logic_error& error) {
    std::cerr << "weft-bench: " << error.what() << '\n';
    return bench::own_bug;
  }
}
