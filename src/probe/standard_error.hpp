// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <string_view>

namespace weft::inline WEFT_ON {

/// Writes a line to standard error in one piece, and leaves errno as it was. If standard error is
/// closed or full the line is lost: there is nobody to tell.
void write_standard_error(std::string_view line) noexcept;

}  // namespace weft::inline WEFT_ON
