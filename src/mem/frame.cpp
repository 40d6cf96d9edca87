// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/frame.hpp>
#include <weft/mem/sanitized.hpp>

#include "mem/frame_lists.hpp"

namespace weft::inline WEFT_ON {
namespace {

using detail::frame_lists;

constexpr bool alone = detail::pools_step_aside;

}  // namespace

void* frame_allocate(std::size_t bytes) {
  if (alone || bytes > frame_lists::largest) [[unlikely]] {
    return atoms::allocate(bytes, frame_lists::grain);
  }
  return frame_lists::allocate(bytes);
}

void frame_free(void* block, std::size_t bytes) noexcept {
  if (alone || bytes > frame_lists::largest) [[unlikely]] {
    return atoms::deallocate(block, frame_lists::grain);
  }
  frame_lists::free(block, bytes);
}

frame_usage frame_memory() noexcept { return frame_lists::usage(); }

}  // namespace weft::inline WEFT_ON
