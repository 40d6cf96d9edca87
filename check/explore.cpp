// SPDX-License-Identifier: Apache-2.0
#include "execution.hpp"
#include "replay.hpp"

#include <weft/check/explore.hpp>

#include <bit>
#include <chrono>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <utility>

namespace weft::check {

namespace {

using detail::chooser;
using detail::ending;
using detail::execution;

// The failed execution again, told step by step.
void tell(execution& e, std::function<void(threads&)> const& scenario,
          std::vector<std::uint8_t> decisions, result& r) {
  chooser by(r.asked);
  by.replay(std::move(decisions));
  e.found = verdict::passed;
  auto const end = e.run(scenario, by, true);
  if (end != ending::failed || e.found != r.found) {
    r.story =
        "(the execution could not be repeated: the scenario depends on something that is "
        "not its own)\n";
    return;
  }
  r.message = e.message;
  r.story = e.told.text();
}

// Runs an execution once more with the same choices: a scenario that depends on something of its
// own only does the same. What is noted counts once.
ending repeat(execution& e, std::function<void(threads&)> const& scenario, chooser& by, ending end,
              std::uint64_t steps) {
  auto noted = e.noted;
  auto accesses = e.accesses;
  auto const before = e.steps;
  auto const again = e.run(scenario, by, false);
  auto const steps_again = std::exchange(e.steps, before) - before;
  e.noted = std::move(noted);
  e.accesses = std::move(accesses);
  if (again == ending::failed || (again == end && steps_again == steps)) return again;
  e.found = verdict::not_repeatable;
  e.message = std::string(detail::not_the_same) + "it did " + std::to_string(steps) +
              " steps, then, with the same choices, " + std::to_string(steps_again);
  return ending::failed;
}

// A step of a thread is a number of 16 bits, and may count twice.
constexpr unsigned most_steps = 30'000;

// What is wrong with the options; empty if nothing is.
std::string refused(options const& o) {
  if (o.steps > most_steps) {
    return "options::steps is " + std::to_string(o.steps) + ", at most " +
           std::to_string(most_steps) +
           " can be told apart: a scenario that needs more has too many executions anyway";
  }
  if (o.search != strategy::replay) return {};
  try {
    (void)detail::decode(o.schedule);
  } catch (std::invalid_argument const& e) {
    return e.what();
  }
  return {};
}

void judge(result& r, bool all) {
  r.exhausted = all && r.found == verdict::passed;
  if (r.found != verdict::passed || r.executions >= r.asked.at_least) return;
  if (r.asked.search == strategy::replay) return;
  r.found = verdict::too_few;
  r.message = "only " + std::to_string(r.executions) + " executions were complete, at least " +
              std::to_string(r.asked.at_least) + " were promised: what should have met did not";
}

}  // namespace

result explore(options const& wanted, std::function<void(threads&)> scenario,
               std::source_location where) {
  if (execution::current() != nullptr) {
    detail::outside_guard const real;
    execution::current()->fail(verdict::misuse, "explore() is called at " + detail::show(where) +
                                                    ", inside a scenario: explore one scenario "
                                                    "after the other");
  }
  result r;
  auto& o = r.asked;
  o = wanted;
  if (o.name.empty()) o.name = detail::show(where);
  if (auto schedule = detail::schedule_wanted(o.name)) {
    o.search = strategy::replay;
    o.schedule = std::move(*schedule);
  }
  if (auto why_not = refused(o); !why_not.empty()) {
    r.found = verdict::misuse;
    r.message = std::move(why_not);
    return r;
  }
  chooser by(o);
  auto const e = std::make_unique<execution>(r.asked);
  bool all = false;
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(o.seconds);
  for (std::uint64_t round = 1;; ++round) {
    auto const steps = e->steps;
    auto end = e->run(scenario, by, false);
    if (by.exhaustive() && end != ending::failed && round >= 8 && std::has_single_bit(round)) {
      end = repeat(*e, scenario, by, end, e->steps - steps);
    }
    if (o.search == strategy::replay &&
        (by.strayed() || (end != ending::failed && !by.used_up()))) {
      r.found = verdict::misuse;
      r.message = "the schedule \"" + o.schedule +
                  "\" does not fit this scenario: it is of another one, or of this one before a "
                  "change; explore it again";
      break;
    }
    if (end == ending::failed) {
      r.found = e->found;
      r.message = e->message;
      r.schedule = detail::encode(by.decisions());
      if (o.tell) tell(*e, scenario, by.decisions(), r);
      break;
    }
    ++(end == ending::complete ? r.executions : r.cut);
    if (!by.next()) {
      all = by.exhaustive();
      break;
    }
    if (r.executions + r.cut >= o.executions) break;
    if (o.seconds != 0 && round % 256 == 0 && std::chrono::steady_clock::now() > deadline) break;
  }
  r.steps = e->steps;
  r.outcomes = std::move(e->noted);
  r.accesses = std::move(e->accesses);
  judge(r, all);
  return r;
}

std::string_view to_string(verdict v) noexcept {
  switch (v) {
    case verdict::passed:
      return "passed";
    case verdict::wrong:
      return "wrong";
    case verdict::data_race:
      return "data race";
    case verdict::use_after_free:
      return "use after free";
    case verdict::double_free:
      return "double free";
    case verdict::leak:
      return "leak";
    case verdict::deadlock:
      return "deadlock";
    case verdict::livelock:
      return "livelock";
    case verdict::too_long:
      return "too long";
    case verdict::exception:
      return "exception";
    case verdict::died:
      return "died";
    case verdict::misuse:
      return "misuse";
    case verdict::not_repeatable:
      return "not repeatable";
    case verdict::too_few:
      return "too few executions";
  }
  return "?";
}

std::ostream& operator<<(std::ostream& to, result const& r) {
  auto const& name = r.asked.name;
  if (!name.empty()) to << name << ": ";
  if (r.ok()) {
    bool const random = r.asked.search == strategy::random || r.asked.search == strategy::pct;
    to << (r.exhausted ? "exhausted"
           : random    ? "sampled"
                       : "not exhausted")
       << ": " << r.executions << " executions";
    if (r.asked.preemptions) to << " (preemption bound " << *r.asked.preemptions << ')';
    return to << ", 0 failures";
  }
  to << to_string(r.found);
  if (r.found == verdict::too_few) return to << ": " << r.message << '\n';
  if (r.asked.search != strategy::replay) to << " in execution " << r.executions + r.cut + 1;
  // What is said in the line above is not said again.
  std::string_view message = r.message;
  auto const again = std::string(to_string(r.found)) + ": ";
  if (message.starts_with(again)) message.remove_prefix(again.size());
  to << '\n' << message << '\n';
  if (r.story.empty()) return to;
  return to << '\n' << r.story << "to replay:\n" << detail::command_to_replay(r) << '\n';
}

}  // namespace weft::check
