// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <cstddef>

namespace weft::inline WEFT_ON {

/// Memory for one coroutine frame of `bytes` bytes, aligned to 16.
///
/// Frames come and go at the rate of calls, in a few sizes, and end on another thread than they
/// began on. So each thread keeps short free lists by size; a block joins the lists of the thread
/// that frees it, and what a thread has too much of travels to the others through a depot, 32
/// blocks at a time. A block has no header: whoever frees it knows its size, as a coroutine does.
///
/// The memory of small frames stays with the process for reuse. With no header nobody can tell
/// when the last block of a chunk came home, and a runtime that once had a million tasks will
/// have them again. It is bounded by the most frames that were alive at one time, by size class,
/// plus 64 blocks a class in each thread. Frames above 2 KiB go to operator new and back.
///
/// Under the address and thread sanitizers, and where WEFT_MALLOC_FRAMES is defined when the
/// library is built, every frame is one of operator new, so that a use after free is reported.
///
/// threads   any
/// blocks    no; once in 32 calls a lock for a few instructions
/// cost      a pair of allocate and free takes 4 to 5 ns, where malloc and free take 7 to 10
/// throws    std::bad_alloc
/// source    Bonwick & Adams, "Magazines and Vmem", USENIX 2001: two magazines a thread, a depot
[[nodiscard]] void* frame_allocate(std::size_t bytes);

/// Gives back what frame_allocate(bytes) gave; `bytes` is the same number.
///
/// threads   any, not only the one that allocated
/// cost      as frame_allocate
void frame_free(void* block, std::size_t bytes) noexcept;

/// How much memory the frame lists hold, in use and free together.
struct frame_usage {
  std::size_t bytes = 0;   // taken from the system for small frames, kept for reuse
  std::size_t chunks = 0;  // in so many pieces
};

/// A figure for people: the two numbers may be of slightly different moments.
[[nodiscard]] frame_usage frame_memory() noexcept;

}  // namespace weft::inline WEFT_ON
