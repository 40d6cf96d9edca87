// SPDX-License-Identifier: Apache-2.0
// Where the program called the checker from, as its stack and its debug information say.
#include "source.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

namespace weft::check::detail {

namespace {

// The folder of the checker's own sources.
std::string_view own_folder() {
  std::string_view const here = __FILE__;
  return here.substr(0, here.rfind('/') + 1);
}

// Reads the debug information of one program or library, in a process of its own: it takes a while
// to start and answers at once. Every compiler brings one along; that of binutils does not see
// which functions clang has inlined.
class reader {
 public:
  explicit reader(char const* file) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return;
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    for (std::string name : {"llvm-addr2line-19", "llvm-addr2line", "addr2line"}) {
      std::string flags = "-aie", of = file;
      char* const arguments[] = {name.data(), flags.data(), of.data(), nullptr};
      if (::posix_spawnp(&child_, name.c_str(), &actions, nullptr, arguments, environ) == 0) break;
      child_ = -1;
    }
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    end_ = ends[0];
  }
  reader(reader const&) = delete;
  reader& operator=(reader const&) = delete;
  ~reader() {
    if (end_ < 0) return;
    if (owner_ == ::getpid()) ::shutdown(end_, SHUT_RDWR);  // a fork of this process may hold it
    ::close(end_);
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }

  /// The place of a code address, and those of the functions into which that one was inlined.
  [[nodiscard]] std::vector<std::string> places(std::ptrdiff_t address) {
    // Behind each address one that is in no program: its answer ends the other's.
    static constexpr std::string_view last = "0xffffffffffffffff";
    char digits[32];
    auto* const end = std::to_chars(digits, digits + sizeof digits, address, 16).ptr;
    auto const text = "0x" + std::string(digits, end) + '\n' + std::string(last) + '\n';
    std::vector<std::string> all;
    if (end_ < 0 || child_ <= 0) return all;
    if (::send(end_, text.data(), text.size(), MSG_NOSIGNAL) != std::ssize(text)) return all;
    std::string line;
    if (!next(line)) return all;
    while (next(line) && !line.starts_with(last)) all.push_back(line);
    (void)next(line);
    return all;
  }

 private:
  bool next(std::string& line) {
    std::size_t at = 0;
    while ((at = unread_.find('\n')) == std::string::npos) {
      char some[512];
      auto const n = ::recv(end_, some, sizeof some, 0);
      if (n <= 0) return false;
      unread_.append(some, static_cast<std::size_t>(n));
    }
    line = unread_.substr(0, at);
    unread_.erase(0, at + 1);
    return true;
  }

  int end_ = -1;
  pid_t child_ = -1, owner_ = ::getpid();
  std::string unread_;
};

std::vector<std::string> const& look_up(void* address) {
  static std::map<std::string, std::unique_ptr<reader>> readers;
  static std::map<void*, std::vector<std::string>> known;
  auto const [at, is_new] = known.try_emplace(address);
  Dl_info info{};
  if (!is_new || ::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return at->second;
  auto& r = readers[info.dli_fname];
  if (r == nullptr) r = std::make_unique<reader>(info.dli_fname);
  auto const is_fixed = static_cast<ElfW(Ehdr) const*>(info.dli_fbase)->e_type == ET_EXEC;
  auto const* const base = is_fixed ? nullptr : static_cast<char*>(info.dli_fbase);
  at->second = r->places(static_cast<char*>(address) - base - 1);
  return at->second;
}

}  // namespace

bool is_foreign(std::string_view file) noexcept {
  if (file.starts_with(own_folder()) && file.rfind('/') < own_folder().size()) return true;
  return file.empty() || file.starts_with('?') || file.find("/include/c++/") != file.npos ||
         file.find("include/weft/check/") != file.npos;
}

spot caller() {
  void* frames[48];
  auto const count = ::backtrace(frames, 48);
  for (int i = 1; i < count; ++i) {
    for (std::string_view const place : look_up(frames[i])) {
      if (is_foreign(place)) continue;
      auto const colon = place.rfind(':');
      spot s;  // its line is unknown where the compiler has made one call of several
      s.file = place.substr(0, colon);
      std::from_chars(place.data() + colon + 1, place.data() + place.size(), s.line);
      return s;
    }
  }
  return {};
}

}  // namespace weft::check::detail
