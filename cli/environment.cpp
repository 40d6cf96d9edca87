// SPDX-License-Identifier: Apache-2.0
#include "command.hpp"
#include "doctor.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <unistd.h>
#include <weft/exec/topology.hpp>
#include <weft/probe/event.hpp>

namespace weft::cli {
namespace {

struct verdict {
  health how;
  std::string says;
};

std::optional<unsigned long> number(std::string_view text) {
  unsigned long n = 0;
  auto const [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return n;
}

verdict judge_workers(std::string_view value) {
  if (value.empty()) return {health::good, "empty counts as not set"};
  auto const n = number(value);
  if (!n || *n == 0 || *n > 448)
    return {health::broken, "not a number of workers: give one from 1 to 448, or unset it"};
  if (*n > this_machine().usable())
    return {health::note, fmt::format("more than the {} that can run at once",
                                      this_machine().usable())};
  return {health::good, ""};
}

verdict judge_debug(std::string_view value) {
  std::string unknown;
  (void)parse_areas(value, unknown);
  if (unknown.empty()) return {health::good, ""};
  return {health::note, fmt::format("no area is called '{}'; the areas are {}", unknown,
                                    area_names())};
}

verdict judge_log(std::string_view value) {
  for (auto const* level : {"", "info", "warn", "error"})
    if (value == level) return {health::good, ""};
  return {health::note, "nothing is logged; the levels are info, warn, error"};
}

verdict judge_number(std::string_view value) {
  if (value.empty() || number(value)) return {health::good, ""};
  return {health::note, "not a number"};
}

verdict judge_switch(std::string_view value) {
  if (value.empty() || value == "0" || value == "1") return {health::good, ""};
  return {health::note, "neither 0 nor 1; counts as 0"};
}

verdict judge_neutralize(std::string_view value) {
  for (auto const* mode : {"", "ordered", "acknowledged", "off"})
    if (value == mode) return {health::good, ""};
  return {health::note, "ignored; the modes are ordered, acknowledged, off"};
}

struct known_variable {
  std::string_view name;
  verdict (*judge)(std::string_view value);
};
constexpr known_variable known[]{
    {"WEFT_WORKERS", judge_workers},   // programs
    {"WEFT_DEBUG", judge_debug},       // programs
    {"WEFT_LOG", judge_log},           // programs
    {"WEFT_NEUTRALIZE", judge_neutralize},  // programs
    {"WEFT_SEED", judge_number},       // tests
    {"WEFT_DURATION", judge_number},   // tests
    {"WEFT_NO_INSTALL", judge_switch}  // make
};

finding look_at(std::string const& name, std::string const& value) {
  auto const* const it =
      std::ranges::find_if(known, [&](auto const& k) { return k.name == name; });
  if (it != std::end(known)) {
    auto v = it->judge(value);
    return {v.how, name, value.empty() ? "(empty)" : value, std::move(v.says)};
  }
  std::vector<std::string> names;
  for (auto const& k : known) names.emplace_back(k.name);
  auto const near = nearest(name, names);
  return {health::note, name, value,
          near.empty() ? "nothing in weft reads it"
                       : fmt::format("nothing in weft reads it; did you mean {}?", near)};
}

}  // namespace

chapter examine_environment() {
  chapter c{"environment", {}};
  for (char** at = environ; *at != nullptr; ++at) {
    std::string const line = *at;
    auto const equals = line.find('=');
    if (line.starts_with("WEFT_") && equals != line.npos)
      c.findings.push_back(look_at(line.substr(0, equals), line.substr(equals + 1)));
  }
  std::ranges::sort(c.findings, {}, &finding::name);
  if (c.findings.empty())
    c.findings.push_back({health::good, "WEFT_*", "nothing is set", ""});
  return c;
}

}  // namespace weft::cli
