// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#if defined(WEFT_MODEL)
#include <support/scenario_checked.hpp>
#else
#include <support/scenario_stressed.hpp>
#endif

// A scenario is a function of something that runs bodies beside each other:
//
//   void a_commit_against_a_timeout(auto& run) {
//     world...;
//     run([&] { one thread }, [&] { another });
//     expect...;
//   }
//
// It makes its world anew each time. A file of scenarios is compiled twice: with the library on the
// checker's atoms, where every order of events is run, and on the native ones, where real threads
// run it many times, each started a little late.
namespace weft_test {

/// How a scenario is explored.
struct bounds {
  std::uint64_t at_least = 1;             ///< complete executions, or it proves nothing
  std::optional<unsigned> preemptions{};  ///< at most; unset: any number, and the proof is whole
  unsigned spurious = 0;                  ///< wake-ups and failures without a reason, a thread
  bool late_timeouts = false;  ///< a deadline passes only when nothing else can happen any more
  bool leaks = true;           ///< memory that is left is a failure; not where domains keep some
  bool prepared = true;        ///< what weft does once for every thread has been done
};

struct scenario {
  std::string name;
  std::function<void(runner&)> body;
  bounds how{};
};

using scenarios = std::vector<scenario>;

/// Makes each scenario a test of that suite. Called before main, for a static variable.
inline bool register_scenarios(char const* suite, scenarios const& all, char const* file) {
  struct one : testing::Test {
    explicit one(scenario const& s) : mine(s) {}
    void TestBody() override { try_out(mine); }
    scenario const& mine;
  };
  for (auto const& s : all) {
    testing::RegisterTest(suite, s.name.c_str(), nullptr, nullptr, file, 0,
                          [&s]() -> testing::Test* { return new one(s); });
  }
  return true;
}

}  // namespace weft_test

/// A scenario of the list that follows, by the name of its function.
#define WEFT_SCENARIO(function, ...)                                               \
  weft_test::scenario {                                                            \
    #function, [](auto& run) { function(run); }, weft_test::bounds { __VA_ARGS__ } \
  }
