// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace weft {

/// The distance two fields need so that writing one does not slow reading the other.
///
/// 128, not 64: x86 fetches lines in pairs, and the constant of the standard library changes with
/// compiler flags, which a public layout must not.
inline constexpr std::size_t cache_line = 128;

}  // namespace weft
