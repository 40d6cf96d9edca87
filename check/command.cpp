// SPDX-License-Identifier: Apache-2.0
#include <weft/check/command.hpp>

#include "chooser.hpp"
#include "replay.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>

namespace weft::check {

namespace {

constexpr int all_passed = 0, bad_usage = 2, failed = 3;

struct wishes {
  bool list = false, audit = false, stats = false;
  std::string filter, replay;
  std::optional<std::uint64_t> random, pct, seed, executions;
  std::optional<unsigned> preemptions;
};

using usage_error = std::invalid_argument;

void declare(CLI::App& app, wishes& w) {
  app.footer("Exit: 0 all passed, 3 a scenario failed or the audit found something, 2 bad usage.");
  app.add_flag("--list", w.list, "name the scenarios");
  app.add_option("--filter", w.filter, "only scenarios whose name this matches")
      ->type_name("REGEX");
  auto* const replay = app.add_option("--replay", w.replay, "one execution, as a failure names it");
  replay->type_name("NAME:SCHEDULE");
  auto* const audit = app.add_flag("--audit", w.audit,
                                   "weaken each ordered access in turn: which scenario notices?");
  auto* const random = app.add_option("--random", w.random, "sample N executions by chance");
  auto* const pct = app.add_option("--pct", w.pct, "sample N executions with random priorities");
  for (auto* const o : {random, pct}) o->type_name("N")->excludes(replay)->excludes(audit);
  pct->excludes(random);
  replay->excludes(audit);
  app.add_option("--seed", w.seed, "of the samples")->type_name("N");
  app.add_option("--preemptions", w.preemptions,
                 "most switches away from a thread that could go on")
      ->type_name("N");
  app.add_option("--executions", w.executions, "most executions of a scenario")->type_name("N");
  app.add_flag("--stats", w.stats, "how many executions, steps and seconds each took");
}

void apply(wishes const& w, options& how) {
  if (w.preemptions) how.preemptions = w.preemptions;
  if (w.executions) how.executions = *w.executions;
  if (w.seed) how.seed = *w.seed;
  if (!w.random && !w.pct) return;
  how.search = w.random ? strategy::random : strategy::pct;
  how.executions = w.random ? *w.random : *w.pct;
  how.at_least = 1;
}

std::vector<scenario> chosen(std::vector<scenario> all, wishes const& w) {
  std::set<std::string> names;
  for (auto& s : all) {
    if (s.name.empty()) s.name = s.how.name;
    if (!names.insert(s.name).second) {
      throw usage_error("two scenarios are called \"" + s.name + "\": give each a name of its own");
    }
    apply(w, s.how);
  }
  if (w.filter.empty()) return all;
  try {
    std::regex const wanted(w.filter);
    std::erase_if(all, [&](scenario const& s) { return !std::regex_search(s.name, wanted); });
  } catch (std::regex_error const&) {
    throw usage_error("--filter: \"" + w.filter + "\" is no regular expression");
  }
  if (all.empty()) throw usage_error("no scenario matches \"" + w.filter + "\": --list names them");
  return all;
}

// The scenario and the schedule of --replay, as one to run.
scenario to_replay(std::vector<scenario> const& all, std::string const& text) {
  auto const end = text.rfind(':');
  if (end == text.npos) throw usage_error("--replay wants NAME:SCHEDULE, not \"" + text + '"');
  for (auto s : all) {
    if (s.name != text.substr(0, end)) continue;
    s.how.search = strategy::replay;
    s.how.schedule = text.substr(end + 1);
    (void)detail::decode(s.how.schedule);
    return s;
  }
  throw usage_error("no scenario is called \"" + text.substr(0, end) + "\": --list names them");
}

result explore_one(scenario const& s) {
  auto how = s.how;
  how.name = s.name;
  return explore(how, s.body);
}

// In a line, and what the scenario noted. The story of a failure comes later.
result explore_and_say(scenario const& s, bool stats) {
  auto const begin = std::chrono::steady_clock::now();
  auto r = explore_one(s);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  if (r.ok()) {
    std::cout << r << '\n';
  } else {
    std::cout << s.name << ": " << to_string(r.found) << '\n';
  }
  if (stats) {
    std::cout << "  " << r.executions << " executions, " << r.cut << " cut short, " << r.steps
              << " steps, " << took.count() << " s\n";
  }
  for (auto const& [outcome, times] : r.outcomes) {
    std::cout << "  " << times << " x " << outcome << '\n';
  }
  std::cout.flush();
  return r;
}

// The stories come last, so that the last line is a command that replays.
int explore_all(std::vector<scenario> const& all, bool stats) {
  std::vector<result> failures;
  for (auto const& s : all) {
    auto r = explore_and_say(s, stats);
    if (!r.ok()) failures.push_back(std::move(r));
  }
  for (auto const& r : failures) std::cout << '\n' << r;
  std::cout.flush();
  return failures.empty() ? all_passed : failed;
}

int audit_all(std::vector<scenario> const& all) {
  auto const findings = audit(all);
  print(std::cout, findings);
  std::cout.flush();
  for (auto const& f : findings) {
    if (!f.ok()) return failed;
  }
  return all_passed;
}

int run(std::vector<scenario> scenarios, wishes const& w) {
  auto const all = chosen(std::move(scenarios), w);
  if (w.list) {
    for (auto const& s : all) std::cout << s.name << '\n';
    return all_passed;
  }
  if (!w.replay.empty()) {
    auto const r = explore_one(to_replay(all, w.replay));
    if (r.found == verdict::misuse && r.story.empty()) throw usage_error(r.message);
    std::cout << r << (r.ok() ? "\n" : "") << std::flush;
    return r.ok() ? all_passed : failed;
  }
  return w.audit ? audit_all(all) : explore_all(all, w.stats);
}

}  // namespace

int main(int argc, char** argv, std::vector<scenario> scenarios) {
  std::string const program = argc > 0 ? argv[0] : "check";
  CLI::App app("Explores the scenarios of this program under the C++20 memory model.", program);
  wishes w;
  declare(app, w);
  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const& help) {
    return app.exit(help);
  } catch (CLI::ParseError const& e) {
    std::cerr << program << ": " << e.what() << "\n  --help lists the options\n";
    return bad_usage;
  }
  detail::replay_by const command(detail::quoted(program) + " --replay");
  try {
    return run(std::move(scenarios), w);
  } catch (usage_error const& e) {
    std::cerr << program << ": " << e.what() << '\n';
    return bad_usage;
  }
}

}  // namespace weft::check
