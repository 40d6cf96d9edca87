// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace wordcount {

/// A file that is read from its beginning to its end.
///
/// blocks    every member; this file has no coroutines, and system calls are only here
/// throws    failure, which names the file
class input_file {
 public:
  explicit input_file(std::string path);
  input_file(input_file&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  input_file& operator=(input_file&&) = delete;
  ~input_file();

  /// Fills `room` from its start: how many bytes came, 0 at the end. Empty: a pipe has had nothing
  /// for a tenth of a second.
  [[nodiscard]] std::optional<std::size_t> read(std::span<char> room);

  /// Fills `room` with what begins at `offset`: how many bytes came, fewer only at the end. Not of
  /// a pipe.
  [[nodiscard]] std::size_t read_at(std::span<char> room, std::uint64_t offset);

  /// Its size; 0 if that is not known. Checks that it can be read, without opening a pipe.
  [[nodiscard]] static std::uint64_t check(std::string const& path);
  /// The same, of a file that can be read in any order: a pipe is refused.
  [[nodiscard]] static std::uint64_t check_regular(std::string const& path);

 private:
  std::string path_;
  int descriptor_;
};

/// Writes all of it to standard output.
void write_to_stdout(std::string_view text);

/// False if it was closed when the program began: the next file opened would take its place.
[[nodiscard]] bool stdout_is_open() noexcept;

/// True if standard error is a terminal.
[[nodiscard]] bool stderr_is_terminal() noexcept;

}  // namespace wordcount
