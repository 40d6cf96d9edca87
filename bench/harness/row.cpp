// SPDX-License-Identifier: Apache-2.0
#include "row.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>
#include <utility>

namespace bench {
namespace {

std::vector<row>& declared_rows() {
  static std::vector<row> rows;
  return rows;
}

}  // namespace

add::add(row declared) { declared_rows().push_back(std::move(declared)); }

std::vector<row> all_rows() {
  std::vector<row> rows = declared_rows();
  std::ranges::sort(rows, {}, &row::name);
  for (const row& r : rows) check(r);
  const auto twice = std::ranges::adjacent_find(rows, {}, &row::name);
  if (twice != rows.end()) throw std::logic_error{"two rows are named " + twice->name};
  return rows;
}

std::string_view rival_name(std::string_view row_name) {
  return row_name.substr(row_name.find('/') + 1);
}

void check(const row& declared) {
  static const std::regex shape{"[a-z0-9_]+(\\.[a-z0-9_]+){1,2}/[a-z0-9_]+"};
  if (!std::regex_match(declared.name, shape))
    throw std::logic_error{"the row \"" + declared.name + "\" is not named area.item[.case]/rival"};
  if (!declared.ours) throw std::logic_error{"the row " + declared.name + " does not measure ours"};
}

}  // namespace bench
