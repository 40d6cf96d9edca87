// SPDX-License-Identifier: Apache-2.0
#include "story.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace weft::check::detail {

std::string show(site where) {
  if (where.line() == 0) return {};
  std::string_view const file = where.file_name();
  return std::string(file.substr(file.rfind('/') + 1)) + ':' + std::to_string(where.line());
}

char const* show(order o) noexcept {
  switch (o) {
    case order::relaxed:
      return "relaxed";
    case order::consume:
      return "consume";
    case order::acquire:
      return "acquire";
    case order::release:
      return "release";
    case order::acq_rel:
      return "acq_rel";
    case order::seq_cst:
      return "seq_cst";
  }
  return "?";
}

std::string show(word v, shape s, unsigned size) {
  switch (s) {
    case shape::boolean:
      return v.low != 0 ? "true" : "false";
    case shape::number:
      return std::to_string(v.low);
    case shape::negative: {
      auto const bits = 64 - 8 * (size == 0 || size > 8 ? 8 : size);
      return std::to_string(static_cast<std::int64_t>(v.low << bits) >> bits);
    }
    case shape::pointer:
      if (v.low == 0) return "null";
      break;
    case shape::bytes:
      break;
  }
  char text[40];
  if (v.high != 0) {
    std::snprintf(text, sizeof text, "0x%llx'%016llx", static_cast<unsigned long long>(v.high),
                  static_cast<unsigned long long>(v.low));
  } else {
    std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(v.low));
  }
  return text;
}

std::string thread_name(unsigned thread) {
  return thread == 0 ? std::string("scenario") : "thread " + std::to_string(thread);
}

void story::begin(bool telling) {
  telling_ = telling;
  lines_.clear();
  names_.clear();
}

std::uint32_t story::tell(unsigned thread, std::string text, site where) {
  return telling_ ? tell(thread, std::move(text), show(where)) : 0;
}

std::uint32_t story::tell(unsigned thread, std::string text, std::string where) {
  if (!telling_) return 0;
  lines_.push_back({thread, std::move(text), std::move(where)});
  return length();
}

std::string story::line_text(std::uint32_t number) const {
  auto const& l = lines_[number - 1];
  return (l.where.empty() ? "" : l.where + ", ") + "step " + std::to_string(number) + ", by " +
         thread_name(l.thread);
}

std::string const& story::name(std::uint32_t place, site where) {
  if (place >= names_.size()) names_.resize(place + 1);
  auto& n = names_[place];
  if (n.empty()) {
    n = object_at(where);
    if (n.empty()) n = "atomic " + std::to_string(place);
    // Two objects that the program calls the same get a number each.
    auto const others = std::count_if(names_.begin(), names_.end(), [&](std::string const& o) {
      return &o != &n && (o == n || o.starts_with(n + '#'));
    });
    if (others > 0) n += '#' + std::to_string(others + 1);
  }
  return n;
}

// How many lines from `begin` on are told once, `*times` times in all: a loop that goes round.
std::size_t story::round(std::size_t begin, std::size_t& times) const {
  for (std::size_t length = 1; length <= 6; ++length) {
    auto const same = [&](std::size_t i) { return lines_[i] == lines_[i - length]; };
    auto end = begin + length;
    while (end < lines_.size() && same(end)) ++end;
    times = (end - begin) / length;
    if (times >= 4) return length;
  }
  times = 1;
  return 1;
}

std::string story::text() const {
  if (lines_.empty()) return "(before the first step)\n";
  std::vector<std::size_t> width(max_threads);
  for (auto const& l : lines_) {
    width[l.thread] = std::max({width[l.thread], l.text.size(), thread_name(l.thread).size()});
  }
  auto const pad = [](std::string s, std::size_t to) {
    if (s.size() < to) s.resize(to, ' ');
    return s;
  };
  auto const columns = [&](unsigned thread, std::string const& text, bool all) {
    std::string row;
    for (unsigned t = 0; t < max_threads; ++t) {
      if (width[t] == 0) continue;
      row += "  " + pad(all ? thread_name(t) : t == thread ? text : std::string{}, width[t]);
    }
    return row;
  };
  std::string out = "step" + columns(0, {}, true) + "  at\n";
  std::vector<std::string> rows;
  for (std::size_t i = 0, times = 0; i < lines_.size();) {
    auto const length = round(i, times);
    for (auto const last = i + length; i < last; ++i) {
      auto const number = std::to_string(i + 1);
      auto row = std::string(4 - std::min<std::size_t>(4, number.size()), ' ') + number +
                 columns(lines_[i].thread, lines_[i].text, false) + "  " + lines_[i].where;
      while (row.back() == ' ') row.pop_back();
      rows.push_back(std::move(row));
    }
    if (times == 1) continue;
    i += length * (times - 1);
    rows.push_back("  ...  the same " + std::to_string(times - 1) + " times more");
  }
  constexpr std::size_t begin = 60, end = 60;  // of a long one
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == begin && rows.size() > begin + end) {
      i = rows.size() - end;
      out += "  ...  " + std::to_string(i - begin) + " lines are left out\n";
    }
    out += rows[i] + '\n';
  }
  return out;
}

}  // namespace weft::check::detail
