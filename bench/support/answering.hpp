// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/row.hpp"

#include <memory>
#include <string>
#include <vector>

namespace bench {

/// A program that answers questions: a line "QUESTION TIMES" in, a line with nanoseconds out.
class answering {
 public:
  /// throws    std::system_error if it cannot be started
  explicit answering(std::vector<std::string> const& command,
                     std::vector<std::string> const& environment = {});
  ~answering();
  answering(answering const&) = delete;
  answering& operator=(answering const&) = delete;

  /// Nanoseconds for each of so many times.
  ///
  /// throws    std::runtime_error if it has ended
  double ask(std::string const& question, std::uint64_t times);

 private:
  int process_;
  int in_;
  std::string unread_;
  int out_;
};

/// A side that asks a program, which is started with the row and asked the same each time.
[[nodiscard]] side asks(std::vector<std::string> command, std::string question, std::uint64_t times,
                        std::vector<std::string> environment = {});

}  // namespace bench
