// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record.hpp"

namespace weft::inline WEFT_ON::scheme::detail {

/// The primitives of locks and their like, in the module that is being made.
void define_sync();

}  // namespace weft::inline WEFT_ON::scheme::detail
