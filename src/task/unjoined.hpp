// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/error_trace.hpp>

namespace weft::inline WEFT_ON::detail {

/// Gives an error that nobody joined to the handler.
void report_unjoined(std::exception_ptr e, stack_trace const& chain) noexcept;

/// What an exception says; its type's name if it is no std::exception.
[[nodiscard]] std::string text_of(std::exception_ptr const& e) noexcept;

}  // namespace weft::inline WEFT_ON::detail
