// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/audit.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

// An audit weakens what its scenarios meet. What none of them comes to is found here, by its tag.
namespace weft_test {

/// How many orders of a file no scenario comes to yet, at most. Only ever taken from.
inline std::size_t not_yet_met(std::string_view file) {
  if (file == "exec/blocking_pool.hpp") return 1;
  if (file == "exec/parking.cpp") return 2;
  if (file == "exec/scheduler.cpp") return 7;
  if (file == "exec/spares.cpp") return 3;
  return 0;
}

/// A line of source: what is code, and the comment behind it.
struct source_line_parts {
  std::string code;
  std::string comment;

  explicit source_line_parts(std::string const& line)
      : code(line.substr(0, line.find("//"))), comment(line.substr(code.size())) {
    code.erase(code.find_last_not_of(" \t") + 1);
    comment.erase(0, comment.find_first_not_of("/ \t"));
  }

  /// True if an access with an order that matters ends here; `light` may be a plain store.
  [[nodiscard]] bool has_order() const {
    bool const tagged =
        comment.starts_with("pub ") || comment.starts_with("sub ") || comment.starts_with("dek ");
    return tagged && !code.empty() && comment.find(" light") == std::string::npos;
  }
  [[nodiscard]] bool excuses() const { return code.empty() && comment.starts_with("audit: "); }
  /// How many more parentheses are opened than closed.
  [[nodiscard]] long opened() const {
    return std::count(code.begin(), code.end(), '(') - std::count(code.begin(), code.end(), ')');
  }
};

/// `name` as an audit has it, below include/weft or src.
inline std::filesystem::path source_of(std::string const& name) {
  auto const root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  auto const header = root / "include/weft" / name;
  return std::filesystem::exists(header) ? header : root / "src" / name;
}

/// The tagged accesses of a file that the audit did not come to, as FILE:LINE: SOURCE. One that no
/// scenario can come to says so: a comment `audit: REASON` alone on the line above its statement.
inline std::vector<std::string> never_met(std::string const& name,
                                          std::vector<weft::check::finding> const& findings) {
  std::vector<std::string> missed;
  std::ifstream in(source_of(name));
  std::string line;
  unsigned begin = 1;  // where the outermost call began that the line is part of
  long open = 0;
  bool excused = false;
  for (unsigned at = 1; std::getline(in, line); ++at) {
    source_line_parts const parts(line);
    if (open == 0) begin = at;
    auto const meets = [&](weft::check::finding const& f) {
      auto const& where = f.access.where;
      return where.line >= begin && where.line <= at && where.file.ends_with(name);
    };
    if (parts.has_order() && !excused && std::none_of(findings.begin(), findings.end(), meets)) {
      missed.push_back(name + ':' + std::to_string(at) + ": " + line);
    }
    open += parts.opened();
    excused = parts.excuses() || (excused && (parts.code.empty() || open != 0));
  }
  return missed;
}

}  // namespace weft_test
