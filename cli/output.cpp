// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"

#include <cerrno>
#include <cstdlib>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace weft::cli {
namespace {

bool write_all(int to, std::string_view text) {
  while (!text.empty()) {
    auto const n = ::write(to, text.data(), text.size());
    if (n > 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::string_view variable(char const* name) {
  char const* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

bool coloured(colour asked) {
  if (asked != colour::automatic) return asked == colour::always;
  auto const kind = variable("TERM");
  return variable("NO_COLOR").empty() && !kind.empty() && kind != "dumb" &&
         ::isatty(STDOUT_FILENO) == 1;
}

bool print(std::string_view text) {
  if (write_all(STDOUT_FILENO, text)) return true;
  complain(fmt::format("cannot write to standard output: {}",
                       std::generic_category().message(errno)));
  return false;
}

void complain(std::string_view text) {
  // Nowhere is left to say so if this fails.
  [[maybe_unused]] bool const said = write_all(STDERR_FILENO, fmt::format("weft: {}\n", text));
}

}  // namespace weft::cli
