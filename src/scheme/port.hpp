// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft::inline WEFT_ON::scheme::detail {

/// The primitives that write whole texts to shared ports, in the module that is being made.
void define_ports();

}  // namespace weft::inline WEFT_ON::scheme::detail
