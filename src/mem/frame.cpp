// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/frame.hpp>

#include "mem/frame_lists.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(WEFT_SANITIZED)
#define WEFT_MALLOC_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define WEFT_MALLOC_FRAMES 1
#endif
#endif

namespace weft::inline WEFT_ON {
namespace {

using detail::frame_lists;

#if defined(WEFT_MALLOC_FRAMES)
constexpr bool alone = true;
#else
constexpr bool alone = false;
#endif

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
