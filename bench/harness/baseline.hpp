// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <vector>

#include "result.hpp"

namespace bench {

/// Says on `out` how the rows of `now` stand to those of `before`; gives the number of regressions.
///
/// Rows that only one of them has, and rows without a ratio, are not compared, and named.
std::size_t compare(const std::vector<result>& before, const std::vector<result>& now,
                    std::ostream& out);

}  // namespace bench
