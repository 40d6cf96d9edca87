// SPDX-License-Identifier: Apache-2.0
#include <weft/base/atoms.hpp>

#include "mem/thread_status.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <string_view>

namespace weft::inline WEFT_ON::detail {
namespace {

/// The two lines that are asked for, out of the pieces in which a file is read.
struct lines {
  char line[40];  // the beginning of the one that is read now
  std::size_t length = 0;
  bool has_mask = false, has_tracer = false;
  std::uint64_t mask = 0, tracer = 0;

  void add(char c) noexcept {
    if (c == '\n') {
      has_mask = has_mask || number_after("SigBlk:\t", 16, mask);
      has_tracer = has_tracer || number_after("TracerPid:\t", 10, tracer);
      length = 0;
    } else if (length < sizeof line) {
      line[length++] = c;
    }
  }
  bool number_after(std::string_view name, int base, std::uint64_t& value) const noexcept {
    std::string_view const text{line, length};
    if (!text.starts_with(name)) return false;
    return std::from_chars(line + name.size(), line + length, value, base).ec == std::errc{};
  }
};

}  // namespace

thread_status status_of(int thread, int signal) noexcept {
  int const error = errno;
  char path[48];
  std::snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
  auto const file = ::syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
  lines found;
  if (file >= 0) {
    char piece[512];
    for (long n = 0; (n = ::syscall(SYS_read, file, piece, sizeof piece)) > 0;) {
      for (long i = 0; i < n; ++i) found.add(piece[i]);
    }
    ::syscall(SYS_close, file);
  }
  errno = error;
  bool const blocked = (found.mask >> (signal - 1) & 1) != 0;
  return {found.has_mask && found.has_tracer, found.tracer != 0, blocked};
}

}  // namespace weft::inline WEFT_ON::detail
