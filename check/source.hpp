// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace weft::check::detail {

/// A line of a source file, counted from 1; empty if it cannot be read.
[[nodiscard]] std::string const& source_line(std::string const& file, unsigned line);

}  // namespace weft::check::detail
