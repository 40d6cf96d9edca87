// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/scenario.hpp>

// The scenarios of this folder, each list by the file it stands in: mutants.model.cpp runs them
// again, with mistakes in the code.
namespace weft_test {

extern scenarios const parking_scenarios;
extern scenarios const part_scenarios;
extern scenarios const executor_scenarios;
extern scenarios const large_scenarios;  // tried at random

}  // namespace weft_test
