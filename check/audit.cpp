// SPDX-License-Identifier: Apache-2.0
#include <weft/check/audit.hpp>

#include "source.hpp"

#include <algorithm>
#include <map>
#include <ostream>
#include <string_view>
#include <tuple>

namespace weft::check {

namespace {

using detail::source_line;

std::string trimmed(std::string_view s) {
  auto const begin = s.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  auto const end = s.find_last_not_of(" \t");
  return std::string(s.substr(begin, end - begin + 1));
}

// What the code says about the access: the comments on its lines, each as a line, for it may be
// spread over several; and as the last line those alone above it.
std::string comment_at(place_in_source const& p) {
  std::string comment, before;
  for (auto line = p.line; line < p.line + 4; ++line) {
    auto const& l = source_line(p.file, line);
    if (auto const at = l.find("//"); at != std::string::npos) {
      comment += trimmed(std::string_view(l).substr(at + 2)) + '\n';
    }
    if (l.find(';') != std::string::npos || l.find('{') != std::string::npos) break;
  }
  for (auto line = p.line - 1; line > 0; --line) {
    auto const above = trimmed(source_line(p.file, line));
    if (!above.starts_with("//")) break;
    before = trimmed(std::string_view(above).substr(2)) + (before.empty() ? "" : " ") + before;
  }
  return comment + before;
}

std::string excuse_in(std::string const& comment) {
  auto const at = comment.find("audit: ");
  if (at == std::string::npos) return {};
  return comment.substr(at + 7, comment.find('\n', at) - at - 7);
}

bool tagged_hint(std::string const& comment) {
  return comment.find("rlx hint") != std::string::npos ||
         comment.find("rlx count") != std::string::npos;
}

bool applies(mutation::kind mistake, met const& access, std::string const& comment) {
  using enum met::kind;
  auto const o = access.order;
  switch (mistake) {
    case mutation::weaken:
      return access.what == fence || access.what == heavy ||
             (o != std::memory_order_relaxed && access.what != park && access.what != unpark);
    case mutation::read_stale:
      return (access.what == load || access.what == update) && tagged_hint(comment);
    case mutation::tear:
      return access.what == update;
    case mutation::skip:
      return access.what != load && access.what != park && access.what != fence;
    case mutation::sleep_blind:
      return access.what == park;
  }
  return false;
}

bool wanted(audit_options const& o, place_in_source const& p) {
  return o.files.empty() || std::any_of(o.files.begin(), o.files.end(),
                                        [&](auto const& f) { return p.file.ends_with(f); });
}

// Not by function: each instance of a template has a name of its own.
using key = std::tuple<std::string, std::uint32_t, std::uint32_t, met::kind>;

key key_of(met const& a) { return {a.where.file, a.where.line, a.where.column, a.what}; }

// What one scenario meets, and what it costs to explore.
struct witness {
  scenario const* of = nullptr;
  std::uint64_t steps = 0;
  std::map<key, met> meets;
};

// All scenarios, the cheapest first; empty with `failed` set if one fails without a mistake.
std::vector<witness> explore_all(std::vector<scenario> const& scenarios, audit_options const& o,
                                 std::vector<finding>& failed) {
  std::vector<witness> all;
  for (auto const& s : scenarios) {
    auto how = s.how;
    how.name = s.name;
    how.list_accesses = true;
    auto const r = explore(how, s.body);
    if (!r.ok()) {
      finding f;
      f.scenario = s.name;
      f.found = r.found;
      f.executions = r.executions;
      f.reason = "fails without any mistake: " + r.message;
      failed.push_back(f);
      return {};
    }
    witness w{&s, r.steps, {}};
    for (auto const& a : r.accesses) {
      if (!wanted(o, a.where)) continue;
      auto const [at, is_new] = w.meets.try_emplace(key_of(a), a);
      if (!is_new) at->second.times += a.times;
    }
    all.push_back(std::move(w));
  }
  std::sort(all.begin(), all.end(), [](witness const& a, witness const& b) {
    return std::pair(a.steps, a.of) < std::pair(b.steps, b.of);
  });
  return all;
}

std::vector<met> accesses_of(std::vector<witness> const& witnesses) {
  std::map<key, met> all;
  for (auto const& w : witnesses) {
    for (auto const& [k, access] : w.meets) {
      auto const [at, is_new] = all.try_emplace(k, access);
      if (!is_new) at->second.times += access.times;
    }
  }
  std::vector<met> list;
  list.reserve(all.size());
  for (auto const& [k, access] : all) list.push_back(access);
  return list;
}

// A search that was cut short has tried the ends of a few executions only: some more, far apart.
constexpr std::uint64_t most_random = 300;

finding try_out(std::vector<witness> const& witnesses, audit_options const& o, met const& access,
                mutation::kind mistake) {
  finding f;
  f.access = access;
  f.mistake = mistake;
  f.source = trimmed(source_line(access.where.file, access.where.line));
  f.reason = excuse_in(comment_at(access.where));
  for (auto const& w : witnesses) {
    if (w.meets.find(key_of(access)) == w.meets.end()) continue;
    auto how = w.of->how;
    how.name = w.of->name;
    how.at_least = 0;
    how.executions = std::min(how.executions, o.executions);
    how.mutations.push_back({mistake, access.where});
    how.tell = false;
    auto r = explore(how, w.of->body);
    f.executions += r.executions + r.cut;
    if (r.ok() && !r.exhausted && how.search == strategy::exhaustive) {
      how.search = strategy::pct;
      how.executions = std::min(how.executions, most_random);
      r = explore(how, w.of->body);
      f.executions += r.executions;
    }
    if (r.ok()) continue;
    f.noticed = true;
    f.found = r.found;
    f.scenario = w.of->name;
    break;
  }
  return f;
}

}  // namespace

bool finding::ok() const noexcept {
  if (access.where.line == 0) return false;  // a scenario failed by itself
  if (mistake == mutation::read_stale) return !noticed;
  return noticed == reason.empty();
}

std::vector<finding> audit(std::vector<scenario> const& scenarios, audit_options const& o) {
  std::vector<finding> all;
  auto const witnesses = explore_all(scenarios, o, all);
  for (auto const& a : accesses_of(witnesses)) {
    auto const comment = comment_at(a.where);
    for (auto const mistake : o.mistakes) {
      if (applies(mistake, a, comment)) all.push_back(try_out(witnesses, o, a, mistake));
    }
  }
  return all;
}

void print(std::ostream& to, std::vector<finding> const& findings) {
  static constexpr char const* what[] = {"relaxed", "any value", "torn", "left out", "blind"};
  unsigned bad = 0;
  for (auto const& f : findings) {
    auto const& p = f.access.where;
    if (p.line == 0) {
      to << "the scenario \"" << f.scenario << "\" " << f.reason << '\n';
      return;
    }
    bad += f.ok() ? 0 : 1;
    to << p.file.substr(p.file.rfind('/') + 1) << ':' << p.line << ": " << f.source << "\n    "
       << what[f.mistake] << ": ";
    if (f.noticed) {
      to << to_string(f.found) << " in \"" << f.scenario << "\", execution " << f.executions + 1;
      if (f.mistake == mutation::read_stale) to << ": THE TAG LIES, this value matters";
      if (f.mistake != mutation::read_stale && !f.reason.empty()) {
        to << ": THE EXCUSE IS STALE: " << f.reason;
      }
    } else if (f.mistake == mutation::read_stale) {
      to << "makes no difference, as its tag says (" << f.executions << " executions)";
    } else if (!f.reason.empty()) {
      to << "not noticed, excused: " << f.reason;
    } else {
      to << "NOT NOTICED: a scenario is missing, or the order is stronger than needed ("
         << f.executions << " executions)";
    }
    to << '\n';
  }
  to << findings.size() << " mistakes tried, " << bad << " findings\n";
}

}  // namespace weft::check
