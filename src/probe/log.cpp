// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/log.hpp>

#include "probe/standard_error.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <unistd.h>

namespace weft::inline WEFT_ON {
namespace {

constexpr int silent = std::numeric_limits<int>::max();
// Settings of the process, so on native in the model build too.
constinit native::atomic<int> threshold{silent};
constinit native::atomic<log_function> listener{nullptr};

void say_on_standard_error(log_level level, std::string_view text) noexcept {
  try {
    std::string line = "weft: ";
    line += to_string(level);
    line += ": ";
    line += text;
    line += '\n';
    write_standard_error(line);
  } catch (std::bad_alloc const&) {
    write_standard_error("weft: no memory for a line of the log\n");
  }
}

bool read_environment() noexcept {
  char const* asked = std::getenv("WEFT_LOG");
  if (!asked || !*asked) return false;
  for (auto level : {log_level::info, log_level::warn, log_level::error}) {
    if (std::strcmp(asked, to_string(level)) == 0) {
      set_log(say_on_standard_error, level);
      return true;
    }
  }
  write_standard_error("weft: WEFT_LOG is none of info, warn, error; nothing is logged\n");
  return false;
}
[[maybe_unused]] bool const environment_read = read_environment();

}  // namespace

void write_standard_error(std::string_view line) noexcept {
  int const before = errno;
  [[maybe_unused]] auto const written = ::write(STDERR_FILENO, line.data(), line.size());
  errno = before;
}

void set_log(log_function f, log_level least) noexcept {
  listener.store(f, release);                                          // pub log.listener -> log
  threshold.store(f ? static_cast<int>(least) : silent, relaxed);      // rlx hint
}

bool logs(log_level level) noexcept {
  return static_cast<int>(level) >= threshold.load(relaxed);           // rlx hint
}

void log(log_level level, std::string_view text) noexcept {
  if (!logs(level)) return;
  if (auto f = listener.load(acquire)) f(level, text);                 // sub log.listener
}

char const* to_string(log_level level) noexcept {
  switch (level) {
    case log_level::info: return "info";
    case log_level::warn: return "warn";
    case log_level::error: return "error";
  }
  return "?";
}

}  // namespace weft::inline WEFT_ON
