// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <vector>

namespace weft::check::detail {

std::string const& source_line(std::string const& file, unsigned line) {
  static std::map<std::string, std::vector<std::string>> files;
  static std::string const nothing;
  auto const [at, is_new] = files.try_emplace(file);
  if (is_new) {
    std::ifstream in(file);
    for (std::string l; std::getline(in, l);) at->second.push_back(std::move(l));
  }
  return line == 0 || line > at->second.size() ? nothing : at->second[line - 1];
}

namespace {

bool names(char c) noexcept { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// The expression that ends before `end`: names joined by . -> :: and what is in brackets.
std::string expression_before(std::string const& l, std::size_t end) {
  auto i = end;
  while (i > 0) {
    auto const c = l[i - 1];
    if (c == ']' || c == ')') {
      auto const open = c == ']' ? '[' : '(';
      int depth = 0;
      auto j = i;
      while (j > 0) {
        --j;
        depth += l[j] == c ? 1 : l[j] == open ? -1 : 0;
        if (depth == 0) break;
      }
      if (depth != 0 || (c == ')' && (j == 0 || !names(l[j - 1])))) break;
      i = j;
    } else if (names(c) || c == '.') {
      --i;
    } else if (c == '>' && i > 1 && l[i - 2] == '-') {
      i -= 2;
    } else if (c == ':' && i > 1 && l[i - 2] == ':') {
      i -= 2;
    } else {
      break;
    }
  }
  auto name = l.substr(i, end - i);
  static constexpr std::string_view words[] = {"const", "else", "mutable", "noexcept", "override"};
  bool const is_none = name.starts_with('.') || name.starts_with('-') ||
                       std::find(std::begin(words), std::end(words), name) != std::end(words);
  return is_none ? std::string{} : name;
}

using calls = std::vector<std::string_view>;

std::string object_of(spot const& where, calls const& any_of) {
  auto const& l = source_line(where.file, where.line);
  // Of several calls on one line the one nearest to the column is meant: one compiler names the
  // begin of the call, the other the end of the name.
  std::size_t best = std::string::npos, distance = l.size() + 1;
  std::string found;
  for (auto const call : any_of) {
    for (auto at = l.find(call); at != std::string::npos; at = l.find(call, at + 1)) {
      auto end = at;
      if (end >= 1 && l[end - 1] == '.') {
        end -= 1;
      } else if (end >= 2 && l[end - 1] == '>' && l[end - 2] == '-') {
        end -= 2;
      } else {
        continue;
      }
      auto name = expression_before(l, end);
      if (name.empty()) continue;
      std::size_t const column = where.column;
      auto const begin = end - name.size() + 1;
      auto const off = column < begin ? begin - column : column > at + 24 ? column - at - 24 : 0;
      if (best == std::string::npos || off < distance || (off == 0 && at > best)) {
        best = at;
        distance = off;
        found = std::move(name);
      }
    }
  }
  return found;
}

// What a call of park() or unpark() on that line is given first.
std::string argument_at(spot const& where) {
  auto const& l = source_line(where.file, where.line);
  auto begin = l.find("park");
  if (begin != std::string::npos) begin = l.find('(', begin);
  if (begin == std::string::npos) return {};
  ++begin;
  if (begin < l.size() && l[begin] == '&') ++begin;
  auto end = begin;
  while (end < l.size() && l[end] != ',' && l[end] != ')') ++end;
  return expression_before(l, end) == l.substr(begin, end - begin) ? l.substr(begin, end - begin)
                                                                   : std::string{};
}

// The mutex that a lock is made for: std::scoped_lock hold{m}, std::unique_lock<M> lock(m, ...).
std::string guarded_at(spot const& where) {
  auto const& l = source_line(where.file, where.line);
  for (std::string_view const kind : {"_lock", "lock_guard"}) {
    auto at = l.find(kind);
    if (at == std::string::npos) continue;
    at = l.find_first_of("({", at);
    if (at == std::string::npos) continue;
    auto const end = l.find_first_of(",)}", at);
    auto const name = l.substr(at + 1, end - at - 1);
    if (end != std::string::npos && expression_before(l, end) == name) return name;
  }
  return {};
}

// Where `=`, alone or with an operator before it, assigns; npos if the line has none, or several.
std::size_t assignment_in(std::string const& l) {
  std::size_t found = std::string::npos;
  for (auto at = l.find('='); at != std::string::npos; at = l.find('=', at + 1)) {
    if (at + 1 < l.size() && l[at + 1] == '=') {
      ++at;
      continue;
    }
    if (at > 0 && std::string_view("=!<>[").find(l[at - 1]) != std::string_view::npos) continue;
    if (found != std::string::npos) return std::string::npos;
    found = at;
  }
  return found;
}

std::string assigned_at(spot const& where) {
  auto const& l = source_line(where.file, where.line);
  auto const at = assignment_in(l);
  if (at == std::string::npos) return {};
  auto end = at;
  while (end > 0 && (l[end - 1] == ' ' ||
                     std::string_view("+-*/%&|^").find(l[end - 1]) != std::string_view::npos)) {
    --end;
  }
  return expression_before(l, end);
}

// What is made there, with a brace behind its name: check::var<int> count{0};
std::string made_at(spot const& where) {
  auto const& l = source_line(where.file, where.line);
  auto const brace = l.find('{');
  auto const type = l.find("var");
  if (brace == std::string::npos || type == std::string::npos || type > brace) return {};
  auto name = expression_before(l, brace);
  return name.find('(') == name.npos && l.find_first_of(",{", brace + 1) == l.npos ? std::move(name)
                                                                                   : std::string{};
}

// What is read there, if it can be one thing only: if (ready), auto const v = n->value;
std::string read_at(spot const& where) {
  auto const& l = source_line(where.file, where.line);
  auto begin = assignment_in(l);
  begin = begin == std::string::npos ? 0 : begin + 1;
  if (auto const open = l.find("return "); open != std::string::npos) begin = open + 7;
  if (auto const open = l.find("if ("); open != std::string::npos) begin = open + 4;
  if (auto const open = l.find("while ("); open != std::string::npos) begin = open + 7;
  while (begin < l.size() && (l[begin] == ' ' || l[begin] == '!')) ++begin;
  auto end = begin;
  while (end < l.size() && std::string_view(";) ").find(l[end]) == std::string_view::npos) ++end;
  auto const name = l.substr(begin, end - begin);
  bool const alone = end == l.size() || l[end] != ' ';
  bool const plain = !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
                     name.find('(') == name.npos && expression_before(l, end) == name;
  return alone && plain ? name : std::string{};
}

}  // namespace

std::string object_at(spot const& where) {
  static calls const all = {"load(", "store(",  "exchange(", "compare_exchange_", "fetch_",
                            "wait(", "notify_", "lock(",     "try_lock(",         "unlock("};
  auto name = object_of(where, all);
  if (name.empty()) name = argument_at(where);
  return name.empty() ? guarded_at(where) : name;
}

std::string plain_at(spot const& where, bool write) {
  static calls const all = {"get(", "set(", "change("};
  auto name = object_of(where, all);
  if (!name.empty()) return name;
  if (!write) return read_at(where);
  name = assigned_at(where);
  return name.empty() ? made_at(where) : name;
}

std::string show(spot const& s) {
  auto name = s.file.substr(s.file.rfind('/') + 1);
  return s.line == 0 ? name : name + ':' + std::to_string(s.line);
}

}  // namespace weft::check::detail
