// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/audit.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

// What the models of the samples have in common: the scenarios are exhausted, every mistake that is
// put in is noticed, every order is needed.
namespace weft_test {

namespace check = weft::check;

/// A mistake: put into the program while it runs, at the one access of the function whose line of
/// source holds `line`; or made in the text of a variant, which has scenarios of its own.
struct mutant {
  std::string name;
  check::mutation::kind what = check::mutation::weaken;
  std::string line{};
  std::string function{};
  std::vector<check::scenario> variant{};
};

inline double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

inline std::string source_line(check::place_in_source const& p) {
  std::ifstream in(p.file);
  std::string line;
  for (unsigned i = 0; i < p.line; ++i) std::getline(in, line);
  return line;
}

inline check::result explore(check::scenario const& s, std::vector<check::mutation> m = {}) {
  auto how = s.how;
  how.name = s.name;
  how.mutations = std::move(m);
  return check::explore(how, s.body);
}

/// Each scenario passes, to its end, with at least as many executions as it promises.
inline void exhaust(std::vector<check::scenario> const& scenarios) {
  for (auto const& s : scenarios) {
    ASSERT_GT(s.how.at_least, 1u) << s.name << " does not say how many executions it has";
    auto const begin = std::chrono::steady_clock::now();
    auto const r = explore(s);
    EXPECT_TRUE(r) << r;
    EXPECT_TRUE(r.exhausted) << r;
    std::cout << r << ", " << r.cut << " cut short, " << r.steps << " steps, "
              << seconds_since(begin) << " s\n";
  }
}

/// The accesses that the scenarios meet, each once.
inline std::vector<check::place_in_source> accesses(std::vector<check::scenario> const& scenarios) {
  std::vector<check::place_in_source> found;
  for (auto s : scenarios) {
    s.how.list_accesses = true;
    s.how.at_least = 0;
    s.how.executions = 2'000;
    for (auto const& a : explore(s).accesses) {
      // Each instance of a template has a name of its own.
      auto const same = [&](check::place_in_source const& p) {
        return p.file == a.where.file && p.line == a.where.line && p.column == a.where.column;
      };
      if (std::none_of(found.begin(), found.end(), same)) found.push_back(a.where);
    }
  }
  return found;
}

/// Those that the mutant stands for.
inline std::vector<check::place_in_source> places(std::vector<check::place_in_source> all,
                                                  mutant const& m) {
  std::erase_if(all, [&](check::place_in_source const& p) {
    return (!m.function.empty() && p.function.find("::" + m.function + '(') == std::string::npos) ||
           source_line(p).find(m.line) == std::string::npos;
  });
  return all;
}

/// The story of a failure, told again from its schedule, is the same.
inline void replay(check::scenario s, check::result const& r) {
  s.how.search = check::strategy::replay;
  s.how.schedule = r.schedule;
  auto const again = explore(s, r.asked.mutations);
  EXPECT_EQ(again.found, r.found) << s.name;
  EXPECT_EQ(again.message, r.message) << s.name;
  EXPECT_EQ(again.story, r.story) << s.name;
  EXPECT_NE(r.story.find("step"), std::string::npos) << s.name;
}

/// Every mutant is noticed by some scenario; prints by which, after how many executions. With
/// `stories`, each is told twice and compared, which takes a second or so.
inline void hunt(std::vector<check::scenario> const& scenarios, std::vector<mutant> const& all,
                 bool stories = true) {
  auto const begin = std::chrono::steady_clock::now();
  auto const met = accesses(scenarios);
  std::printf("%-58s %-16s %10s  %s\n", "mutant", "noticed as", "executions", "in");
  for (auto const& m : all) {
    std::vector<check::mutation> mistake;
    if (!m.line.empty()) {
      auto const at = places(met, m);
      ASSERT_EQ(at.size(), 1u) << m.name << ": \"" << m.line << "\" must stand for one access";
      mistake.push_back({m.what, at[0]});
    }
    std::uint64_t executions = 0;
    std::string by;
    check::result last;
    for (auto s : m.line.empty() ? m.variant : scenarios) {
      s.how.at_least = 0;
      s.how.tell = stories;
      s.how.name = s.name += " (" + m.name + ')';
      last = explore(s, mistake);
      executions += last.executions + last.cut + (last.ok() ? 0 : 1);
      if (last.ok()) continue;
      by = s.name.substr(0, s.name.find(" ("));
      if (stories) replay(s, last);
      break;
    }
    EXPECT_FALSE(last.ok()) << m.name << " is not noticed in " << executions << " executions";
    std::printf("%-58s %-16s %10llu  %s\n", m.name.c_str(),
                std::string(to_string(last.found)).c_str(),
                static_cast<unsigned long long>(executions), by.c_str());
  }
  std::printf("%zu mutants, %.2f s\n", all.size(), seconds_since(begin));
}

/// Every order of the accesses in `file` is noticed to be gone, or says why not.
inline void audit(std::vector<check::scenario> const& scenarios, std::string const& file) {
  auto const begin = std::chrono::steady_clock::now();
  check::audit_options o;
  o.files = {file};
  o.executions = 20'000;
  auto const findings = check::audit(scenarios, o);
  std::ostringstream text;
  print(text, findings);
  std::cout << text.str() << seconds_since(begin) << " s\n";
  EXPECT_FALSE(findings.empty());
  for (auto const& f : findings) EXPECT_TRUE(f.ok()) << f.source;
}

}  // namespace weft_test
