// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clock.hpp"

#include <weft/check/engine.hpp>

#include <array>
#include <vector>

namespace weft::check::detail {

/// What is known of the accesses to one plain object.
///
/// A plain access of a thread counts as part of its next step: whoever synchronises with that step
/// knows of it.
struct cell {
  void const* at = nullptr;
  std::size_t size = 0;
  vector_clock read;
  std::array<site, max_threads> read_at{};
  std::array<std::uint32_t, max_threads> read_line{};  // of the story
  std::uint16_t written = 0;
  std::uint8_t writer = 0;
  site written_at;
  std::uint32_t written_line = 0;
};

/// The plain objects of one execution, by address.
class cells {
 public:
  void reset() noexcept;
  [[nodiscard]] cell& find(void const* at, std::size_t size);
  [[nodiscard]] std::vector<cell>& all() noexcept { return cells_; }

 private:
  struct entry {
    void const* at = nullptr;
    std::uint32_t execution = 0;
    std::uint32_t cell = 0;
  };
  [[nodiscard]] std::size_t place_of(void const* at) const noexcept;
  void grow();

  std::vector<cell> cells_;
  std::vector<entry> table_ = std::vector<entry>(256);
  std::uint32_t execution_ = 1;
};

}  // namespace weft::check::detail
