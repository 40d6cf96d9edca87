// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/scenario.hpp>

// The scenarios of this folder: mutants.model.cpp runs them again, with mistakes in the code.
namespace weft_test {

extern scenarios const group_scenarios;
extern scenarios const unjoined_scenarios;

}  // namespace weft_test
