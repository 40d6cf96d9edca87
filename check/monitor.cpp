// SPDX-License-Identifier: Apache-2.0
#include "lives.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weft::check::detail {

std::optional<flaw> live(std::span<traced_call const> calls, std::uint32_t values, lives& out) {
  std::vector<life> all(values);
  std::uint64_t end = 0, lost = traced_call::never;  // lost: when the first pop that never returned
  // Pushes first: whether a value was popped too often depends on its being pushed once.
  for (bool const pushes : {true, false}) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      auto const& c = calls[i];
      if (c.push != pushes) continue;
      end = std::max(end, c.returned == traced_call::never ? c.invoked : c.returned);
      if (c.value == traced_call::nothing) {
        if (c.returned == traced_call::never) lost = std::min(lost, c.invoked);
        else out.empties.push_back(i);
        continue;
      }
      auto& l = all[c.value];
      auto& mine = c.push ? l.push : l.pop;
      if (mine != life::no_call) {
        return flaw{c.push ? flaw::pushed_twice : flaw::popped_twice, {mine, i}, c.value};
      }
      mine = i;
      (c.push ? l.push_invoked : l.pop_invoked) = c.invoked;
      (c.push ? l.push_returned : l.pop_returned) = c.returned;
    }
  }
  for (std::uint32_t v = 0; v < values; ++v) {
    auto& l = all[v];
    if (l.push == life::no_call) return flaw{flaw::never_pushed, {l.pop}, v};
    if (l.pop != life::no_call) {
      if (l.pop_returned < l.push_invoked) return flaw{flaw::popped_early, {l.push, l.pop}, v};
    } else if (l.push_returned == traced_call::never) {
      continue;  // neither ended nor seen: as if it had not been
    } else {
      l.pop_invoked = lost == traced_call::never ? ++end : lost;
      l.pop_returned = traced_call::never;
    }
    out.all.push_back(l);
  }
  return std::nullopt;
}

void add_calls(life const& l, std::vector<std::size_t>& calls) {
  calls.push_back(l.push);
  if (l.pop != life::no_call) calls.push_back(l.pop);
}

// A pop that found nothing did so at some moment of its own, and at that moment each value was not
// yet pushed or already popped. There is such a moment unless the certain times of the values cover
// the pop. That there need be no more than such a moment for each of these pops, by itself: between
// two neighbouring events of the history all calls under way may take effect in any order, so what
// was not certainly there may be made to end before that moment or begin after it.
std::optional<flaw> not_empty(std::span<traced_call const> calls, std::vector<life> const& all,
                              std::vector<std::size_t> const& empties) {
  if (empties.empty()) return std::nullopt;
  std::vector<life const*> sorted;
  for (auto const& l : all) {
    if (l.certain()) sorted.push_back(&l);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](auto const* a, auto const* b) { return a->push_returned < b->push_returned; });
  struct stretch {
    std::uint64_t begin, end;
    std::size_t first;  // of `sorted`
  };
  std::vector<stretch> covered;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    auto const& l = *sorted[i];
    if (covered.empty() || covered.back().end < l.push_returned) {
      covered.push_back({l.push_returned, l.pop_invoked, i});
    } else {
      covered.back().end = std::max(covered.back().end, l.pop_invoked);
    }
  }
  for (auto const e : empties) {
    auto const& pop = calls[e];
    auto const behind = std::partition_point(
        covered.begin(), covered.end(), [&](stretch const& s) { return s.begin < pop.invoked; });
    if (behind == covered.begin() || (behind - 1)->end < pop.returned) continue;
    // The fewest values that cover it: always the one that lasts longest of those that were there.
    flaw f{flaw::not_empty, {e}, traced_call::nothing};
    auto at = pop.invoked;
    for (auto i = (behind - 1)->first; at < pop.returned;) {
      life const* longest = nullptr;
      for (; i < sorted.size() && sorted[i]->push_returned < at; ++i) {
        if (!longest || longest->pop_invoked < sorted[i]->pop_invoked) longest = sorted[i];
      }
      at = longest->pop_invoked;
      add_calls(*longest, f.calls);
    }
    return f;
  }
  return std::nullopt;
}

// By Henzinger, Sezgin and Vafeiadis these violations are all: whatever has none of them is a
// history of a queue. Two values are in the wrong order if a's push returned before b's was
// invoked, and b's pop before a's. With the values sorted by the former time the latest pop of any
// earlier value is a running maximum.
std::optional<flaw> queue_flaw(std::span<traced_call const> calls, std::uint32_t values) {
  lives lived;
  if (auto f = live(calls, values, lived)) return f;
  auto const& all = lived.all;
  std::vector<std::size_t> by_end(all.size()), by_begin(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) by_end[i] = by_begin[i] = i;
  std::sort(by_end.begin(), by_end.end(),
            [&](auto a, auto b) { return all[a].push_returned < all[b].push_returned; });
  std::sort(by_begin.begin(), by_begin.end(),
            [&](auto a, auto b) { return all[a].push_invoked < all[b].push_invoked; });
  std::size_t next = 0;
  life const* last = nullptr;  // popped last of the values pushed before
  for (auto const i : by_begin) {
    auto const& b = all[i];
    for (; next < by_end.size() && all[by_end[next]].push_returned < b.push_invoked; ++next) {
      auto const& a = all[by_end[next]];
      if (!last || last->pop_invoked < a.pop_invoked) last = &a;
    }
    if (last && b.pop_returned < last->pop_invoked) {
      flaw f{flaw::overtaken, {}, calls[b.push].value};
      add_calls(*last, f.calls);
      add_calls(b, f.calls);
      return f;
    }
  }
  return not_empty(calls, all, lived.empties);
}

judgement monitored(std::string const& specification, std::size_t calls, std::uint32_t values) {
  return {answer::yes, "no violation: " + std::to_string(calls) + " calls of " + specification +
                           ", " + std::to_string(values) + " values"};
}

judgement monitored(std::string const& specification, flaw const& f, std::string const& value,
                    std::vector<drawn_call> drawn) {
  std::string text;
  switch (f.what) {
    case flaw::pushed_twice:
      return {answer::undecided, "undecided: " + value +
                                     " was pushed twice, and a monitor needs distinct values: "
                                     "give each push its own, for instance client * calls + i\n" +
                                     timeline(std::move(drawn))};
    case flaw::never_pushed:
      text = value + " was popped, but never pushed";
      break;
    case flaw::popped_twice:
      text = value + " was popped twice";
      break;
    case flaw::popped_early:
      text = value + " was popped before it was pushed";
      break;
    case flaw::overtaken:
      text = value + " was pushed after the other value, but popped before it";
      break;
    case flaw::tangled:
      text = "these values cannot be nested: none of them can have lain below all others";
      break;
    case flaw::not_empty:
      text = "a pop found nothing, though at every moment of it something was there";
      break;
  }
  for (auto& d : drawn) d.marked = d.result == "nothing";
  return {answer::no,
          "not a history of " + specification + ": " + text + '\n' + timeline(std::move(drawn))};
}

}  // namespace weft::check::detail
