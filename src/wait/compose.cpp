// SPDX-License-Identifier: Apache-2.0
#include <weft/wait/compose.hpp>

#include <cstdio>

namespace weft::inline WEFT_ON::detail {

std::string timeout_text(duration limit, wait_info const& of) {
  char text[160];
  auto const s = std::chrono::duration<double>(limit).count();
  std::snprintf(text, sizeof text, "timed out after %g s, waiting for %s%s%s%s", s,
                of.verb[0] ? of.verb : "an operation", of.name ? " of \"" : "",
                of.name ? of.name : "", of.name ? "\"" : "");
  return text;
}

void throw_ended(scope const& by) {
  if (by.state()->late()) throw timeout_error("timed out: " + by.reason());
  throw cancelled(by.reason());
}

}  // namespace weft::inline WEFT_ON::detail
