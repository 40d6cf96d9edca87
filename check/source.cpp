// SPDX-License-Identifier: Apache-2.0
#include "source.hpp"

#include "story.hpp"

#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>

#include <cctype>
#include <cstdio>
#include <fstream>
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
  return l.substr(i, end - i);
}

}  // namespace

namespace {

using calls = std::vector<std::string_view>;

std::string object_of(site where, calls const& any_of) {
  auto const& l = source_line(where.file_name(), where.line());
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
      auto const column = static_cast<std::size_t>(where.column());
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
std::string argument_at(site where) {
  auto const& l = source_line(where.file_name(), where.line());
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

}  // namespace

std::string object_at(site where) {
  static calls const all = {"load(", "store(",  "exchange(", "compare_exchange_", "fetch_",
                            "wait(", "notify_", "lock(",     "try_lock(",         "unlock("};
  auto name = object_of(where, all);
  return name.empty() ? argument_at(where) : name;
}

std::string plain_at(site where) {
  static calls const all = {"get(", "set(", "change("};
  return object_of(where, all);
}

namespace {

// The folder of the checker's own sources.
std::string_view own_folder() {
  std::string_view const here = __FILE__;
  return here.substr(0, here.rfind('/') + 1);
}

// Of the checker or the standard library: code of theirs is inlined into the program, too.
bool is_foreign(std::string_view place) {
  if (place.starts_with(own_folder()) && place.rfind('/') < own_folder().size()) return true;
  return place.empty() || place.starts_with('?') || place.find("/include/c++/") != place.npos ||
         place.find("include/weft/check/") != place.npos;
}

std::string line_of(FILE* from) {
  char text[1024];
  std::string line = std::fgets(text, sizeof text, from) != nullptr ? text : "";
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  return line;
}

// Asks addr2line, which every compiler brings along, about one return address: that place, and
// those of the functions into which that one was inlined.
std::vector<std::string> const& look_up(void* address) {
  static std::map<void*, std::vector<std::string>> known;
  auto const [at, is_new] = known.try_emplace(address);
  Dl_info info{};
  if (!is_new || ::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return at->second;
  auto const is_fixed = static_cast<ElfW(Ehdr) const*>(info.dli_fbase)->e_type == ET_EXEC;
  auto const* const base = is_fixed ? nullptr : static_cast<char*>(info.dli_fbase);
  char command[1024];
  std::snprintf(command, sizeof command, "addr2line -ie '%s' 0x%tx 2>/dev/null", info.dli_fname,
                static_cast<char*>(address) - base - 1);
  auto* const answer = ::popen(command, "r");
  if (answer == nullptr) return at->second;
  for (auto line = line_of(answer); !line.empty(); line = line_of(answer)) {
    at->second.push_back(line);
  }
  ::pclose(answer);
  return at->second;
}

}  // namespace

std::string caller() {
  void* frames[32];
  auto const count = ::backtrace(frames, 32);
  for (int i = 1; i < count; ++i) {
    for (auto const& place : look_up(frames[i])) {
      if (is_foreign(place)) continue;
      auto const name = place.substr(place.rfind('/') + 1);
      return name.substr(0, name.find(' '));
    }
  }
  return {};
}

}  // namespace weft::check::detail
