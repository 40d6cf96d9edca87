// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <cstddef>
#include <type_traits>

namespace weft::inline WEFT_ON::detail {

/// Memory of `bytes` bytes, a power of two and at least a page, at a multiple of it, from the
/// system itself: what is given back is no longer resident.
///
/// cost      up to three system calls, and a fault for each page when it is first used
/// throws    std::bad_alloc
[[nodiscard]] void* map_pages(std::size_t bytes);
void unmap_pages(void* p, std::size_t bytes) noexcept;

/// The same by an atoms policy: only real threads have pages.
template <class Atoms>
[[nodiscard]] void* take_pages(std::size_t bytes) {
  if constexpr (std::is_same_v<Atoms, native>) {
    return map_pages(bytes);
  } else {
    return Atoms::allocate(bytes, bytes);
  }
}
template <class Atoms>
void give_pages(void* p, std::size_t bytes) noexcept {
  if constexpr (std::is_same_v<Atoms, native>) {
    unmap_pages(p, bytes);
  } else {
    Atoms::deallocate(p, bytes);
  }
}

}  // namespace weft::inline WEFT_ON::detail
