// SPDX-License-Identifier: Apache-2.0
#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

extern char** environ;

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

class descriptor {
 public:
  explicit descriptor(int fd) : fd_{fd} {}
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { close(); }

  [[nodiscard]] int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

std::runtime_error failed(const std::string& what, int error) {
  return std::runtime_error{what + ": " + std::strerror(error)};
}

pid_t start(const std::vector<std::string>& arguments, int standard_output) {
  std::vector<std::string> words{"weft-bench"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, standard_output, STDOUT_FILENO);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, "/proc/self/exe", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw failed("cannot start a process for the sample", error);
  return child;
}

// Reads until the other end closes; false once `until` has passed.
bool read_all(int fd, clock::time_point until, std::string& text) {
  std::array<char, 4096> block{};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    if (left.count() <= 0) return false;
    pollfd one{fd, POLLIN, 0};
    const int ready = ::poll(&one, 1, static_cast<int>(left.count()));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    if (ready < 0) throw failed("cannot wait for the sample's process", errno);
    const ssize_t got = ::read(fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw failed("cannot read from the sample's process", errno);
    if (got == 0) return true;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
}

int reap(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) throw failed("cannot wait for the sample's process", errno);
  return status;
}

}  // namespace

std::string run_self(const std::vector<std::string>& arguments, std::chrono::seconds limit) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw failed("cannot make a pipe", errno);
  descriptor from_child{ends[0]};
  descriptor to_parent{ends[1]};
  const pid_t child = start(arguments, to_parent.get());
  to_parent.close();

  std::string text;
  bool finished = false;
  try {
    finished = read_all(from_child.get(), clock::now() + limit, text);
  } catch (...) {
    ::kill(child, SIGKILL);
    reap(child);
    throw;
  }
  if (!finished) ::kill(child, SIGKILL);
  const int status = reap(child);
  if (!finished)
    throw std::runtime_error{"a sample's process took more than " + std::to_string(limit.count()) +
                             " s and was killed"};
  if (WIFSIGNALED(status))
    throw std::runtime_error{std::string{"a sample's process was ended by a signal: "} +
                             ::strsignal(WTERMSIG(status))};
  if (WEXITSTATUS(status) != 0)
    throw std::runtime_error{"a sample's process exited with " +
                             std::to_string(WEXITSTATUS(status))};
  return text;
}

}  // namespace bench
