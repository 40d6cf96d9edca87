// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/call_lanes.hpp>
#include <weft/check/judgement.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft::check::detail {

inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  auto x = (a ^ (b + 0x9e3779b97f4a7c15)) * 0xff51afd7ed558ccd;
  x ^= x >> 32;
  x *= 0xc4ceb9fe1a85ec53;
  return x ^ (x >> 29);
}

template <class State>
std::uint64_t digest_of(State const& s) {
  if constexpr (requires { s.digest(); }) {
    return s.digest();
  } else {
    return 0;  // states of the same calls are then compared one by one
  }
}

/// The situations from which the search found no way on: what was placed, and the state reached.
template <class State>
class dead_ends {
 public:
  explicit dead_ends(std::size_t lanes) : lanes_(lanes) {}

  [[nodiscard]] bool empty() const noexcept { return states_.empty(); }

  [[nodiscard]] bool contains(std::vector<std::uint32_t> const& placed, State const& s) const {
    if (empty()) return false;
    auto const h = hash(placed, s);
    for (auto i = h & mask(); table_[i]; i = (i + 1) & mask()) {
      auto const e = table_[i] - 1;
      if (hashes_[e] == h &&
          std::equal(placed.begin(), placed.end(), counts_.begin() + offset(e)) && states_[e] == s)
        return true;
    }
    return false;
  }

  void insert(std::vector<std::uint32_t> const& placed, State const& s) {
    if ((states_.size() + 1) * 2 > table_.size()) grow();
    hashes_.push_back(hash(placed, s));
    counts_.insert(counts_.end(), placed.begin(), placed.end());
    states_.push_back(s);
    enter(static_cast<std::uint32_t>(states_.size()));
  }

 private:
  [[nodiscard]] std::size_t mask() const noexcept { return table_.size() - 1; }
  [[nodiscard]] std::ptrdiff_t offset(std::size_t entry) const noexcept {
    return static_cast<std::ptrdiff_t>(entry * lanes_);
  }
  [[nodiscard]] static std::uint64_t hash(std::vector<std::uint32_t> const& placed,
                                          State const& s) {
    auto h = digest_of(s);
    for (auto const n : placed) h = mix(h, n);
    return h;
  }
  void enter(std::uint32_t one_more) {
    auto i = hashes_[one_more - 1] & mask();
    while (table_[i]) i = (i + 1) & mask();
    table_[i] = one_more;
  }
  void grow() {
    table_.assign(std::max<std::size_t>(64, table_.size() * 2), 0);
    for (std::uint32_t e = 1; e <= states_.size(); ++e) enter(e);
  }

  std::size_t lanes_;
  std::vector<std::uint32_t> table_;  // 1 + the entry; 0: free
  std::vector<std::uint64_t> hashes_;
  std::vector<std::uint32_t> counts_;
  std::vector<State> states_;
};

/// A call that was placed, and in which of its ways.
struct placed_call {
  std::uint32_t call = 0;
  std::uint8_t way = 0;
};

/// Looks for an order of calls that keeps to their lanes and that a sequential object allows.
///
/// `Step` is called as step(state, call, way): does the call and says whether it may end so; the
/// state of a refused call is thrown away.
///
/// P1  Depth first: from what has been placed, a call may be next if all that precede it have been.
/// P2  A situation is the number of calls placed in each lane and the object's state. What follows
///     depends on nothing else, so one that led nowhere is not entered again. It is remembered when
///     it is left: on the way down each situation holds more calls than those before it.
/// P3  A call that has one way, must be placed, and leaves the state as it is needs no alternative:
///     in any order that goes on otherwise it can be moved to here. One that may be left out and
///     leaves the state as it is, is.
/// P4  The call that returned first is tried first: it is the one that must not wait.
///
/// source    Wing, Gong: Testing and verifying concurrent objects, JPDC 1993 (P1); Lowe: Testing
///           for linearizability, CCPE 2017 (P2)
template <class State, class Step>
class placement {
 public:
  placement(call_lanes const& lanes, State const& initial, Step step, std::uint64_t most_steps)
      : lanes_(lanes),
        step_(std::move(step)),
        most_(most_steps),
        dead_(lanes.lanes()),
        placed_(lanes.lanes(), 0) {
    states_.push_back(initial);
    frames_.emplace_back();
    left_ = static_cast<std::size_t>(
        std::count(lanes.required.begin(), lanes.required.end(), std::uint8_t{1}));
  }

  answer run() {
    while (left_ != 0) {
      if (advance()) {
        if (++steps_ > most_) return answer::undecided;
      } else if (!retreat()) {
        return answer::no;
      }
    }
    best_.clear();
    keep();
    return answer::yes;
  }

  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  /// The order that was found; after a `no` the one that got furthest in time.
  [[nodiscard]] std::vector<placed_call> const& order() const noexcept { return best_; }
  /// When the call returned that no order could get past.
  [[nodiscard]] std::uint64_t stuck_at() const noexcept { return stuck_; }

 private:
  struct choice {
    std::uint64_t returned = 0;
    std::uint32_t lane = 0;
    std::uint32_t way = 0;
    friend auto operator<=>(choice const&, choice const&) = default;
  };
  struct frame {
    choice next{};         // what is to be tried first, and all behind it
    placed_call placed{};  // what leads to the next frame
    std::uint32_t lane = 0;
    bool settled = false;  // nothing else needs to be tried
  };

  [[nodiscard]] bool enabled(std::uint32_t call) const {
    auto const* const before = lanes_.before.data() + call * placed_.size();
    bool ready = true;
    for (std::size_t l = 0; l < placed_.size(); ++l) ready &= before[l] <= placed_[l];
    return ready;
  }
  [[nodiscard]] bool at_end(std::size_t lane) const {
    return lanes_.first[lane] + placed_[lane] == lanes_.first[lane + 1];
  }
  [[nodiscard]] std::uint32_t head(std::size_t lane) const {
    return lanes_.first[lane] + placed_[lane];
  }

  // The first choice from `from` on, by P4; false if there is none.
  bool find(choice const& from, choice& found) const {
    bool any = false;
    for (std::uint32_t l = 0; l < placed_.size(); ++l) {
      if (at_end(l)) continue;
      choice c{lanes_.returned[head(l)], l, 0};
      if (c.returned == from.returned && l == from.lane) c.way = from.way;
      if (c < from || (any && found < c) || c.way >= lanes_.ways[head(l)]) continue;
      if (!enabled(head(l))) continue;
      found = c;
      any = true;
    }
    return any;
  }

  // Places one more call; false if none can be.
  bool advance() {
    auto const depth = frames_.size() - 1;
    if (states_.size() == depth + 1) states_.push_back(states_[depth]);
    choice c;
    while (!frames_[depth].settled && find(frames_[depth].next, c)) {
      frames_[depth].next = {c.returned, c.lane, c.way + 1};
      auto const call = head(c.lane);
      states_[depth + 1] = states_[depth];
      if (!step_(states_[depth + 1], call, c.way)) continue;
      bool const required = lanes_.required[call] != 0;
      if ((!required || lanes_.ways[call] == 1) && states_[depth + 1] == states_[depth]) {
        if (!required) continue;
        frames_[depth].settled = true;
      }
      ++placed_[c.lane];
      if (dead_.contains(placed_, states_[depth + 1])) {
        --placed_[c.lane];
        continue;
      }
      frames_[depth].placed = {call, static_cast<std::uint8_t>(c.way)};
      frames_[depth].lane = c.lane;
      frames_.emplace_back();
      left_ -= required ? 1 : 0;
      return true;
    }
    return false;
  }

  // Takes the last call back; false if there is none.
  bool retreat() {
    auto const depth = frames_.size() - 1;
    note();
    if (depth == 0) return false;
    dead_.insert(placed_, states_[depth]);
    frames_.pop_back();
    auto const& f = frames_.back();
    --placed_[f.lane];
    left_ += lanes_.required[f.placed.call];
    return true;
  }

  // Keeps this dead end if it is the furthest: by the first return it has not got past, then by
  // how many calls it holds.
  void note() {
    auto stuck = call_lanes::never;
    for (std::size_t l = 0; l < placed_.size(); ++l) {
      if (!at_end(l)) stuck = std::min(stuck, lanes_.returned[head(l)]);
    }
    if (noted_ && (stuck < stuck_ || (stuck == stuck_ && frames_.size() - 1 <= best_.size()))) {
      return;
    }
    noted_ = true;
    stuck_ = stuck;
    keep();
  }
  void keep() {
    best_.clear();
    for (std::size_t d = 0; d + 1 < frames_.size(); ++d) best_.push_back(frames_[d].placed);
  }

  call_lanes const& lanes_;
  Step step_;
  std::uint64_t most_, steps_ = 0, stuck_ = 0;
  bool noted_ = false;
  dead_ends<State> dead_;
  std::vector<std::uint32_t> placed_;
  std::size_t left_ = 0;       // calls that must still be placed
  std::vector<State> states_;  // before the call of each frame; kept for their memory
  std::vector<frame> frames_;
  std::vector<placed_call> best_;
};

}  // namespace weft::check::detail
