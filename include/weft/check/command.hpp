// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/audit.hpp>
#include <weft/check/explore.hpp>

#include <vector>

namespace weft::check {

/// The main function of a program of scenarios: explores each, and prints what came of it.
///
///     int main(int argc, char** argv) {
///       return weft::check::main(argc, argv, {{"push and pop", push_and_pop}});
///     }
///
/// `--help` lists the options: which scenarios, how they are explored, the replay of a failure, the
/// audit of their orders. The story of a failure ends with the command that replays it.
///
/// returns   0 if all is well, 3 if a scenario failed or the audit has found something, 2 if the
///           command line makes no sense
[[nodiscard]] int main(int argc, char** argv, std::vector<scenario> scenarios);

}  // namespace weft::check
