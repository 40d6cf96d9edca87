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
  plain_names_.clear();
  now_ = {chapter::setting};
}

spot story::at(site where) const {
  spot said{where.file_name(), where.line(), where.column()};
  if (!telling_ || (said.line != 0 && !is_foreign(said.file))) return said;
  auto found = caller();
  return !found.file.empty() ? found : said;
}

std::uint32_t story::add(unsigned thread, std::string text, spot const& where) {
  lines_.push_back({thread, std::move(text), detail::show(where), now_[thread]});
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
    n = object_at(at(where));
    if (n.empty()) n = "atomic " + std::to_string(place);
    // Two objects that the program calls the same get a number each.
    auto const others = std::count_if(names_.begin(), names_.end(), [&](std::string const& o) {
      return &o != &n && (o == n || o.starts_with(n + '#'));
    });
    if (others > 0) n += '#' + std::to_string(others + 1);
  }
  return n;
}

std::string story::plain_name(void const* address, bool write, site where) {
  auto name = plain_at(at(where), write);
  auto& known = plain_names_[address];
  if (!name.empty()) known = name;
  return known;
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

// The lines from `begin` on that belong to one chapter are told as one row.
std::size_t story::end_of_chapter(std::size_t begin) const {
  auto const& first = lines_[begin];
  auto end = begin + 1;
  if (first.part == chapter::body) return end;
  while (end < lines_.size() && lines_[end].thread == first.thread &&
         lines_[end].part == first.part) {
    ++end;
  }
  constexpr std::size_t few = 12;
  bool const is_short = first.part == chapter::setting && end - begin <= few;
  return end < lines_.size() && !is_short ? end : begin + 1;  // here it failed: that is told
}

std::vector<story::row> story::rows() const {
  std::vector<row> all;
  for (std::size_t i = 0, times = 0; i < lines_.size();) {
    auto const& l = lines_[i];
    if (auto const end = end_of_chapter(i); end > i + 1) {
      static constexpr char const* what[] = {"", "sets up: ", "is prepared: ", "leaves: "};
      auto const steps = std::to_string(end - i) + " steps";
      all.push_back({i + 1, end - i, l.thread, what[static_cast<int>(l.part)] + steps, {}});
      i = end;
      continue;
    }
    auto const length = round(i, times);
    for (auto const last = i + length; i < last; ++i) {
      all.push_back({i + 1, 1, lines_[i].thread, lines_[i].text, lines_[i].where});
    }
    if (times == 1) continue;
    i += length * (times - 1);
    all.push_back({0,
                   length * (times - 1),
                   0,
                   "  ...  the same " + std::to_string(times - 1) + " times more",
                   {}});
  }
  return all;
}

std::string story::text() const {
  if (lines_.empty()) return "(before the first step)\n";
  auto all = rows();
  constexpr std::size_t most = 120;  // rows of a long story: its begin and its end
  if (all.size() > most) {
    auto const from = all.begin() + most / 2, to = all.end() - most / 2;
    row const gap{0, 0, 0, "  ...  " + std::to_string(to - from) + " lines are left out", {}};
    *from = gap;
    all.erase(from + 1, to);
  }
  return table(all);
}

std::string story::table(std::vector<row> const& all) {
  std::array<std::size_t, max_threads> width{};
  std::size_t numbers = 4;
  auto const number = [](row const& r) {
    auto text = std::to_string(r.first);
    return r.count == 1 ? text : text + '-' + std::to_string(r.first + r.count - 1);
  };
  for (auto const& r : all) {
    if (r.first == 0) continue;
    width[r.thread] = std::max({width[r.thread], r.text.size(), thread_name(r.thread).size()});
    numbers = std::max(numbers, number(r).size());
  }
  auto const pad = [](std::string s, std::size_t to) {
    if (s.size() < to) s.resize(to, ' ');
    return s;
  };
  std::string out = pad("step", numbers);
  for (unsigned t = 0; t < max_threads; ++t) {
    if (width[t] != 0) out += "  " + pad(thread_name(t), width[t]);
  }
  out += "  at\n";
  for (auto const& r : all) {
    if (r.first == 0) {
      out += r.text + '\n';
      continue;
    }
    auto const n = number(r);
    auto line = std::string(numbers - n.size(), ' ') + n;
    for (unsigned t = 0; t < max_threads; ++t) {
      if (width[t] != 0) line += "  " + pad(t == r.thread ? r.text : std::string{}, width[t]);
    }
    line += "  " + r.where;
    while (line.back() == ' ') line.pop_back();
    out += line + '\n';
  }
  return out;
}

}  // namespace weft::check::detail
