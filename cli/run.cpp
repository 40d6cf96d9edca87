// SPDX-License-Identifier: Apache-2.0
// `weft run` and `weft test`.
#include "command.hpp"
#include "output.hpp"

#if WEFT_WITH_SCHEME
#include <weft/scheme/program.hpp>
#endif

namespace weft::cli {

#if WEFT_WITH_SCHEME

int run_scheme(request const& asked) {
  using scheme::program;
  program p;
  if (asked.what == request::action::test) {
    p.from = program::source::tests;
    p.arguments = asked.words;
    return scheme::run_program(p);
  }
  p.name = asked.words.front();
  p.arguments.assign(asked.words.begin() + 1, asked.words.end());
  if (p.name == "-e") {
    p.from = program::source::text;
    p.text = asked.text;
  }
  return scheme::run_program(p);
}

#else

int run_scheme(request const&) {
  complain(
      "this weft was built without Guile, which runs Scheme: install guile-3.0-dev, build again");
  return failed;
}

#endif

}  // namespace weft::cli
