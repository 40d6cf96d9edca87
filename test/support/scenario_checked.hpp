// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <check/mutants.hpp>
#include <support/duration.hpp>
#include <support/never_met.hpp>

#include <weft/check/audit.hpp>
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/wait/context.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <iostream>
#include <vector>

// Scenarios under the checker.
namespace weft_test {

/// The threads of the checker. What weft does once for every thread is not what most scenarios
/// are about: it happens before they begin.
class runner {
 public:
  runner(weft::check::threads& run, bool prepared) : run_(run) {
    if (prepared) run.prepare([] { (void)weft::thread_context(); });
  }
  /// What each thread does first, unseen by the others: what the scenario is not about.
  void prepare(std::function<void()> f) { run_.prepare(std::move(f)); }
  template <class... Bodies>
  void operator()(Bodies&&... bodies) {
    run_(std::forward<Bodies>(bodies)...);
  }

 private:
  weft::check::threads& run_;
};

inline void may_be_held_up() {}

/// In a scenario: what must hold.
inline void expect(bool holds, std::string_view what = {},
                   std::source_location where = std::source_location::current()) {
  weft::check::expect(holds, what, where);
}
template <class A, class B>
void expect_equal(A const& got, B const& expected,
                  std::source_location where = std::source_location::current()) {
  weft::check::expect_equal(got, expected, where);
}

/// A scenario as the checker takes it.
weft::check::scenario checked(auto const& s) {
  weft::check::scenario c;
  c.name = s.name;
  c.body = [body = s.body, prepared = s.how.prepared](weft::check::threads& run) {
    runner r{run, prepared};
    body(r);
  };
  c.how.name = s.name;
  c.how.at_least = s.how.at_least;
  c.how.preemptions = s.how.preemptions;
  c.how.spurious = s.how.spurious;
  c.how.late_timeouts = s.how.late_timeouts;
  c.how.leaks = s.how.leaks;
  return c;
}

inline std::vector<weft::check::scenario> all_checked(auto const& all) {
  std::vector<weft::check::scenario> list;
  for (auto const& s : all) list.push_back(checked(s));
  return list;
}

/// Explores a scenario to its end; then, if WEFT_DURATION is set, for so long without its bound on
/// preemptions and with wake-ups for no reason.
inline void try_out(auto const& scenario) {
  auto const c = checked(scenario);
  auto const begin = std::chrono::steady_clock::now();
  auto const r = weft::check::explore(c.how, c.body);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  std::cout << r << '\n';
  std::printf("  %llu cut, %llu steps, %.2f s\n", static_cast<unsigned long long>(r.cut),
              static_cast<unsigned long long>(r.steps), took.count());
  EXPECT_TRUE(r.ok());
  EXPECT_TRUE(r.exhausted) << "not all of it: fewer steps, or a bound on preemptions";

  auto const longer = std::chrono::ceil<std::chrono::seconds>(duration(std::chrono::seconds(0)));
  if (longer.count() == 0 || !r.ok()) return;
  auto how = c.how;
  how.preemptions.reset();
  how.spurious = 1;
  how.executions = 1'000'000'000;
  how.seconds = static_cast<unsigned>(longer.count());
  auto const more = weft::check::explore(how, c.body);
  std::cout << more << '\n';
  EXPECT_TRUE(more.ok());
}

/// Every mutant is noticed by some scenario.
void hunt(auto const& all, std::vector<mutant> const& mutants) {
  hunt(all_checked(all), mutants, false);
}

/// Weakens each ordered access in those files: some scenario comes there and notices, or the code
/// says why not.
inline void audit_orders(auto const& all, std::vector<std::string> const& files,
                         std::uint64_t executions = 2'000) {
  auto const begin = std::chrono::steady_clock::now();
  auto const findings =
      weft::check::audit(all_checked(all), {.files = files, .executions = executions});
  weft::check::print(std::cout, findings);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  std::printf("%.2f s\n", took.count());
  EXPECT_FALSE(findings.empty());
  for (auto const& f : findings) {
    EXPECT_TRUE(f.ok()) << f.access.where.file << ':' << f.access.where.line << ": " << f.source;
  }
  for (auto const& file : files) {
    auto const missed = never_met(file, findings);
    for (auto const& access : missed) std::cout << "no scenario comes to " << access << '\n';
    EXPECT_LE(missed.size(), not_yet_met(file)) << "orders of " << file;
  }
}

}  // namespace weft_test
