// SPDX-License-Identifier: Apache-2.0
#include "boot.hpp"

#include <cstdlib>
#include <filesystem>

namespace weft::inline WEFT_ON::scheme::detail {

module_folders find_modules(std::string const& asked) {
  namespace fs = std::filesystem;
  auto const in = [](fs::path const& folder) {
    return module_folders{folder.string(), (folder / "ccache").string()};
  };
  if (!asked.empty()) return in(asked);
  if (char const* const named = std::getenv("WEFT_MODULES"); named && *named) return in(named);
  return {WEFT_SCHEME_SOURCES, WEFT_SCHEME_COMPILED};
}

}  // namespace weft::inline WEFT_ON::scheme::detail
