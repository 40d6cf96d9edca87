// SPDX-License-Identifier: Apache-2.0
#include "file.hpp"

#include "failure.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace wordcount {
namespace {

[[nodiscard]] std::string error_text() { return std::generic_category().message(errno); }

[[noreturn]] void cannot_read(std::string const& path, std::string const& why) {
  throw failure("cannot read " + path + ": " + why);
}

[[noreturn]] void cannot_open(std::string const& path) {
  std::string advice;
  if (errno == ENOENT || errno == ENOTDIR) advice = "; check the name";
  if (errno == EACCES) advice = "; ask its owner for the right to read it";
  cannot_read(path, error_text() + advice);
}

}  // namespace

// Without O_NONBLOCK, a pipe that nobody has opened for writing would block here for good.
input_file::input_file(std::string path)
    : path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) cannot_open(path_);
}

input_file::~input_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::size_t> input_file::read(std::span<char> room) {
  pollfd waits{descriptor_, POLLIN, 0};
  if (::poll(&waits, 1, 100) == 0) return std::nullopt;
  auto const n = ::read(descriptor_, room.data(), room.size());
  if (n >= 0) return static_cast<std::size_t>(n);
  if (errno == EAGAIN || errno == EINTR) return std::nullopt;
  cannot_read(path_, error_text());
}

std::size_t input_file::read_at(std::span<char> room, std::uint64_t offset) {
  std::size_t came = 0;
  while (came < room.size()) {
    auto const n = ::pread(descriptor_, room.data() + came, room.size() - came,
                           static_cast<off_t>(offset + came));
    if (n == 0) break;
    if (n > 0) {
      came += static_cast<std::size_t>(n);
    } else if (errno != EINTR) {
      cannot_read(path_, error_text());
    }
  }
  return came;
}

std::uint64_t input_file::check_regular(std::string const& path) {
  auto const size = check(path);
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) cannot_open(path);
  if (!S_ISREG(about.st_mode))
    cannot_read(path, "it is no regular file, and is to be read in pieces; copy it into one first");
  return size;
}

std::uint64_t input_file::check(std::string const& path) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) cannot_open(path);
  if (S_ISDIR(about.st_mode))
    cannot_read(path, "it is a directory; name the files in it, such as " + path +
                          (path.ends_with('/') ? "*" : "/*"));
  if (::access(path.c_str(), R_OK) != 0) cannot_open(path);
  return S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(about.st_size) : 0;
}

void write_to_stdout(std::string_view text) {
  while (!text.empty()) {
    auto const n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd waits{STDOUT_FILENO, POLLOUT, 0};
      (void)::poll(&waits, 1, -1);
    } else if (errno != EINTR) {
      throw failure("cannot write to standard output: " + error_text());
    }
  }
}

bool stdout_is_open() noexcept { return ::fcntl(STDOUT_FILENO, F_GETFD) >= 0; }
bool stderr_is_terminal() noexcept { return ::isatty(STDERR_FILENO) != 0; }

}  // namespace wordcount
