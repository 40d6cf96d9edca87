// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clock.hpp"

#include <weft/check/engine.hpp>

#include <vector>

namespace weft::check::detail {

/// A piece of memory that the scenario allocated.
struct block {
  char* at = nullptr;
  std::size_t size = 0;
  site made, freed;
  std::uint32_t made_line = 0, freed_line = 0;  // of the story
  bool is_freed = false;
  bool for_ever = false;  // no leak
  std::uint8_t freed_by = 0;
};

/// The memory of one execution: everything its threads allocate, at the same addresses each time.
///
/// Nothing is given out twice in one execution; what is freed is filled with a pattern and stays
/// put, so that whoever still uses it is found. All of it goes when the execution has ended.
class heap {
 public:
  heap();
  heap(heap const&) = delete;
  heap& operator=(heap const&) = delete;
  ~heap();

  void reset() noexcept;
  /// Null if the execution has used up its share, `limit` bytes.
  [[nodiscard]] block* allocate(std::size_t size, std::size_t align) noexcept;
  void free(block& b) noexcept;

  [[nodiscard]] bool owns(void const* p) const noexcept {
    return p >= start_ && p < start_ + limit;
  }
  /// The block that `p` lies in, or null.
  [[nodiscard]] block* find(void const* p) noexcept;
  [[nodiscard]] std::vector<block>& blocks() noexcept { return blocks_; }
  /// True if nobody wrote to a freed block.
  [[nodiscard]] static bool untouched(block const& b) noexcept;

  static constexpr std::size_t limit = std::size_t{64} << 20;

 private:
  static constexpr std::size_t grain = 16;
  char* start_ = nullptr;
  std::uint32_t* block_at_ = nullptr;  // 1 + number of the block, for each grain
  std::size_t used_ = 0;
  std::vector<block> blocks_;
};

/// Memory at an address that is the same in every run of the program, if it can be had.
[[nodiscard]] void* map_at(std::uintptr_t address, std::size_t size);

}  // namespace weft::check::detail
