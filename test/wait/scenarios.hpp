// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/scenario.hpp>

// The scenarios of this folder, each list by the file it stands in: mutants.model.cpp runs them
// again, with mistakes in the code.
namespace weft_test {

extern scenarios const waiter_scenarios;
extern scenarios const wait_scenarios;
extern scenarios const cancel_scenarios;

}  // namespace weft_test
