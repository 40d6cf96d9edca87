// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <assert.h>
#include <malloc.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

// The C heap as the checker's heap, and a failed assert() as a failed expectation. Outside a
// scenario both are what they always were.
inline void* weft_check_malloc(std::size_t size) { return ::operator new(size, std::nothrow); }
inline void* weft_check_calloc(std::size_t count, std::size_t size) {
  if (size != 0 && count > std::numeric_limits<std::size_t>::max() / size) return nullptr;
  auto* const p = weft_check_malloc(count * size);
  return p == nullptr ? p : std::memset(p, 0, count * size);
}
inline void* weft_check_aligned_alloc(std::size_t align, std::size_t size) {
  return ::operator new(size, std::align_val_t{align}, std::nothrow);
}
inline int weft_check_posix_memalign(void** to, std::size_t align, std::size_t size) {
  auto* const p = weft_check_aligned_alloc(align, size);
  if (p == nullptr) return ENOMEM;
  *to = p;
  return 0;
}
inline void weft_check_free(void* p) { ::operator delete(p); }

namespace std {
using ::weft_check_aligned_alloc;
using ::weft_check_calloc;
using ::weft_check_free;
using ::weft_check_malloc;
}  // namespace std

namespace weft::check::detail {
[[noreturn]] void failed_assertion(char const* what, char const* file, unsigned line,
                                   char const* function) noexcept;
}  // namespace weft::check::detail

extern "C" [[noreturn]] inline void weft_check_assert_fail(char const* what, char const* file,
                                                           unsigned line,
                                                           char const* function) noexcept {
  weft::check::detail::failed_assertion(what, file, line, function);
}
