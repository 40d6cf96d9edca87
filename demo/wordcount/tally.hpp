// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chunk.hpp"
#include "word_table.hpp"

#include <stdexcept>

namespace wordcount {

/// Where the attempt at one chunk is made to fail: before, inside or after the publication of its
/// counts.
enum class fault_point { none, before, inside, after };

class attempt_failed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Makes the first attempt at one chunk fail.
///
/// threads   by whoever has the chunk, so by one at a time
class fault {
 public:
  fault(fault_point where, std::uint64_t number) noexcept : where_(where), number_(number) {}
  void strike(fault_point here, chunk const& at) {
    if (here != where_ || at.number != number_ || struck_) return;
    struck_ = true;
    throw attempt_failed("the attempt at chunk " + std::to_string(number_) + " failed");
  }

 private:
  fault_point where_;
  std::uint64_t number_;
  bool struck_ = false;
};

/// What one counting task has published. Its lock is around it: see counter::published.
class tally {
 public:
  /// Publishes the words of a chunk and the mark that it is done, together: both or, if this
  /// throws, neither. What can fail comes first.
  ///
  /// Returns false if the chunk was marked: an earlier attempt got so far, and failed later.
  bool publish(chunk const& c, word_table const& found, fault& f) {
    if (c.number < not_done_) return false;
    words.reserve_for(found);
    f.strike(fault_point::inside, c);
    words.add(found);
    bytes += c.size;
    ++chunks;
    not_done_ = c.number + 1;
    return true;
  }

  word_table words;
  std::uint64_t bytes = 0;
  std::uint64_t chunks = 0;

 private:
  std::uint64_t not_done_ = 0;  // a task gets its chunks in order: those below are done
};

}  // namespace wordcount
