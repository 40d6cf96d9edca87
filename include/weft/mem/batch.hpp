// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <cstddef>

namespace weft::inline WEFT_ON::detail {

/// What a free block's memory is used for.
struct free_block {
  free_block* next;
};

/// Free blocks, linked. Whoever has it owns them.
struct batch {
  free_block* top = nullptr;
  unsigned count = 0;

  void push(void* p) noexcept {
    auto* b = static_cast<free_block*>(p);
    b->next = top;
    top = b;
    ++count;
  }
  free_block* pop() noexcept {
    free_block* b = top;
    top = b->next;
    --count;
    return b;
  }
};

/// How the blocks of a pool are laid out.
struct block_shape {
  std::size_t bytes = 0;        // of one block
  std::size_t offset = 0;       // of the first in its chunk
  std::size_t chunk_bytes = 0;  // a power of two: a chunk lies at a multiple of it
  unsigned capacity = 0;        // blocks in a chunk
  unsigned travelling = 0;      // blocks that go through the depot together
};

}  // namespace weft::inline WEFT_ON::detail
