// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "command.hpp"

#include <string_view>

namespace weft::cli {

/// True if text for standard output may be coloured: asked for, or a terminal that can, and
/// neither NO_COLOR nor TERM=dumb says otherwise.
[[nodiscard]] bool coloured(colour asked);

/// Writes all of `text` to standard output. False, after a message, if that is not possible.
[[nodiscard]] bool print(std::string_view text);

/// Writes "weft: text" to standard error.
void complain(std::string_view text);

}  // namespace weft::cli
