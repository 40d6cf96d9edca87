// SPDX-License-Identifier: Apache-2.0
#include "boot.hpp"

#include <dlfcn.h>
#include <cstdlib>
#include <filesystem>

namespace weft::inline WEFT_ON::scheme::detail {

namespace fs = std::filesystem;

namespace {

// The program or library that this code is in: it may have been installed anywhere, and moved.
fs::path own_file() {
  Dl_info about;
  if (::dladdr(reinterpret_cast<void*>(&find_modules), &about) == 0 || !about.dli_fname) return {};
  std::error_code unknown;
  auto const found = fs::canonical(about.dli_fname, unknown);
  if (!unknown && found.has_filename()) return found;
  return fs::canonical("/proc/self/exe", unknown);  // started by a bare name
}

// bin/weft, lib/libweft_scheme.so and lib/TRIPLE/libweft_scheme.so have their prefix above them.
fs::path installed_under() {
  auto at = own_file().parent_path();
  for (int up = 0; up < 3 && at.has_relative_path(); ++up) {
    at = at.parent_path();
    std::error_code ignored;
    if (fs::exists(at / WEFT_SCHEME_SITE / "weft" / "program.scm", ignored)) return at;
  }
  return {};
}

}  // namespace

module_folders find_modules(std::string const& asked) {
  auto const in = [](fs::path const& folder) {
    return module_folders{folder.string(), (folder / "ccache").string()};
  };
  if (!asked.empty()) return in(asked);
  if (char const* const named = std::getenv("WEFT_MODULES"); named && *named) return in(named);
  if (auto const prefix = installed_under(); !prefix.empty())
    return {(prefix / WEFT_SCHEME_SITE).string(), (prefix / WEFT_SCHEME_SITE_CCACHE).string()};
  return {WEFT_SCHEME_SOURCES, WEFT_SCHEME_COMPILED};
}

}  // namespace weft::inline WEFT_ON::scheme::detail
