// SPDX-License-Identifier: Apache-2.0
#include "measure.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cores.hpp"
#include "process.hpp"
#include "sampler.hpp"

namespace bench {
namespace {

constexpr std::chrono::seconds process_limit{300};

sample in_own_process(const row& asked, const std::string& which) {
  std::vector<std::string> arguments{"--sample", asked.name, "--side", which};
  if (current().quick) arguments.emplace_back("--quick");
  return [arguments = std::move(arguments)] {
    const std::string text = run_self(arguments, process_limit);
    // The row itself may print: the value is the last line.
    const auto end = text.find_last_not_of('\n');
    if (end == std::string::npos) throw std::runtime_error{"a sample's process gave no value"};
    const auto start = text.rfind('\n', end) + 1;
    return boost::json::parse(text.substr(start, end + 1 - start)).at("value").to_number<double>();
  };
}

sample prepare(const row& asked, const side& make, const std::string& which) {
  if (!make) return {};
  return asked.own_process ? in_own_process(asked, which) : make();
}

double take(const sample& from, const std::string& who) {
  const double value = from();
  if (!std::isfinite(value) || value <= 0)
    throw std::runtime_error{who + " measured " + std::to_string(value) +
                             ", which is not a positive number"};
  return value;
}

}  // namespace

measurement measure(const row& asked, unsigned rounds) {
  const double round_trip = word_round_trip();
  const std::string rivals_name{rival_name(asked.name)};
  const sample ours = prepare(asked, asked.ours, "ours");
  const sample rival = prepare(asked, asked.rival, "rival");
  if (!asked.own_process) {
    take(ours, "weft");
    if (rival) take(rival, rivals_name);
  }

  std::vector<double> our_values;
  std::vector<double> rival_values;
  for (unsigned round = 0; round < rounds; ++round) {
    const bool rival_first = round % 2 == 1;
    if (rival && rival_first) rival_values.push_back(take(rival, rivals_name));
    our_values.push_back(take(ours, "weft"));
    if (rival && !rival_first) rival_values.push_back(take(rival, rivals_name));
  }

  result outcome{asked.name,
                 asked.unit,
                 median(our_values),
                 rivals_name,
                 {},
                 {},
                 std::string{rival ? state_of(round_trip) : not_installed}};
  if (rival) {
    outcome.rival = median(rival_values);
    outcome.ratio = median_interval(paired_ratios(our_values, rival_values, asked.good));
  }
  return {std::move(outcome), round_trip};
}

std::string sample_line(const row& asked, const std::string& which) {
  const side& make = which == "ours" ? asked.ours : asked.rival;
  if (!make) throw std::runtime_error{asked.name + " has no such side: " + which};
  const sample one = make();
  return boost::json::serialize(boost::json::object{{"value", take(one, which)}});
}

}  // namespace bench
