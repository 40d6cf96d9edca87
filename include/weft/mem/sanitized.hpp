// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(WEFT_SANITIZED) || \
    defined(WEFT_MALLOC_FRAMES)
#define WEFT_POOLS_STEP_ASIDE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define WEFT_POOLS_STEP_ASIDE 1
#endif
#endif

namespace weft::inline WEFT_ON::detail {

/// True where pools and frame lists leave every block to operator new: a sanitizer then knows when
/// a block is free, and reports who uses it.
#if defined(WEFT_POOLS_STEP_ASIDE)
inline constexpr bool pools_step_aside = true;
#else
inline constexpr bool pools_step_aside = false;
#endif

}  // namespace weft::inline WEFT_ON::detail

#undef WEFT_POOLS_STEP_ASIDE
