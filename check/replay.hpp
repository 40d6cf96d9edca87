// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/explore.hpp>

#include <optional>
#include <string>
#include <string_view>

// A failure is replayed by the name of its scenario and its schedule, NAME:SCHEDULE: what
// check::main() takes as --replay, and explore(), in any program, from the environment variable
// WEFT_REPLAY.
namespace weft::check::detail {

/// The schedule that WEFT_REPLAY has for the scenario of that name.
[[nodiscard]] std::optional<std::string> schedule_wanted(std::string_view name);

/// The shell command that runs this program so that it replays the failure.
[[nodiscard]] std::string command_to_replay(result const& r);

/// While it lives, that command is this one with NAME:SCHEDULE behind it.
class replay_by {
 public:
  explicit replay_by(std::string command);
  replay_by(replay_by const&) = delete;
  replay_by& operator=(replay_by const&) = delete;
  ~replay_by();
};

/// As one word of a shell's command line.
[[nodiscard]] std::string quoted(std::string_view word);

}  // namespace weft::check::detail
