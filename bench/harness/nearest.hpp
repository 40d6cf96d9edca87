// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// How many letters must be added, dropped or changed to turn one text into the other.
std::size_t edit_distance(std::string_view left, std::string_view right);

/// At most `most` of `names`, the nearest to `wanted` first.
///
/// A row's name is as near as its nearest beginning that ends at a dot, at the slash, or at all:
/// "task.spwan" finds "task.spawn/tbb".
std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& names,
                                 std::size_t most);

}  // namespace bench
