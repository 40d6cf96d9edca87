// SPDX-License-Identifier: Apache-2.0
#include "answering.hpp"

#include <fcntl.h>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace bench {
namespace {

std::vector<char*> pointers(std::vector<std::string> const& all) {
  std::vector<char*> p;
  for (auto const& s : all) p.push_back(const_cast<char*>(s.c_str()));
  p.push_back(nullptr);
  return p;
}

std::vector<std::string> environment_with(std::vector<std::string> const& more) {
  std::vector<std::string> all = more;
  for (char** e = environ; *e; ++e) all.emplace_back(*e);
  return all;
}

void must(int error, std::string const& what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

answering::answering(std::vector<std::string> const& command,
                     std::vector<std::string> const& environment) {
  int to[2], from[2];
  must(::pipe2(to, O_CLOEXEC) == 0 ? 0 : errno, "pipe");
  must(::pipe2(from, O_CLOEXEC) == 0 ? 0 : errno, "pipe");
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, to[0], 0);
  posix_spawn_file_actions_adddup2(&files, from[1], 1);
  auto const all = environment_with(environment);
  int const failed = ::posix_spawnp(&process_, command.front().c_str(), &files, nullptr,
                                    pointers(command).data(), pointers(all).data());
  posix_spawn_file_actions_destroy(&files);
  ::close(to[0]);
  ::close(from[1]);
  in_ = to[1];
  out_ = from[0];
  must(failed, "cannot start " + command.front());
}

answering::~answering() {
  ::close(in_);
  ::close(out_);
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

double answering::ask(std::string const& question, std::uint64_t times) {
  auto const line = question + " " + std::to_string(times) + "\n";
  if (::write(in_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error("the program that is to answer " + question + " has ended");
  for (;;) {
    if (auto const end = unread_.find('\n'); end != unread_.npos) {
      double const all = std::stod(unread_.substr(0, end));
      unread_.erase(0, end + 1);
      return all / static_cast<double>(times);
    }
    char some[256];
    auto const n = ::read(out_, some, sizeof some);
    if (n <= 0) throw std::runtime_error("no answer to " + question);
    unread_.append(some, static_cast<std::size_t>(n));
  }
}

side asks(std::vector<std::string> command, std::string question, std::uint64_t times,
          std::vector<std::string> environment) {
  return [=]() -> sample {
    auto const program = std::make_shared<answering>(command, environment);
    program->ask(question, times / 10 + 1000);  // its code is loaded, its heap has grown
    return [=] { return program->ask(question, times); };
  };
}

}  // namespace bench
