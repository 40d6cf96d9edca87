// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guile.hpp"

#include <string>

namespace weft::inline WEFT_ON::scheme::detail {

/// Where (weft)'s modules lie: their text, and what it was compiled to.
struct module_folders {
  std::string sources, compiled;
};
/// `asked`, or WEFT_MODULES, or where they were installed or built.
[[nodiscard]] module_folders find_modules(std::string const& asked);

/// Starts Guile and makes the module (weft core), once.
void boot_core(module_folders const& where);

/// Loads (weft), once.
///
/// throws    scheme_error
void boot_language();

/// Calls body(arg) in Guile mode; the text of what it raised, or nothing.
[[nodiscard]] std::string attempt_in_guile(SCM (*body)(void*), void* arg);

}  // namespace weft::inline WEFT_ON::scheme::detail
