// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "file.hpp"
#include "text.hpp"

#include <memory>
#include <vector>

namespace wordcount {

/// Room for text, and the padding that count_words asks for.
struct buffer {
  buffer() = default;
  explicit buffer(std::size_t n)
      : data(std::make_unique_for_overwrite<char[]>(n + padding)), room(n) {}

  std::unique_ptr<char[]> data;
  std::size_t room = 0;
};

/// A piece of a file, cut between words.
struct chunk {
  [[nodiscard]] std::string_view text() const noexcept { return {bytes.data.get(), size}; }

  std::uint64_t number = 0;  // among all chunks, in order
  std::size_t file = 0;
  std::uint64_t offset = 0;  // in that file
  std::size_t size = 0;
  buffer bytes;
};

/// Cuts files into chunks, one after the other.
///
/// A chunk is as large as its buffer, a little less if it ends at a cut; a word that is longer than
/// a buffer makes the buffer grow.
class chunk_source {
 public:
  enum class state { filled, waiting, ended };

  /// lifetime  `paths` outlives the source
  chunk_source(std::vector<std::string> const& paths, std::size_t chunk_size)
      : paths_(paths), now_(chunk_size) {}

  /// Makes the next chunk; `spare` takes the place of its buffer.
  ///
  /// blocks    reads; gives `waiting` if a pipe is silent: call it again with the same arguments
  /// throws    failure, which names the file
  [[nodiscard]] state fill(chunk& next, buffer& spare);

  [[nodiscard]] std::uint64_t chunks() const noexcept { return number_; }

 private:
  void hand_out(chunk& next, buffer& spare, std::size_t size);

  std::vector<std::string> const& paths_;
  std::size_t file_ = 0;
  std::optional<input_file> open_;
  buffer now_;
  std::size_t used_ = 0;      // of now_
  std::uint64_t offset_ = 0;  // of now_ in the file
  std::uint64_t number_ = 0;
};

}  // namespace wordcount
