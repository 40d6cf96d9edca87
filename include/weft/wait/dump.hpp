// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/context.hpp>

#include <string>

namespace weft::inline WEFT_ON {

/// What the executions below a scope do, as text for people: each with its chain of awaits, what
/// it waits for and since when; the ones that run are named without a chain.
///
/// cost      each sleeping execution is held for the time of a look; at most `most` are shown
[[nodiscard]] std::string describe_tasks(detail::scope_state& below, std::size_t most = 1000);

/// Number of executions below a scope.
[[nodiscard]] std::size_t count_tasks(detail::scope_state& below);

}  // namespace weft::inline WEFT_ON
