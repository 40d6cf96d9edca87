// SPDX-License-Identifier: Apache-2.0
#include <weft/check/show.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace weft::check::detail {

void no_such_client(unsigned client, std::size_t clients) {
  throw std::out_of_range("weft::check: a history has no client " + std::to_string(client) +
                          ", it was made for " + std::to_string(clients) +
                          ": count them from 0, or make it for more");
}

void history_full(unsigned client, std::size_t calls) {
  throw std::length_error("weft::check: client " + std::to_string(client) +
                          " of a history has no room for more than " + std::to_string(calls) +
                          " calls: make the history with more, or clear() it between rounds");
}

std::string short_name(std::string_view signature) {
  // "... [T = a::b<c::d>::e]" of clang, "... [with T = ...; other = ...]" of gcc.
  auto const at = signature.find("T = ");
  auto type = signature.substr(at + 4);
  auto end = type.size() - 1;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < type.size(); ++i) {
    char const c = type[i];
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
    if (depth == 0 && (c == ';' || c == ']')) {
      end = i;
      break;
    }
    if (depth == 0 && c == ':' && i + 1 < type.size() && type[i + 1] == ':') begin = i + 2;
  }
  return std::string(type.substr(begin, end - begin));
}

namespace {

struct moment {
  std::uint64_t when;
  std::size_t call;
  bool end;
};

// What stands in one cell of the drawing.
std::string cell(drawn_call const& c, bool end) {
  if (!end) return c.call + (c.returned == drawn_call::open ? "  never returned" : "");
  auto text = "= " + c.result;
  if (c.position) text += "  #" + std::to_string(c.position);
  if (c.marked) text += "  !";
  return text;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

void trim(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

}  // namespace

std::string timeline(std::vector<drawn_call> calls, std::size_t most) {
  std::string out;
  std::sort(calls.begin(), calls.end(),
            [](auto const& a, auto const& b) { return a.returned < b.returned; });
  if (calls.size() > most) {
    // Those that end last, and of those that never end the ones at the front of the list.
    auto const left_out = calls.size() - most;
    calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(left_out));
    out += "(" + std::to_string(left_out) + " earlier calls are not shown)\n";
  }
  std::vector<moment> moments;
  std::vector<unsigned> clients;
  std::vector<std::size_t> widths;
  std::size_t first = 4;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    moments.push_back({calls[i].invoked, i, false});
    if (calls[i].returned != drawn_call::open) moments.push_back({calls[i].returned, i, true});
    clients.push_back(calls[i].client);
  }
  std::sort(clients.begin(), clients.end());
  clients.erase(std::unique(clients.begin(), clients.end()), clients.end());
  widths.assign(clients.size(), 10);
  std::vector<int> running(clients.size(), 0);
  auto const column = [&](unsigned client) {
    return static_cast<std::size_t>(std::lower_bound(clients.begin(), clients.end(), client) -
                                    clients.begin());
  };
  for (auto const& c : calls) {
    auto& w = widths[column(c.client)];
    w = std::max({w, cell(c, false).size() + 2, cell(c, true).size() + 2});
    first = std::max(first, std::to_string(c.invoked).size());
  }
  std::sort(moments.begin(), moments.end(),
            [](auto const& a, auto const& b) { return a.when < b.when; });

  std::string line = padded("when", first + 2);
  for (std::size_t k = 0; k < clients.size(); ++k) {
    line += padded("client " + std::to_string(clients[k]), widths[k]);
  }
  trim(line);
  out += line + '\n';
  for (auto const& m : moments) {
    auto const& c = calls[m.call];
    auto const number = std::to_string(m.when);
    line = std::string(first - std::min(first, number.size()), ' ') + number + "  ";
    auto const mine = column(c.client);
    for (std::size_t k = 0; k < clients.size(); ++k) {
      std::string const text = k == mine ? cell(c, m.end) : running[k] > 0 ? "|" : "";
      line += padded(text, widths[k]);
    }
    trim(line);
    out += line + '\n';
    if (c.returned != drawn_call::open) running[mine] += m.end ? -1 : 1;
  }
  return out;
}

}  // namespace weft::check::detail
