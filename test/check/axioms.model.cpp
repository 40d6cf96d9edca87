// SPDX-License-Identifier: Apache-2.0
// The checker against the axioms of the memory model: random programs, of which the checker must
// show exactly what axioms.hpp says can be had in steps: outcomes, races, loops that never end.
#include "axioms.hpp"
#include "play.hpp"
#include "random_program.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace weft_test;
namespace check = weft::check;

// True if some thread can be left alone for ever in a loop: all others have ended or wait, and the
// place it looks at is 0 for good.
bool can_starve(program const& p, std::size_t thread = 0, program done = {}, bool any = false) {
  if (thread == p.size()) {
    if (!any) return false;
    std::string zero[places];
    for (std::size_t t = 0; t < p.size(); ++t) {
      if (done[t].size() == p[t].size()) continue;
      auto const at = p[t][done[t].size()].at;
      zero[at] = std::string(1, "xyz"[at]) + "=0";
    }
    auto const all = judge(done).in_steps;
    return std::any_of(all.begin(), all.end(), [&](std::string const& outcome) {
      return std::all_of(std::begin(zero), std::end(zero),
                         [&](auto const& z) { return outcome.find(z) != std::string::npos; });
    });
  }
  done.push_back(p[thread]);
  if (can_starve(p, thread + 1, done, any)) return true;
  for (std::size_t i = 0; i < p[thread].size(); ++i) {
    auto const what = p[thread][i].what;
    if (what != does::await && what != does::grab) continue;
    done.back().assign(p[thread].begin(), p[thread].begin() + static_cast<std::ptrdiff_t>(i));
    if (can_starve(p, thread + 1, done, true)) return true;
  }
  return false;
}

struct tally {
  std::uint64_t programs = 0, outcomes = 0, races = 0, livelocks = 0, beyond = 0, too_long = 0;
};

// What the checker says and the axioms do not, or the other way round.
std::string differences(program const& p, tally& t) {
  check::options o;
  o.name = "random program";
  o.spurious = 20;  // in the axioms any number
  o.executions = 300'000;
  o.tell = false;
  for (auto const& thread : p) {
    for (auto const& s : thread) {
      if (s.what == does::bump) o.spurious = 1;  // only its end counts
    }
  }
  auto const said = judge(p);
  auto const r = play(p, o);
  t.races += r.found == check::verdict::data_race ? 1 : 0;
  t.livelocks += r.found == check::verdict::livelock ? 1 : 0;
  if (r.ok() && !r.exhausted) {
    ++t.too_long;
    return {};
  }
  std::string text;
  if (said.race_in_steps != (r.found == check::verdict::data_race)) {
    return said.race_in_steps ? "  the race is not found\n" : "  there is no such race\n";
  }
  if (r.found == check::verdict::livelock) {
    return can_starve(p) ? "" : "  there is no such livelock\n";
  }
  if (!r.ok()) return text;
  if (can_starve(p)) text += "  the livelock is not found\n";
  for (auto const& outcome : said.in_steps) {
    if (!r.outcomes.contains(outcome)) text += "  missing " + outcome + '\n';
  }
  for (auto const& [outcome, times] : r.outcomes) {
    if (!said.in_steps.contains(outcome)) text += "  invented " + outcome + '\n';
  }
  t.outcomes += r.outcomes.size();
  t.beyond += said.allowed.size() - said.in_steps.size();
  return text;
}

void measure(kind_of_program const& kind) {
  time_to_spend const time(1500ms);
  program_maker make(kind, weft_test::seed());
  tally t;
  while (t.programs < 50 || time.left()) {
    auto const p = make(make.below(6) == 0 ? 4 : 0);
    if (axioms(p).ways() > 20'000) continue;
    ++t.programs;
    if (differences(p, t).empty()) continue;
    auto const least = shrink(p, [&](program const& q) { return !differences(q, t).empty(); });
    FAIL() << text_of(p) << "\nor shorter\n" << text_of(least) << '\n' << differences(least, t);
  }
  std::printf(
      "%s: %llu programs, 0 differences: %llu outcomes, %llu races, %llu livelocks; %llu outcomes "
      "are allowed beyond; %llu programs too long\n",
      kind.name.c_str(), static_cast<unsigned long long>(t.programs),
      static_cast<unsigned long long>(t.outcomes), static_cast<unsigned long long>(t.races),
      static_cast<unsigned long long>(t.livelocks), static_cast<unsigned long long>(t.beyond),
      static_cast<unsigned long long>(t.too_long));
  EXPECT_LT(t.too_long * 10, t.programs);
  EXPECT_GT(t.outcomes, t.programs);
}

using enum does;

TEST(axioms, accesses_and_fences) {
  measure({"accesses and fences",
           {load, load, load, store, store, store, exchange, strong, fence, fence},
           {4, 3, 2},
           3});
}
TEST(axioms, sequential_consistency_on_two_places) {
  measure({"few places", {load, load, store, store, fence}, {5, 4, 2}, 2});
}
TEST(axioms, read_modify_writes) {
  measure({"read-modify-writes", {load, store, exchange, add, strong, weak}});
}
TEST(axioms, data_races) {
  measure({"plain data", {load, load, store, store, add, strong, fence, get, set, get, set}});
}
TEST(axioms, spin_loops) {
  measure({"spin loops", {load, store, store, store, await, fence, bump, grab}, {3, 2, 1}});
}

// It sees the difference that the standard makes.
TEST(axioms, tell_right_from_wrong) {
  auto const relaxed = parse("x = 1 rlx; y = 1 rlx | read y rlx; read x rlx");
  auto const ordered = parse("x = 1 rlx; y = 1 rel | read y acq; read x rlx");
  EXPECT_TRUE(judge(relaxed).allowed.contains("|1 0 x=1 y=1 z=0"));
  EXPECT_FALSE(judge(ordered).allowed.contains("|1 0 x=1 y=1 z=0"));
  EXPECT_EQ(judge(ordered).allowed.size(), 3u);
  auto const buffered = judge(parse("read x rlx; y = 1 rlx | read y rlx; x = 1 rlx"));
  EXPECT_EQ(buffered.allowed.size(), 4u);
  EXPECT_EQ(buffered.in_steps.size(), 3u);
  EXPECT_TRUE(judge(parse("set d; x = 1 rlx | read x rlx; if 1 get d")).race);
  EXPECT_FALSE(judge(parse("set d; x = 1 rel | read x acq; if 1 get d")).race);
  EXPECT_TRUE(can_starve(parse("x = 1 rlx | await y rlx")));
  EXPECT_FALSE(can_starve(parse("x = 1 rlx | await x rlx")));
  EXPECT_TRUE(can_starve(parse("await x rlx; y = 1 rlx | await y rlx; x = 1 rlx")));
}

}  // namespace
