// SPDX-License-Identifier: Apache-2.0
// The litmus table: small programs, an outcome asked for, what the C++20 standard says to it and
// what the checker does. The standard's column was worked out by hand from [atomics.order] and
// [intro.races], the reason beside it where it is not plain; axioms.hpp works it out once more.
//
// S is the single total order of what is sequentially consistent.
#include "axioms.hpp"
#include "play.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace {

using namespace weft_test;
namespace check = weft::check;

enum verdict { forbidden, allowed };

/// Why the checker does not show what the standard allows.
enum exception {
  none,
  load_buffering,  // a load reads a store that its own thread's later store has led to
  late_store,      // a store enters the modification order before one that was done earlier
  s_apart,         // S contradicts happens-before, which C++20 permits for Power's sake
  consume,         // is acquire, as every compiler has it
};

struct litmus {
  char const* name;
  char const* program;
  char const* outcome;  // what each thread reads, then final values; "*": whatever is read
  verdict standard;
  char const* why = "";
  exception missed = none;
};

constexpr litmus table[] = {
    // Store buffering: each thread stores, then reads what the other stores.
    {"SB", "x = 1 rlx; read y rlx | y = 1 rlx; read x rlx", "0|0", allowed},
    {"SB rel acq", "x = 1 rel; read y acq | y = 1 rel; read x acq", "0|0", allowed,
     "release and acquire leave a store behind a later load"},
    {"SB sc", "x = 1 sc; read y sc | y = 1 sc; read x sc", "0|0", forbidden},
    {"SB fences", "x = 1 rlx; fence sc; read y rlx | y = 1 rlx; fence sc; read x rlx", "0|0",
     forbidden, "each fence would come before the other in S"},
    {"SB fence on one side", "x = 1 rlx; fence sc; read y rlx | y = 1 rlx; read x rlx", "0|0",
     allowed},
    {"SB fences acq_rel",
     "x = 1 rlx; fence acq_rel; read y rlx | y = 1 rlx; fence acq_rel; read x rlx", "0|0", allowed},
    {"SB accesses and fence", "x = 1 sc; read y sc | y = 1 rlx; fence sc; read x rlx", "0|0",
     forbidden, "S: x=1, read y, fence (y=1 happens before it), x=1 (read x comes after it)"},
    {"SB sc stores", "x = 1 sc; read y acq | y = 1 sc; read x acq", "0|0", allowed,
     "the loads are not in S"},
    {"SB sc loads", "x = 1 rel; read y sc | y = 1 rel; read x sc", "0|0", allowed,
     "the stores are not in S"},
    {"SB one load acq", "x = 1 sc; read y acq | y = 1 sc; read x sc", "0|0", allowed},
    {"SB one store rel", "x = 1 rel; read y sc | y = 1 sc; read x sc", "0|0", allowed},
    {"Dekker, exchange sc", "swap x 1 sc; read y sc | swap y 1 sc; read x sc", "0 0|0 0",
     forbidden},
    {"Dekker, loads rlx", "swap x 1 sc; read y rlx | swap y 1 sc; read x rlx", "0 0|0 0", allowed,
     "an sc exchange is no fence"},
    {"Dekker, exchange acq_rel", "swap x 1 acq_rel; read y acq | swap y 1 acq_rel; read x acq",
     "0 0|0 0", allowed},
    {"Dekker, third place",
     "x = 1 rlx; add z 0 acq_rel; read y rlx | y = 1 rlx; add z 0 acq_rel; read x rlx", "0 0|0 0",
     forbidden, "one addition reads the other's, and synchronizes"},
    {"Dekker, reading adds", "x = 1 rlx; add y 0 acq_rel | y = 1 rlx; add x 0 acq_rel", "0|0",
     allowed, "each addition before the other's store; 'a late store' as in 2+2W", late_store},
    {"Dekker, reading adds sc", "x = 1 sc; add y 0 sc | y = 1 sc; add x 0 sc", "0|0", forbidden},

    // Message passing.
    {"MP", "x = 1 rlx; y = 1 rlx | read y rlx; read x rlx", "|1 0", allowed},
    {"MP rel acq", "x = 1 rlx; y = 1 rel | read y acq; read x rlx", "|1 0", forbidden},
    {"MP rel rlx", "x = 1 rlx; y = 1 rel | read y rlx; read x rlx", "|1 0", allowed},
    {"MP rlx acq", "x = 1 rlx; y = 1 rlx | read y acq; read x rlx", "|1 0", allowed},
    {"MP fences", "x = 1 rlx; fence rel; y = 1 rlx | read y rlx; fence acq; read x rlx", "|1 0",
     forbidden},
    {"MP fence rel, acq", "x = 1 rlx; fence rel; y = 1 rlx | read y acq; read x rlx", "|1 0",
     forbidden},
    {"MP rel, fence acq", "x = 1 rlx; y = 1 rel | read y rlx; fence acq; read x rlx", "|1 0",
     forbidden},
    {"MP fence too late", "x = 1 rlx; y = 1 rlx; fence rel | read y acq; read x rlx", "|1 0",
     allowed, "a release fence is for the stores behind it"},
    {"MP fence too early", "x = 1 rlx; y = 1 rel | fence acq; read y rlx; read x rlx", "|1 0",
     allowed, "an acquire fence is for the loads before it"},
    {"MP fences sc", "x = 1 rlx; fence sc; y = 1 rlx | read y rlx; fence sc; read x rlx", "|1 0",
     forbidden},
    {"MP one place sc", "x = 1 sc; y = 1 rlx | read y rlx; read x sc", "|1 0", allowed,
     "S: read x, x=1. Nothing synchronizes", s_apart},
    {"MP by exchange", "x = 1 rlx; swap y 1 rel | swap y 2 acq; read x rlx", "0|1 0", forbidden},
    {"MP consume", "x = 1 rlx; y = 1 rel | read y con; read x rlx", "|1 0", allowed,
     "no dependency leads from y to x", consume},
    {"MP plain", "set d; y = 1 rel | read y acq; if 1 get d", "race", forbidden},
    {"MP plain rlx", "set d; y = 1 rlx | read y acq; if 1 get d", "race", allowed},
    {"MP plain, unasked", "set d; y = 1 rel | read y acq; get d", "race", allowed},

    // Load buffering.
    {"LB", "read x rlx; y = 1 rlx | read y rlx; x = 1 rlx", "1|1", allowed, "", load_buffering},
    {"LB rel acq", "read x acq; y = 1 rel | read y acq; x = 1 rel", "1|1", forbidden},
    {"LB one rel acq", "read x acq; y = 1 rlx | read y rlx; x = 1 rel", "1|1", forbidden,
     "x=1 happens before y=1, which the load before x=1 reads"},
    {"LB fences", "read x rlx; fence sc; y = 1 rlx | read y rlx; fence sc; x = 1 rlx", "1|1",
     forbidden, "each fence would synchronize with the other"},

    // Independent readers of independent writers.
    {"IRIW", "x = 1 rlx | y = 1 rlx | read x rlx; read y rlx | read y rlx; read x rlx", "||1 0|1 0",
     allowed},
    {"IRIW rel acq", "x = 1 rel | y = 1 rel | read x acq; read y acq | read y acq; read x acq",
     "||1 0|1 0", allowed},
    {"IRIW sc", "x = 1 sc | y = 1 sc | read x sc; read y sc | read y sc; read x sc", "||1 0|1 0",
     forbidden},
    {"IRIW fences",
     "x = 1 rlx | y = 1 rlx | read x rlx; fence sc; read y rlx | read y rlx; fence sc; read x rlx",
     "||1 0|1 0", forbidden, "read x=1 comes before the fence behind it: C++20, P0668"},
    {"IRIW sc loads", "x = 1 rel | y = 1 rel | read x sc; read y sc | read y sc; read x sc",
     "||1 0|1 0", forbidden, "a load of 0 comes before the load of 1 in S: since C++20"},
    {"IRIW sc stores", "x = 1 sc | y = 1 sc | read x acq; read y acq | read y acq; read x acq",
     "||1 0|1 0", allowed},
    {"IRIW one reader acq", "x = 1 sc | y = 1 sc | read x sc; read y sc | read y acq; read x acq",
     "||1 0|1 0", allowed},

    // Two stores each, in opposite order.
    {"2+2W", "x = 1 rlx; y = 2 rlx | y = 1 rlx; x = 2 rlx", "* x=1 y=1", allowed, "", late_store},
    {"2+2W rel", "x = 1 rel; y = 2 rel | y = 1 rel; x = 2 rel", "* x=1 y=1", allowed,
     "nobody acquires", late_store},
    {"2+2W sc", "x = 1 sc; y = 2 sc | y = 1 sc; x = 2 sc", "* x=1 y=1", forbidden},
    {"2+2W fences", "x = 1 rlx; fence sc; y = 2 rlx | y = 1 rlx; fence sc; x = 2 rlx", "* x=1 y=1",
     forbidden},

    // Cumulativity: what a thread has seen, it passes on.
    {"WRC", "x = 1 rlx | read x rlx; y = 1 rlx | read y rlx; read x rlx", "|1|1 0", allowed},
    {"WRC rel acq", "x = 1 rel | read x acq; y = 1 rel | read y acq; read x rlx", "|1|1 0",
     forbidden},
    {"WRC last hop", "x = 1 rlx | read x rlx; y = 1 rel | read y acq; read x rlx", "|1|1 0",
     forbidden, "read-read coherence: one load of x happens before the other"},
    {"WRC first hop", "x = 1 rel | read x acq; y = 1 rlx | read y acq; read x rlx", "|1|1 0",
     allowed},
    {"ISA2", "x = 1 rlx; y = 1 rel | read y acq; z = 1 rel | read z acq; read x rlx", "|1|1 0",
     forbidden},
    {"ISA2 broken", "x = 1 rlx; y = 1 rel | read y rlx; z = 1 rel | read z acq; read x rlx",
     "|1|1 0", allowed},
    {"RWC rel acq", "x = 1 rel | read x acq; read y acq | y = 1 rel; read x acq", "|1 0|0",
     allowed},
    {"RWC sc", "x = 1 sc | read x sc; read y sc | y = 1 sc; read x sc", "|1 0|0", forbidden},
    {"RWC fences", "x = 1 rlx | read x rlx; fence sc; read y rlx | y = 1 rlx; fence sc; read x rlx",
     "|1 0|0", forbidden, "since C++20, as IRIW with fences"},
    {"W+RWC rel acq", "x = 1 rlx; y = 1 rel | read y acq; read z acq | z = 1 rel; read x acq",
     "|1 0|0", allowed},
    {"W+RWC fences",
     "x = 1 rlx; y = 1 rel | read y acq; fence sc; read z rlx | z = 1 rlx; fence sc; read x rlx",
     "|1 0|0", forbidden, "x=1 happens before the first fence"},
    {"W+RWC sc", "x = 1 sc; y = 1 rel | read y acq; read z sc | z = 1 sc; read x sc", "|1 0|0",
     forbidden, "x=1 strongly happens before the read of z"},
    {"Z6.U", "x = 1 sc; y = 1 rel | add y 1 sc; read y rlx | y = 3 sc; read x sc", "|1 3|0",
     allowed, "x=1 happens before the addition, but not strongly: C++20, P0668", s_apart},
    {"fence, then a message",
     "x = 1 rlx; fence sc; read y rlx | y = 1 rlx; fence sc; z = 1 rel | read z acq; read x rlx",
     "0||1 0", forbidden, "the second fence happens before the last read"},
    {"fence, message rlx",
     "x = 1 rlx; fence sc; read y rlx | y = 1 rlx; fence sc; z = 1 rel | read z rlx; read x rlx",
     "0||1 0", allowed},

    // S and R.
    {"S", "x = 2 rlx; y = 1 rlx | read y rlx; x = 1 rlx", "|1 x=2", allowed, "", late_store},
    {"S rel acq", "x = 2 rlx; y = 1 rel | read y acq; x = 1 rlx", "|1 x=2", forbidden,
     "x=2 happens before x=1"},
    {"R", "x = 1 rlx; y = 1 rlx | y = 2 rlx; read x rlx", "|0 y=2", allowed},
    {"R rel acq", "x = 1 rel; y = 1 rel | y = 2 rel; read x acq", "|0 y=2", allowed},
    {"R sc", "x = 1 sc; y = 1 sc | y = 2 sc; read x sc", "|0 y=2", forbidden},
    {"R fences", "x = 1 rlx; fence sc; y = 1 rlx | y = 2 rlx; fence sc; read x rlx", "|0 y=2",
     forbidden, "y=1 before y=2: the fences in that order, and the other way by x"},
    {"R first store rlx", "x = 1 rlx; y = 1 sc | y = 2 sc; read x sc", "|0 y=2", allowed,
     "x=1 is not in S"},

    // Coherence.
    {"CoRR", "x = 1 rlx; x = 2 rlx | read x rlx; read x rlx", "|2 1", forbidden},
    {"CoRR, two readers", "x = 1 rlx | x = 2 rlx | read x rlx; read x rlx | read x rlx; read x rlx",
     "||1 2|2 1", forbidden},
    {"CoWR", "x = 1 rlx; read x rlx | x = 2 rlx", "2| x=1", forbidden},
    {"CoRW", "read x rlx; x = 1 rlx | x = 2 rlx", "2| x=2", forbidden},
    {"CoRW, own store", "read x rlx; x = 1 rlx | x = 2 rlx", "1|", forbidden},
    {"CoWW", "x = 1 rlx; x = 2 rlx | read x rlx", "* x=1", forbidden},
    {"CoRR sc rlx", "x = 1 sc; x = 2 sc | read x sc; read x rlx", "|2 1", forbidden},

    // Release sequences.
    {"RS, own store", "y = 1 rlx; x = 1 rel; x = 2 rlx | read x acq; read y rlx", "|2 0", allowed,
     "C++20: a later store of the same thread does not continue it (it did in C++17)"},
    {"RS, own addition", "y = 1 rlx; x = 1 rel; add x 1 rlx | read x acq; read y rlx", "1|2 0",
     forbidden},
    {"RS, another's addition", "y = 1 rlx; x = 1 rel | add x 1 rlx | read x acq; read y rlx",
     "|1|2 0", forbidden, "a relaxed read-modify-write continues it"},
    {"RS, two additions",
     "y = 1 rlx; x = 1 rel | add x 1 rlx | add x 1 rlx | read x acq; read y rlx", "|1|2|3 0",
     forbidden},
    {"RS, another's store", "y = 1 rlx; x = 1 rel | x = 2 rlx | read x acq; read y rlx", "||2 0",
     allowed},
    {"RS, broken before", "y = 1 rlx; x = 1 rel; x = 2 rlx | add x 1 rlx | read x acq; read y rlx",
     "|2|3 0", allowed},
    {"RS of a fence",
     "y = 1 rlx; fence rel; x = 1 rlx | add x 1 rlx | read x rlx; fence acq; read y rlx", "|1|2 0",
     forbidden},
    {"RS plain, own store", "set d; x = 1 rel; x = 2 rlx | read x acq; if 2 get d", "race",
     allowed},
    {"RS plain, addition", "set d; x = 1 rel | add x 1 rlx | read x acq; if 2 get d", "race",
     forbidden},

    // Read-modify-writes.
    {"add, add", "add x 1 rlx | add x 1 rlx", "0|0", forbidden},
    {"cas, cas", "cas x 0 1 rlx rlx | cas x 0 2 rlx rlx", "0|0", forbidden},
    {"cas, failure rlx", "y = 1 rlx; x = 1 rel | cas x 0 2 acq rlx; read y rlx", "|1! 0", allowed,
     "it failed, so the second order holds"},
    {"cas, failure acq", "y = 1 rlx; x = 1 rel | cas x 0 2 rlx acq; read y rlx", "|1! 0",
     forbidden},
    {"cas, success acq", "y = 1 rlx; x = 1 rel | cas x 1 2 acq rlx; read y rlx", "|1 0", forbidden},
    {"cas fails on the stale", "x = 1 rlx; y = 1 rlx | read y rlx; cas x 1 2 rlx rlx", "|1 0!",
     allowed, "a compare-exchange that fails is a load"},
    {"cas for no reason", "cas x 0 1 rlx rlx | read x rlx", "0!|0", forbidden},
    {"weak for no reason", "weak x 0 1 rlx rlx | read x rlx", "0!|0", allowed},
    {"weak, on the stale", "x = 1 rlx; y = 1 rlx | read y rlx; weak x 0 2 rlx rlx", "|1 0!",
     allowed, "it fails for no reason, as a load of a stale 0"},
};

/// Whether an outcome is the one asked for: "0|0", "* x=1", "|1 y=2".
bool is(std::string const& outcome, std::string const& asked) {
  auto const reads = [](std::string const& o) {
    auto const equals = o.find('=');
    return equals == std::string::npos ? o : o.substr(0, equals < 2 ? 0 : equals - 2);
  };
  if (asked[0] != '*' && reads(outcome) != reads(asked)) return false;
  for (auto at = asked.find('='); at != std::string::npos; at = asked.find('=', at + 1)) {
    if (outcome.find(asked.substr(at - 1, 3)) == std::string::npos) return false;
  }
  return true;
}

template <class Outcomes, class Text>
bool contain(Outcomes const& all, std::string const& asked, Text text) {
  return std::any_of(all.begin(), all.end(), [&](auto const& o) { return is(text(o), asked); });
}

program with_consume_as(std::memory_order o, program p) {
  for (auto& thread : p) {
    for (auto& s : thread) {
      if (s.order == std::memory_order_consume) s.order = o;
    }
  }
  return p;
}

struct shown {
  bool it = false;
  std::uint64_t executions = 0;
};

// Explores all of it.
shown explore_all(litmus const& l, check::strategy how) {
  check::options o;
  o.name = l.name;
  o.search = how;
  auto const r = play(parse(l.program), o);
  if (r.found == check::verdict::data_race) return {std::string(l.outcome) == "race", r.executions};
  EXPECT_TRUE(r.exhausted) << r;
  return {contain(r.outcomes, l.outcome, [](auto const& each) { return each.first; }),
          r.executions};
}

// Explores until it is found.
shown look_for(litmus const& l, check::strategy how) {
  auto const p = parse(l.program);
  check::options o;
  o.name = l.name;
  o.search = how;
  o.executions = 50'000;
  o.tell = false;
  auto const r = check::explore(o, [&](check::threads& run) {
    stage s(p);
    s.run(run, false);
    check::expect(!is(s.seen(), l.outcome));
  });
  return {!r.ok(), r.executions + 1};
}

constexpr char const* name_of[] = {"", "load buffering", "late store", "S apart", "consume"};

TEST(litmus, table) {
  std::printf("%-24s %-12s %-9s %-10s %10s %10s %7s %7s\n", "", "outcome", "standard", "checker",
              "exhausted", "brute", "random", "pct");
  unsigned rows = 0, missed = 0;
  for (auto const& l : table) {
    SCOPED_TRACE(l.name);
    ++rows;
    bool const expected = l.standard == allowed && l.missed == none;
    missed += l.missed != none ? 1 : 0;
    auto const all = explore_all(l, check::strategy::exhaustive);
    auto const brute = explore_all(l, check::strategy::brute_force);
    EXPECT_EQ(all.it, expected);
    EXPECT_EQ(brute.it, expected);
    std::printf("%-24s %-12s %-9s %-10s %10llu %10llu", l.name, l.outcome,
                l.standard == allowed ? "allowed" : "forbidden",
                all.it                  ? "shown"
                : l.standard == allowed ? "not shown"
                                        : "forbidden",
                static_cast<unsigned long long>(all.executions),
                static_cast<unsigned long long>(brute.executions));
    if (expected) {
      auto const random = look_for(l, check::strategy::random);
      auto const pct = look_for(l, check::strategy::pct);
      EXPECT_TRUE(random.it);
      EXPECT_TRUE(pct.it);
      std::printf(" %7llu %7llu", static_cast<unsigned long long>(random.executions),
                  static_cast<unsigned long long>(pct.executions));
    } else {
      std::printf(" %7s %7s", "", "");
    }
    std::printf("  %s%s%s\n", name_of[l.missed], l.missed != none && *l.why ? ": " : "", l.why);
  }
  std::printf("%u programs; %u allowed outcomes are not shown, each for the reason given\n", rows,
              missed);
}

// The table against the axioms: the standard's column, and that an exception is what it says.
TEST(litmus, the_axioms_say_the_same) {
  for (auto const& l : table) {
    SCOPED_TRACE(l.name);
    auto const p = parse(l.program);
    auto const text = [](std::string const& o) { return o; };
    bool const race = std::string(l.outcome) == "race";
    auto const standard = judge(with_consume_as(weft::relaxed, p));
    EXPECT_EQ(race ? standard.race : contain(standard.allowed, l.outcome, text),
              l.standard == allowed);
    auto const promised = judge(with_consume_as(weft::acquire, p));
    bool const in_steps =
        race ? promised.race_in_steps : contain(promised.in_steps, l.outcome, text);
    EXPECT_EQ(in_steps, l.standard == allowed && l.missed == none);
    EXPECT_EQ(parse(text_of(p)), p);
  }
}

}  // namespace
