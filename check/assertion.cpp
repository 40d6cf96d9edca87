// SPDX-License-Identifier: Apache-2.0
// A failed assert() of code that was included under <weft/check/std.hpp>.
#include "execution.hpp"

#include <weft/check/std/storage.hpp>

namespace weft::check::detail {

void failed_assertion(char const* what, char const* file, unsigned line,
                      char const* function) noexcept {
  auto* const e = execution::current();
  if (e == nullptr) __assert_fail(what, file, line, function);
  e->tracked = false;
  std::string_view const path = file;
  e->fail(verdict::wrong, std::string("the assertion ") + what + " does not hold, at " +
                              std::string(path.substr(path.rfind('/') + 1)) + ':' +
                              std::to_string(line) + " in " + function);
}

}  // namespace weft::check::detail
