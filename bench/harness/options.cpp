// SPDX-License-Identifier: Apache-2.0
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <sstream>
#include <utility>

#include "nearest.hpp"
#include "program.hpp"

namespace bench {
namespace {

constexpr unsigned quick_rounds = 5;
constexpr const char* purpose =
    "Measure weft against its rivals.\n\n"
    "  weft-bench --filter '^task\\.'           the rows of one area\n"
    "  weft-bench --save before.json           keep the figures of today\n"
    "  weft-bench --baseline before.json       exit 3 where a ratio fell beyond noise\n";

std::string usage_error(const std::string& what) {
  return "weft-bench: " + what + "\n  see weft-bench --help\n";
}

// The text for an option that does not exist, with the one that was probably meant.
std::string unknown(const CLI::App& app, int argc, const char* const* argv) {
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    if (!option->get_group().empty()) known.push_back("--" + option->get_lnames().front());
  for (int i = 1; i < argc; ++i) {
    const std::string word{argv[i]};
    const std::string name = word.substr(0, word.find('='));
    if (name.starts_with("-") && app.get_option_no_throw(name) == nullptr)
      return usage_error("there is no option " + name + "; the nearest is " +
                         nearest(name, known, 1).front());
  }
  return {};
}

// What the parser cannot know: which options exclude each other. Empty if all is well.
std::string conflict(const options& asked) {
  const bool kept = !asked.save.empty() || !asked.baseline.empty();
  const char* flag = asked.save.empty() ? "--baseline" : "--save";
  if (kept && asked.quick) return std::string{flag} + " needs full samples; leave out --quick";
  if (kept && asked.rounds < full_rounds)
    return std::string{flag} + " needs at least " + std::to_string(full_rounds) +
           " rounds; --rounds asks for " + std::to_string(asked.rounds);
  std::error_code ignored;
  if (!asked.save.empty() && !asked.baseline.empty() &&
      std::filesystem::equivalent(asked.save, asked.baseline, ignored))
    return "--save would overwrite the baseline " + asked.baseline + "; name another file";
  return {};
}

CLI::Option* declare(CLI::App& app, options& into) {
  app.set_help_flag("-h,--help", "print this and exit");
  app.add_flag("--list", into.list, "print the names of the rows and exit");
  app.add_option("--filter", into.filter, "only rows whose name this expression finds")
      ->type_name("RE");
  app.add_flag("--json", into.json, "one JSON object a row on standard output");
  app.add_option("--save", into.save, "keep the results as lines of JSON")->type_name("FILE");
  app.add_option("--baseline", into.baseline, "compare with results kept by --save")
      ->type_name("FILE");
  app.add_flag("--quick", into.quick, "a smoke test: 5 rounds of short samples");
  app.add_option("--color", into.colour, "always, never, or auto: on a terminal")
      ->type_name("WHEN")
      ->check(CLI::IsMember({"always", "never", "auto"}).description(""));
  app.add_option("--sample", into.sample)->group("");
  app.add_option("--side", into.side)->check(CLI::IsMember({"ours", "rival"}))->group("");
  return app.add_option("--rounds", into.rounds, "rounds of each row (default 15; 5 with --quick)")
      ->type_name("N")
      ->check(CLI::Range(1U, 10000U).description(""));
}

}  // namespace

parsed parse(int argc, const char* const* argv) {
  parsed outcome;
  CLI::App app{purpose, "weft-bench"};
  const CLI::Option* rounds = declare(app, outcome.asked);
  app.footer(
      "Exit codes: 0 fine, 1 a row failed, 2 bad usage, 3 a regression.\n"
      "A row is one comparison measured in one run: ratio > 1 where weft is better.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    outcome.done = true;
    if (stop.get_exit_code() == 0) {
      outcome.out = app.help();
      return outcome;
    }
    outcome.code = usage;
    outcome.err = unknown(app, argc, argv);
    if (outcome.err.empty()) outcome.err = usage_error(stop.what());
    return outcome;
  }
  if (outcome.asked.quick && rounds->count() == 0) outcome.asked.rounds = quick_rounds;
  if (const std::string what = conflict(outcome.asked); !what.empty()) {
    outcome.done = true;
    outcome.code = usage;
    outcome.err = usage_error(what);
  }
  return outcome;
}

}  // namespace bench
