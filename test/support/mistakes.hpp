// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/scenario_checked.hpp>

// Mistakes in the text of weft's sources: x_mistakes.json has them, and both texts are compiled.
namespace weft_test {

/// Which one is made; 0: none.
extern unsigned mistake;

struct mistake_name {
  std::string name;
  std::string in;  ///< the one scenario to run; empty: all
};
/// What they are called: number n is mistakes[n - 1].
extern std::vector<mistake_name> const mistakes;

/// Each of them is noticed by some scenario.
inline void hunt_mistakes(auto const& all) {
  struct none_at_the_end {
    ~none_at_the_end() { mistake = 0; }
  } const guard;
  std::vector<mutant> list;
  for (unsigned n = 1; n <= mistakes.size(); ++n) {
    auto const& [name, in] = mistakes[n - 1];
    mutant m{.name = name};
    for (auto const& s : all) {
      if (!in.empty() && s.name != in) continue;
      auto c = checked(s);
      c.body = [body = c.body, n](weft::check::threads& run) {
        mistake = n;
        body(run);
      };
      m.variant.push_back(std::move(c));
    }
    list.push_back(std::move(m));
  }
  hunt(std::vector<weft::check::scenario>{}, list, false);
}

}  // namespace weft_test
