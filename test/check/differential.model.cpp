// SPDX-License-Identifier: Apache-2.0
// The reduction against brute force: random programs, each explored in both ways. What a program
// can see (values read, final values, whether it can fail) must be the same. A difference is shown
// with the smallest program that has it.
#include "play.hpp"
#include "random_program.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <optional>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace weft_test;
namespace check = weft::check;

struct view {
  check::verdict found = check::verdict::passed;
  bool all = false;
  std::map<std::string, std::uint64_t> outcomes;
  std::uint64_t executions = 0;
};

/// How a program is explored.
struct manner {
  std::optional<unsigned> preemptions{};
  bool in_halves = false;
  bool late_timeouts = false;
};

view explore(program const& p, check::strategy how, manner const& m, std::uint64_t most = 500'000) {
  check::options o;
  o.name = "random program";
  o.search = how;
  o.preemptions = m.preemptions;
  o.late_timeouts = m.late_timeouts;
  o.executions = most;
  o.tell = false;
  auto r = play(p, o, m.in_halves);
  return {r.found, r.exhausted || !r.ok(), std::move(r.outcomes), r.executions + r.cut};
}

/// What one way to explore it finds and the other does not.
struct difference {
  std::string text;  // empty: none
  bool comparable = false;
  std::uint64_t brute = 0, reduced = 0;  // executions, if both ended without a failure
};

bool subset(view const& of, view const& all, char const* word, std::string& text) {
  bool same = true;
  for (auto const& [outcome, times] : of.outcomes) {
    if (all.outcomes.contains(outcome)) continue;
    text += std::string("  ") + word + ' ' + outcome + '\n';
    same = false;
  }
  return same;
}

difference compare(program const& p, manner const& m, std::uint64_t most = 60'000) {
  difference d;
  auto const brute = explore(p, check::strategy::brute_force, m, most);
  if (!brute.all) return d;
  auto const reduced = explore(p, check::strategy::exhaustive, m);
  d.comparable = true;
  bool const passed = brute.found == check::verdict::passed;
  bool const same = passed == (reduced.found == check::verdict::passed);
  if (m.preemptions && (!same || reduced.outcomes.size() > brute.outcomes.size())) {
    // The bound says how far to look at least; what is beyond it may be found, if it is there.
    auto const all =
        explore(p, check::strategy::brute_force, {std::nullopt, m.in_halves, m.late_timeouts});
    if (!all.all || (!same && passed && all.found != check::verdict::passed)) return d;
    if (same && passed && all.found == check::verdict::passed) {
      subset(reduced, all, "invented", d.text);
    }
  }
  if (!reduced.all) {
    d.text = "  more executions than by brute force\n";
  } else if (!same) {
    d.text += "  " + std::string(check::to_string(brute.found)) + " by brute force, " +
              std::string(check::to_string(reduced.found)) + " reduced\n";
  } else if (passed) {
    subset(brute, reduced, "missing", d.text);
    if (!m.preemptions) subset(reduced, brute, "invented", d.text);
    d.brute = brute.executions;
    d.reduced = reduced.executions;
  }
  return d;
}

struct tally {
  std::uint64_t programs = 0, too_long = 0, failed = 0, brute = 0, reduced = 0;
};

/// Makes and compares one program. False if it differs.
bool step(kind_of_program const& kind, program_maker& make, manner const& m, tally& t) {
  auto const p = make(m.in_halves ? 4 : 0);
  auto const d = compare(p, m);
  ++t.programs;
  t.too_long += d.comparable ? 0 : 1;
  t.failed += d.comparable && d.brute == 0 ? 1 : 0;
  t.brute += d.brute;
  t.reduced += d.reduced;
  if (d.text.empty()) return true;
  auto const least = shrink(p, [&](program const& q) {
    return (!m.in_halves || q.size() == 4) && !compare(q, m).text.empty();
  });
  ADD_FAILURE() << kind.name << ":\n  " << text_of(p) << "\nor shorter\n  " << text_of(least)
                << '\n'
                << compare(least, m).text;
  return false;
}

void print(std::string const& name, tally const& t) {
  std::printf(
      "%-28s %6llu programs, 0 differences (%llu fail, %llu too long for brute force); "
      "%llu executions by brute force, %llu reduced: %.1f times fewer\n",
      name.c_str(), static_cast<unsigned long long>(t.programs),
      static_cast<unsigned long long>(t.failed), static_cast<unsigned long long>(t.too_long),
      static_cast<unsigned long long>(t.brute), static_cast<unsigned long long>(t.reduced),
      static_cast<double>(t.brute) / static_cast<double>(std::max<std::uint64_t>(t.reduced, 1)));
}

/// Kinds of programs that share the time there is, an equal part each.
class contest {
 public:
  explicit contest(std::vector<kind_of_program> kinds, std::chrono::nanoseconds otherwise = 1200ms)
      : until_(clock::now() + duration(otherwise)) {
    auto const seed = weft_test::seed();
    for (auto& k : kinds) entries_.push_back({k, program_maker(k, seed)});
  }

  /// Calls how() for the manner of each program. False as soon as one differs.
  template <class How>
  bool run(How how) {
    auto const fewest = [](entry const& a, entry const& b) { return a.spent < b.spent; };
    for (;;) {
      auto& e = *std::min_element(entries_.begin(), entries_.end(), fewest);
      auto const begin = clock::now();
      if (begin >= until_ && e.of.programs >= 20) return true;
      for (int n = 0; n < 5; ++n) {
        if (!step(e.kind, e.make, how(), e.of)) return false;
      }
      e.spent += clock::now() - begin;
    }
  }

  /// Prints what was done. `at_least`: times fewer executions than by brute force.
  void finish(double at_least) const {
    tally all;
    for (auto const& e : entries_) {
      print(e.kind.name, e.of);
      // A few programs, on a machine with other work, say nothing of most.
      if (e.of.programs >= 20)
        EXPECT_LT(e.of.too_long * 3, e.of.programs) << "brute force should come to an end mostly";
      EXPECT_LT(e.of.failed * 4, e.of.programs * 3) << "most programs should run to their end";
      all.brute += e.of.brute;
      all.reduced += e.of.reduced;
    }
    EXPECT_GT(static_cast<double>(all.brute), static_cast<double>(all.reduced) * at_least);
  }

 private:
  using clock = std::chrono::steady_clock;
  struct entry {
    kind_of_program kind;
    program_maker make;
    tally of{};
    clock::duration spent{};
  };

  clock::time_point until_;
  std::vector<entry> entries_;
};

void share(std::vector<kind_of_program> const& kinds, double at_least, manner const& m = {}) {
  contest c(kinds);
  if (c.run([&] { return m; })) c.finish(at_least);
}

using enum does;

kind_of_program const accesses{"accesses and fences",
                               {load, load, store, store, exchange, strong, fence}};
kind_of_program const updates{"read-modify-writes", {load, add, strong, weak, store}, {3, 2, 1}};
kind_of_program const plain{"plain data", {load, store, get, set, lock, unlock, add, fence}};
kind_of_program const spins{"spin loops", {load, store, store, await, either, fence}, {3, 2, 1}};
kind_of_program const loops{"loops of updates", {load, store, store, store, bump, grab}, {2, 1, 1}};
kind_of_program const parks{"parking", {load, store, park, unpark, unpark_all}, {3, 2, 1}};
kind_of_program const dozes{
    "parking with a deadline", {load, store, doze, unpark, unpark_all, now}, {3, 2, 1}};
kind_of_program const sleeps{
    "waiting on an atomic", {load, store, store, sleep, rouse, rouse_all}, {3, 2, 1}};
kind_of_program const mutexes{"mutexes", {load, store, lock, lock, unlock, try_lock}};
kind_of_program const conditions{
    "conditions",
    {wait, wait_for, announce, announce, announce_all, blurt, load, store},
    {2, 1, 1}};
kind_of_program const signals{"signals", {load, store, signal, fence, add, keep}, {3, 2, 1}};
kind_of_program const disturbed{
    "sleepers and signals",
    {signal, signal, park, doze, sleep, wait, wait_for, store, unpark, rouse, announce, keep},
    {2, 1, 1}};
kind_of_program const chances{"any number", {load, store, any, any, add, await}, {3, 2, 1}};
kind_of_program const barriers{
    "barriers in every thread", {load, store, heavy, light, fence}, {3, 2, 1}};
kind_of_program const threads_in_threads{
    "threads in threads", {spawn, load, store, fence}, {2, 1, 1}};
kind_of_program const everything{
    "everything",
    {load,   load,     load,     store,    store,  store, store,  store, add,       strong, weak,
     fence,  await,    bump,     grab,     heavy,  doze,  unpark, now,   lock,      unlock, lock,
     unlock, try_lock, wait_for, announce, signal, spawn, get,    sleep, rouse_all, any,    keep},
    {3, 2, 1}};

TEST(differential, accesses) { share({accesses, updates, plain}, 4); }
TEST(differential, loops) { share({spins, loops}, 5); }
TEST(differential, sleepers) { share({parks, dozes, sleeps}, 5); }
TEST(differential, locks) { share({mutexes, conditions}, 5); }
TEST(differential, signals_and_barriers) { share({signals, barriers, threads_in_threads}, 2); }
TEST(differential, sleepers_and_signals) { share({disturbed, chances}, 2); }
TEST(differential, deadlines_that_pass_late) {
  share({dozes, conditions, disturbed, everything}, 2, {std::nullopt, false, true});
}
TEST(differential, everything) { share({everything}, 5); }
TEST(differential, one_pair_of_threads_after_the_other) {
  share({accesses, spins, everything}, 2, {std::nullopt, true, false});
}

// With a bound on preemptions, all that brute force finds within it.
TEST(differential, a_bound_on_preemptions) {
  contest c({accesses, updates, spins, parks, dozes, mutexes, conditions, signals, disturbed,
             chances, barriers, everything},
            2000ms);
  unsigned n = 0;
  if (c.run([&] { return manner{n++ % 3, false, n % 5 == 0}; })) c.finish(1.2);
}

// What chance shows, the exhaustive search has shown too; and chance finds most of it.
TEST(differential, samples) {
  time_to_spend const time(800ms);
  program_maker make(accesses, weft_test::seed());
  std::uint64_t all = 0, found[2] = {0, 0};
  for (unsigned n = 0; n < 20 || time.left(); ++n) {
    auto const p = make();
    auto const exhausted = explore(p, check::strategy::exhaustive, {});
    all += exhausted.outcomes.size();
    for (auto const how : {check::strategy::random, check::strategy::pct}) {
      check::options o;
      o.search = how;
      o.executions = 400;
      o.seed = n + 1;
      auto const r = play(p, o);
      ASSERT_EQ(r.executions, 400u);
      EXPECT_FALSE(r.exhausted);
      for (auto const& [outcome, times] : r.outcomes) {
        ASSERT_TRUE(exhausted.outcomes.contains(outcome)) << text_of(p) << '\n' << outcome;
      }
      found[how == check::strategy::pct ? 1 : 0] += r.outcomes.size();
    }
  }
  std::printf("of %llu outcomes, 400 executions show %.0f %% at random and %.0f %% by priorities\n",
              static_cast<unsigned long long>(all),
              100.0 * static_cast<double>(found[0]) / static_cast<double>(all),
              100.0 * static_cast<double>(found[1]) / static_cast<double>(all));
  EXPECT_GT(found[0] * 10, all * 7);
  EXPECT_GT(found[1] * 10, all * 6);
}

// Each of these has told two versions of the search apart.
TEST(differential, programs_that_differed) {
  char const* const programs[] = {
      "y = 2 sc; unparks y | now | doze y 20",
      "doze x 10; y = 2 rlx | now; read y rlx; unpark x",
      "doze x 10 | now; now; unpark x",
      "wait_for 20; wait_for 10 | blurt",
      "wait_for 10; wait | announce_all",
      "signal 0 1 | signal 2 2",
      "read x rlx | signal 0 2 | signal 1 1",
      "signal 1 2 | read x acq | add x 1 rel; signal 0 1",
      "read x rlx; signal 1 1 | add x 2 rlx; read y acq | add y 2 rel",
      "spawn x 1 sc | spawn y 1 rlx; spawn x 2 acq_rel",
      "cas y 0 1 sc acq | x = 1 rel; y = 2 rlx | fence sc; read y acq",
  };
  EXPECT_EQ(compare(parse("doze x 20 | doze y 20; unpark x"), {{}, false, true}).text, "");
  for (auto const* text : programs) {
    auto const d = compare(parse(text), {}, 1'000'000);
    EXPECT_TRUE(d.comparable) << text;
    EXPECT_EQ(d.text, "") << text;
  }
  char const* const bounded[] = {
      "cas x 1 2 rel sc; swap x 2 rlx | x = 2 rel; swap x 1 acq_rel; fence sc",
      "y = 2 rlx; announce; y = 1 sc | y = 1 sc; announce_all; read y sc",
      "doze x 10; wait_for 20 | now; announce",
      "read x sc; lock l | x = 1 rel; try l; unlock l",
      "wait | wait_for 20 | announce",
  };
  for (auto const* text : bounded) {
    EXPECT_EQ(compare(parse(text), {1, false, false}).text, "") << text;
  }
}

}  // namespace
