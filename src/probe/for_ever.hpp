// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <new>

namespace weft::inline WEFT_ON::detail {

/// A T that is never destroyed, as what is read by other threads at any time has to be; null if
/// there is no memory.
template <class T>
[[nodiscard]] T* make_for_ever() noexcept {
  try {
    return ::new (atoms::allocate_for_ever(sizeof(T), alignof(T))) T;
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

}  // namespace weft::inline WEFT_ON::detail
