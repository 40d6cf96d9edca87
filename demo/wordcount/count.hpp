// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tally.hpp"

#include <weft/weft.hpp>

namespace wordcount {

struct request {
  std::vector<std::string> files;
  std::size_t top = 10;
  fault_point fail = fault_point::after;
  std::size_t chunk_size = std::size_t{1} << 20;
  bool progress = false;  // on standard error, which is a terminal
};

struct result {
  std::vector<word_count> top;
  std::uint64_t words = 0;
  std::uint64_t distinct = 0;
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0;
  unsigned workers = 0;
  unsigned retries = 0;
  double seconds = 0;
};

/// What belongs to one counting task and outlives a failed attempt of it.
struct counter {
  struct defect {
    std::size_t file;
    std::uint64_t offset;
    friend auto operator<=>(defect const&, defect const&) = default;
  };

  weft::guarded<tally> published;
  std::optional<chunk> in_hand;  // this and below: the task's own, until it has ended
  std::optional<defect> not_utf8;
  unsigned retries = 0;
};

/// Counts the words of files on all workers of the runtime.
///
/// throws    failure, for one who gave the files
[[nodiscard]] weft::task<result> count_files(request what);

/// Draws a bar until it is cancelled, from half a second on; then it takes the bar away.
[[nodiscard]] weft::task<> show_progress(std::vector<counter>& counters, std::uint64_t total);

}  // namespace wordcount
