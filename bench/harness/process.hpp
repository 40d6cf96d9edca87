// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bench {

/// Runs this program again with `arguments` and gives what it wrote to standard output.
///
/// blocks    until the process has ended; past `limit` it is killed
/// throws    std::runtime_error if it cannot start, does not exit with 0, or is too slow
std::string run_self(const std::vector<std::string>& arguments, std::chrono::seconds limit);

}  // namespace bench
