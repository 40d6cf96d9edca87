// SPDX-License-Identifier: Apache-2.0
#include <weft/check/show.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

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

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

std::string padded_left(std::string const& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}

void end_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + '\n';
}

}  // namespace

std::string columns(std::vector<drawn_moment> moments) {
  struct column {
    unsigned client = 0;
    std::size_t width = 0;
    int running = 0;
  };
  std::sort(moments.begin(), moments.end(),
            [](auto const& a, auto const& b) { return a.when < b.when; });
  std::vector<column> all;
  std::size_t number = 4;
  for (auto const& m : moments) {
    auto at = std::find_if(all.begin(), all.end(), [&](auto& c) { return c.client >= m.client; });
    if (at == all.end() || at->client != m.client) at = all.insert(at, {m.client, 10, 0});
    at->width = std::max(at->width, m.text.size() + 2);
    number = std::max(number, std::to_string(m.when).size());
  }
  std::string out, line = padded_left("when", number) + "  ";
  for (auto const& c : all) line += padded("client " + std::to_string(c.client), c.width);
  end_line(out, line);
  for (auto const& m : moments) {
    line = padded_left(std::to_string(m.when), number) + "  ";
    for (auto& c : all) {
      if (c.client == m.client) {
        line += padded(m.text, c.width);
        c.running += m.begins;
      } else {
        line += padded(c.running > 0 ? "|" : "", c.width);
      }
    }
    end_line(out, line);
  }
  return out;
}

std::string timeline(std::vector<drawn_call> calls, std::size_t most) {
  std::string out;
  std::sort(calls.begin(), calls.end(), [](auto const& a, auto const& b) {
    return a.returned != b.returned ? a.returned < b.returned : a.invoked < b.invoked;
  });
  if (calls.size() > most) {
    auto const left_out = calls.size() - most;
    calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(left_out));
    out += "(" + std::to_string(left_out) + " earlier calls are not shown)\n";
  }
  std::vector<drawn_moment> moments;
  for (auto const& c : calls) {
    if (c.returned == drawn_call::open) {
      moments.push_back({c.client, c.invoked, c.call + "  never returned", 0});
      continue;
    }
    moments.push_back({c.client, c.invoked, c.call, 1});
    auto end = "= " + c.result;
    if (c.position) end += "  #" + std::to_string(c.position);
    if (c.marked) end += "  !";
    moments.push_back({c.client, c.returned, std::move(end), -1});
  }
  return out + columns(std::move(moments));
}

}  // namespace weft::check::detail
