// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "doctor.hpp"
#include "output.hpp"

#include <csignal>
#include <exception>
#include <fmt/format.h>
#include <weft/version.hpp>

namespace weft::cli {
namespace {

int run(request const& asked) {
  switch (asked.what) {
    case request::action::help: return print(asked.text) ? fine : failed;
    case request::action::version:
      return print(fmt::format("weft {}\n", weft::version)) ? fine : failed;
    case request::action::run:
    case request::action::test: return run_scheme(asked);
    case request::action::doctor: break;
  }
  auto const found = examine();
  auto const text = asked.json ? as_json(found) : as_text(found, coloured(asked.colours));
  if (!print(text)) return failed;
  return found.works() ? fine : failed;
}

}  // namespace
}  // namespace weft::cli

int main(int argc, char** argv) {
  using namespace weft::cli;
  // A closed pipe is an error of the write, with a text, not the silent end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    auto const line = parse(argc, argv);
    if (line.complaint.empty()) return run(line.asked);
    complain(line.complaint);
    return line.code;
  } catch (std::exception const& e) {
    complain(fmt::format("this is a bug in weft: {}", e.what()));
    return own_bug;
  }
}
