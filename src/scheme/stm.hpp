// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record.hpp"

namespace weft::inline WEFT_ON::scheme::detail {

/// Gives up what the task's transaction was to write, and forgets it.
void end_transaction(record& r) noexcept;

/// The primitives of transactions, in the module that is being made.
void define_stm();

}  // namespace weft::inline WEFT_ON::scheme::detail
