// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>
#include <weft/version.hpp>

namespace weft::cli {
namespace {

struct shown {
  char const* word;
  char const* paint;
};

shown show(health how) noexcept {
  switch (how) {
    case health::good: return {"ok", "\x1b[32m"};
    case health::note: return {"note", "\x1b[33m"};
    case health::broken: break;
  }
  return {"FAIL", "\x1b[31m"};
}

std::size_t count(diagnosis const& d, health how) {
  std::size_t n = 0;
  for (auto const& c : d.chapters)
    n += static_cast<std::size_t>(
        std::ranges::count_if(c.findings, [&](auto const& f) { return f.how == how; }));
  return n;
}

// Lines after the first stand under the first.
std::string indented(std::string_view text, std::size_t by) {
  std::string out;
  for (char const c : text) {
    out += c;
    if (c == '\n') out.append(by, ' ');
  }
  return out;
}

}  // namespace

bool diagnosis::works() const noexcept {
  return std::ranges::all_of(chapters, [](auto const& c) {
    return std::ranges::none_of(c.findings,
                                [](auto const& f) { return f.how == health::broken; });
  });
}

diagnosis examine() {
  return {{examine_machine(), examine_environment(), examine_runtime(), examine_reclamation(),
           examine_build()}};
}

std::string as_text(diagnosis const& d, bool coloured) {
  std::size_t width = 0;
  for (auto const& c : d.chapters)
    for (auto const& f : c.findings) width = std::max(width, f.name.size());
  auto const bold = coloured ? "\x1b[1m" : "";
  auto const off = coloured ? "\x1b[0m" : "";
  auto const margin = width + 10;
  std::string out = fmt::format("{}weft {}{}\n", bold, version, off);
  for (auto const& c : d.chapters) {
    if (c.findings.empty()) continue;
    out += fmt::format("\n{}{}{}\n", bold, c.name, off);
    for (auto const& f : c.findings) {
      auto const [word, paint] = show(f.how);
      out += fmt::format("  {}{:<4}{}  {:<{}}  {}\n", coloured ? paint : "", word, off, f.name,
                         width, indented(f.text, margin));
      if (!f.advice.empty())
        out += fmt::format("{:{}}{}\n", "", margin, indented(f.advice, margin));
    }
  }
  auto const broken = count(d, health::broken);
  auto const notes = count(d, health::note);
  out += broken != 0 ? fmt::format("\n{} will not work; see FAIL above\n",
                                   broken == 1 ? "1 thing" : fmt::format("{} things", broken))
                     : "\nweft works on this machine\n";
  if (notes != 0) out += fmt::format("{} note{}\n", notes, notes == 1 ? "" : "s");
  return out;
}

std::string as_json(diagnosis const& d) {
  boost::json::array findings;
  for (auto const& c : d.chapters)
    for (auto const& f : c.findings)
      findings.push_back(boost::json::object{{"about", c.name},
                                             {"name", f.name},
                                             {"state", show(f.how).word},
                                             {"text", f.text},
                                             {"advice", f.advice}});
  boost::json::object const all{{"weft", std::string(version)},
                                {"works", d.works()},
                                {"findings", std::move(findings)}};
  return boost::json::serialize(all) + "\n";
}

}  // namespace weft::cli
