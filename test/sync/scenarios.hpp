// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/scenario.hpp>

// The scenarios of this folder, each list by the file it stands in: mutants.model.cpp runs them
// again, with mistakes in the code.
namespace weft_test {

extern scenarios const mutex_scenarios;
extern scenarios const semaphore_scenarios;
extern scenarios const gate_scenarios;
extern scenarios const future_scenarios;

}  // namespace weft_test
