// SPDX-License-Identifier: Apache-2.0
#include <weft/check/opacity.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace weft::check::detail {

void transactions_full(unsigned client, char const* what, std::size_t room) {
  throw std::length_error("weft::check: client " + std::to_string(client) +
                          " of a transaction history has no room for more than " +
                          std::to_string(room) + " " + what +
                          ": make the history with more, or clear() it between rounds");
}

void not_ended(unsigned client) {
  throw std::logic_error("weft::check: client " + std::to_string(client) +
                         " of a transaction history begins a transaction before its last one has "
                         "ended: commit() it, say that it was aborted(), or use another client");
}

std::string gave_up_ordering(std::size_t transactions, std::uint64_t steps) {
  return "undecided: no order of " + std::to_string(transactions) +
         " transactions was found, nor was it shown that there is none, in " +
         std::to_string(steps) +
         " steps. The test asks too much: let fewer transactions overlap, or check shorter bursts";
}

std::string refuted(transaction_story story) {
  constexpr std::size_t tail = 8;
  constexpr std::size_t lines = 60;
  std::string out = "not " + story.property + ": ";
  if (story.event.empty()) out += "no order of the transactions explains what they read\n";
  else out += "no order of the transactions begun by then explains " + story.event + '\n';
  if (!story.order.empty()) {
    out += "The best order:";
    auto const shown = std::min(tail, story.order.size());
    if (shown < story.order.size()) out += " ...";
    for (auto i = story.order.size() - shown; i < story.order.size(); ++i) {
      out += (i + shown > story.order.size() ? ", " : " ") + story.order[i];
    }
    out += "\nAfter it:\n";
  }
  for (auto const& l : story.losers) out += "  " + l + '\n';
  auto& drawing = story.drawing;
  std::sort(drawing.begin(), drawing.end(),
            [](auto const& a, auto const& b) { return a.when < b.when; });
  if (drawing.size() > lines) {
    out += "(" + std::to_string(drawing.size() - lines) + " earlier lines are not shown)\n";
    drawing.erase(drawing.begin(), drawing.end() - static_cast<std::ptrdiff_t>(lines));
  }
  return out + columns(std::move(drawing));
}

}  // namespace weft::check::detail
