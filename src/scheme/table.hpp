// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft::inline WEFT_ON::scheme::detail {

/// The primitives of hash tables that tasks share, in the module that is being made.
void define_tables();

}  // namespace weft::inline WEFT_ON::scheme::detail
