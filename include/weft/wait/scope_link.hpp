// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/scope.hpp>
#include <weft/wait/waiter.hpp>

namespace weft::inline WEFT_ON::detail {

/// One wait that a scope besides the ambient one may end, as case `index`.
struct scope_link : scope_member {
  scope_link() noexcept : scope_member(kind::link) {}
  context* of = nullptr;
  case_id index = 0;
};

}  // namespace weft::inline WEFT_ON::detail
