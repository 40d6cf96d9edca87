// SPDX-License-Identifier: Apache-2.0
#include "lives.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

// When are the pushes and pops of distinct values a history of a stack?
//
// K1  If the push and the pop of a value overlap, both can take effect at one moment, one right
//     after the other, and change nothing for anybody: the value can be left out. What is left has
//     certain times, from the return of the push to the invocation of the pop.
// K2  At a moment that is in nobody's certain time each value can have been popped before, or
//     pushed after. So what lies before it and what lies after it are two histories that are judged
//     apart: all calls of the one are invoked before all calls of the other return.
// K3  In a stretch that the certain times cover without a gap the stack is never empty, but at the
//     ends. So one value is pushed first and popped last: its push was invoked before any other
//     push returned, and its pop returned after every other pop was invoked.
// K4  Any value like that will do: without it a history of a stack is still one, and around a
//     history of a stack it can always be put. It is taken away, and the rest may have gaps.
//
// The value of K3 is found among the pushes that were under way when the first push of the stretch
// returned: each client has at most one.
//
// test/check/monitor.cpp compares this with the search on random histories.
namespace weft::check::detail {
namespace {

/// How many certain times cover each gap between neighbouring moments.
class coverage {
 public:
  explicit coverage(std::size_t gaps) {
    while (width_ < gaps) width_ *= 2;
    low_.assign(2 * width_, 0);
    added_.assign(2 * width_, 0);
  }
  void add(std::size_t begin, std::size_t end, int by) { add(1, 0, width_, begin, end, by); }
  /// The first gap in [begin, end) that nothing covers; `end` if there is none.
  [[nodiscard]] std::size_t first_gap(std::size_t begin, std::size_t end) const {
    return find(1, 0, width_, begin, end, 0);
  }

 private:
  void add(std::size_t node, std::size_t low, std::size_t high, std::size_t begin, std::size_t end,
           int by) {
    if (end <= low || high <= begin) return;
    if (begin <= low && high <= end) {
      added_[node] += by;
      low_[node] += by;
      return;
    }
    auto const middle = (low + high) / 2;
    add(2 * node, low, middle, begin, end, by);
    add(2 * node + 1, middle, high, begin, end, by);
    low_[node] = std::min(low_[2 * node], low_[2 * node + 1]) + added_[node];
  }
  [[nodiscard]] std::size_t find(std::size_t node, std::size_t low, std::size_t high,
                                 std::size_t begin, std::size_t end, int above) const {
    if (end <= low || high <= begin || low_[node] + above > 0) return end;
    if (high - low == 1) return low;
    auto const middle = (low + high) / 2;
    auto const left = find(2 * node, low, middle, begin, end, above + added_[node]);
    return left != end ? left : find(2 * node + 1, middle, high, begin, end, above + added_[node]);
  }

  std::size_t width_ = 1;
  std::vector<int> low_;    // the least of the node's gaps, with what was added to it, not above
  std::vector<int> added_;  // to all gaps of the node
};

/// Finds the nearest moment that is still of interest, in one direction.
class nearest {
 public:
  explicit nearest(std::size_t n) : to_(n + 1) { std::iota(to_.begin(), to_.end(), 0u); }
  void drop(std::size_t i) { to_[i] = static_cast<std::uint32_t>(i + 1); }
  [[nodiscard]] std::size_t from(std::size_t i) {
    auto at = static_cast<std::uint32_t>(i);
    while (to_[at] != at) at = to_[at] = to_[to_[at]];
    return at;
  }

 private:
  std::vector<std::uint32_t> to_;
};

class nesting {
 public:
  nesting(std::span<traced_call const> calls, std::vector<life> const& all)
      : all_(all),
        rank_(all.size()),
        gone_(all.size(), false),
        gaps_(2 * all.size() + 1),
        pushes_(2 * all.size()),
        pops_(2 * all.size()) {
    std::vector<std::pair<std::uint64_t, std::size_t>> moments;  // 2 * value, + 1: the pop
    for (std::size_t v = 0; v < all.size(); ++v) {
      moments.emplace_back(all[v].push_returned, 2 * v);
      moments.emplace_back(all[v].pop_invoked, 2 * v + 1);
    }
    std::sort(moments.begin(), moments.end());
    at_.resize(moments.size());
    for (std::size_t r = 0; r < moments.size(); ++r) {
      auto const v = moments[r].second / 2;
      at_[r] = v;
      if (moments[r].second % 2 == 0) {
        rank_[v].first = r;
        pops_.drop(mirrored(r));
      } else {
        rank_[v].second = r;
        pushes_.drop(r);
      }
    }
    for (std::size_t v = 0; v < all.size(); ++v) {
      gaps_.add(rank_[v].first, rank_[v].second, 1);
      auto const client = calls[all[v].push].client;
      if (by_client_.size() <= client) by_client_.resize(client + 1);
      by_client_[client].push_back(v);
    }
    for (auto& mine : by_client_) {
      std::sort(mine.begin(), mine.end(),
                [&](auto a, auto b) { return all[a].push_invoked < all[b].push_invoked; });
    }
  }

  /// Values that cannot be nested; empty if all can.
  [[nodiscard]] std::vector<std::size_t> tangled() {
    std::vector<std::pair<std::size_t, std::size_t>> open{{0, at_.size()}};
    while (!open.empty()) {
      auto [begin, end] = open.back();
      open.pop_back();
      auto const first = pushes_.from(begin);
      if (first >= end) continue;
      auto const gap = gaps_.first_gap(first, end);
      if (gap < end) open.emplace_back(gap + 1, end);  // K2
      auto const last = mirrored(pops_.from(mirrored(std::min(gap, end - 1))));
      auto const v = undermost(first, last);
      if (v == none) return between(first, last);
      take(v);
      open.emplace_back(first, last + 1);
    }
    return {};
  }

 private:
  static constexpr auto none = static_cast<std::size_t>(-1);

  [[nodiscard]] std::size_t mirrored(std::size_t rank) const { return at_.size() - 1 - rank; }

  // K3, of the stretch from the push at `first` to the pop at `last`.
  [[nodiscard]] std::size_t undermost(std::size_t first, std::size_t last) const {
    auto const pushed = all_[at_[first]].push_returned;
    auto const popped = all_[at_[last]].pop_invoked;
    for (auto const& mine : by_client_) {
      auto const behind = std::partition_point(
          mine.begin(), mine.end(), [&](std::size_t v) { return all_[v].push_invoked < pushed; });
      if (behind == mine.begin()) continue;
      auto const v = *(behind - 1);
      if (!gone_[v] && first <= rank_[v].first && rank_[v].first <= last &&
          all_[v].pop_returned > popped) {
        return v;
      }
    }
    return none;
  }
  void take(std::size_t v) {
    gone_[v] = true;
    gaps_.add(rank_[v].first, rank_[v].second, -1);
    pushes_.drop(rank_[v].first);
    pops_.drop(mirrored(rank_[v].second));
  }
  [[nodiscard]] std::vector<std::size_t> between(std::size_t first, std::size_t last) const {
    std::vector<std::size_t> out;
    for (auto r = first; r <= last; ++r) {
      if (!gone_[at_[r]] && rank_[at_[r]].first == r) out.push_back(at_[r]);
    }
    return out;
  }

  std::vector<life> const& all_;
  std::vector<std::pair<std::size_t, std::size_t>> rank_;  // of the push, of the pop
  std::vector<bool> gone_;
  coverage gaps_;                // gap r lies behind moment r
  nearest pushes_, pops_;        // pops_ looks backwards: its ranks are mirrored
  std::vector<std::size_t> at_;  // whose moment has this rank
  std::vector<std::vector<std::size_t>> by_client_;
};

// Leaves out what is not needed for the contradiction: halves first, single values at last. A part
// of a history of a stack, all calls of some values, is one too, so nothing new can go wrong.
std::vector<life> smallest(std::span<traced_call const> calls, std::vector<life> wrong) {
  for (auto size = (wrong.size() + 1) / 2; size > 0; size /= 2) {
    for (std::size_t begin = 0; begin < wrong.size();) {
      auto const end = std::min(begin + size, wrong.size());
      std::vector<life> rest(wrong.begin(), wrong.begin() + static_cast<std::ptrdiff_t>(begin));
      rest.insert(rest.end(), wrong.begin() + static_cast<std::ptrdiff_t>(end), wrong.end());
      if (!nesting(calls, rest).tangled().empty()) wrong = std::move(rest);
      else begin = end;
    }
  }
  return wrong;
}

}  // namespace

std::optional<flaw> stack_flaw(std::span<traced_call const> calls, std::uint32_t values) {
  lives lived;
  if (auto f = live(calls, values, lived)) return f;
  std::erase_if(lived.all, [](life const& l) { return !l.certain(); });  // K1
  if (auto f = not_empty(calls, lived.all, lived.empties)) return f;     // K2
  auto const wrong = nesting(calls, lived.all).tangled();
  if (wrong.empty()) return std::nullopt;
  std::vector<life> part;
  part.reserve(wrong.size());
  for (auto const v : wrong) part.push_back(lived.all[v]);
  flaw f{flaw::tangled, {}, traced_call::nothing};
  for (auto const& l : smallest(calls, std::move(part))) add_calls(l, f.calls);
  return f;
}

}  // namespace weft::check::detail
