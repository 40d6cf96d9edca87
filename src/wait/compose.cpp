// SPDX-License-Identifier: Apache-2.0
#include <weft/wait/compose.hpp>
#include <weft/wait/select.hpp>

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

std::uint32_t any_number() noexcept {
  struct random_tag;
  using state = atoms::thread_slot<std::uint32_t, random_tag>;
  auto x = state::get();
  // The first number of a thread comes from the clock; then xorshift (Marsaglia 2003).
  if (x == 0) x = static_cast<std::uint32_t>(atoms::now().time_since_epoch().count()) | 1;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  state::set(x);
  return x;
}

}  // namespace weft::inline WEFT_ON::detail
