// SPDX-License-Identifier: Apache-2.0
#include "replay.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <utility>

namespace weft::check::detail {

namespace {

std::string& command_of_main() {
  static std::string command;
  return command;
}

// The command line this program was started with.
std::string own_command() {
  std::ifstream in("/proc/self/cmdline");
  std::string command;
  for (std::string word; std::getline(in, word, '\0');) command += ' ' + quoted(word);
  return command;
}

}  // namespace

std::string quoted(std::string_view word) {
  constexpr std::string_view plain = "_-+=./:,@%";
  bool const as_it_is = !word.empty() && std::all_of(word.begin(), word.end(), [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || plain.find(c) != plain.npos;
  });
  if (as_it_is) return std::string(word);
  std::string text = "'";
  for (auto const c : word) {
    if (c == '\'') {
      text += R"('\'')";
    } else {
      text += c;
    }
  }
  return text + '\'';
}

replay_by::replay_by(std::string command) { command_of_main() = std::move(command); }
replay_by::~replay_by() { command_of_main().clear(); }

std::string command_to_replay(result const& r) {
  auto const what = quoted(r.asked.name + ':' + r.schedule);
  auto const& command = command_of_main();
  return command.empty() ? "WEFT_REPLAY=" + what + own_command() : command + ' ' + what;
}

std::optional<std::string> schedule_wanted(std::string_view name) {
  auto const* const text = std::getenv("WEFT_REPLAY");
  if (text == nullptr) return std::nullopt;
  std::string_view const wanted = text;
  auto const end = wanted.rfind(':');
  if (end == wanted.npos || wanted.substr(0, end) != name) return std::nullopt;
  return std::string(wanted.substr(end + 1));
}

}  // namespace weft::check::detail
