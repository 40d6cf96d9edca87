// SPDX-License-Identifier: Apache-2.0
#include <weft/check/linearizability.hpp>

#include <algorithm>
#include <string>

namespace weft::check::detail {

std::string who_called(drawn_call const& c) {
  return "client " + std::to_string(c.client) + ": " + c.call +
         (c.result == "done" ? "" : " returned " + c.result);
}

std::string held(std::string const& specification, std::size_t calls, std::size_t keys) {
  return "linearizable: " + std::to_string(calls) + " calls of " + specification +
         (keys ? ", " + std::to_string(keys) + " keys" : "");
}

std::string gave_up(std::string const& specification, std::size_t calls, std::uint64_t steps) {
  return "undecided: no order of the " + std::to_string(calls) + " calls of " + specification +
         " was found, nor was it shown that there is none, in " + std::to_string(steps) +
         " steps. The test asks too much: let fewer calls overlap, in bursts of at most 100 with "
         "a quiet moment between, or use a monitor";
}

std::string refuted(refutation const& r, std::vector<drawn_call> drawn) {
  constexpr std::size_t tail = 8;
  std::string out = "not linearizable: no order of these calls of " + r.specification;
  if (!r.key.empty()) out += " with key " + r.key;
  out += " gives each of them its result\n";
  if (r.order.empty()) {
    out += "No call can be the first:\n";
  } else {
    out += "The best order places " + std::to_string(r.order.size()) + " of " +
           std::to_string(r.required) + " (# in the drawing):";
    auto const shown = std::min(tail, r.order.size());
    if (shown < r.order.size()) out += " ...";
    for (auto i = r.order.size() - shown; i < r.order.size(); ++i) {
      out += (i + shown > r.order.size() ? ", " : " ") + r.order[i];
    }
    out += "\nNothing can follow (!):\n";
  }
  for (auto const& l : r.losers) {
    out += "  " + l.client_and_call;
    if (!l.instead.empty()) out += "; here it returns " + l.instead;
    out += '\n';
  }
  return out + timeline(std::move(drawn));
}

}  // namespace weft::check::detail
