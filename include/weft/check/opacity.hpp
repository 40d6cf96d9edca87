// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/judgement.hpp>
#include <weft/check/linearizability.hpp>
#include <weft/check/placement.hpp>
#include <weft/check/show.hpp>
#include <weft/check/transactions.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace weft::check {

namespace detail {

/// The committed values. Few, so in a sorted row; what is not there is as it was at the begin.
template <class Var, class Value>
class snapshot {
 public:
  explicit snapshot(Value initial) : initial_(std::move(initial)) {}

  [[nodiscard]] Value const& get(Var const& v) const {
    auto const at = find(v);
    return at != values_.end() && at->first == v ? at->second : initial_;
  }
  void set(Var const& v, Value const& value) {
    auto const at = find(v);
    if (at != values_.end() && at->first == v) {
      values_[static_cast<std::size_t>(at - values_.begin())].second = value;
    } else {
      values_.insert(at, {v, value});
    }
  }
  bool operator==(snapshot const&) const = default;
  [[nodiscard]] std::uint64_t digest() const {
    std::uint64_t d = values_.size();
    for (auto const& [v, value] : values_) d = fold_value(fold_value(d, v), value);
    return d;
  }

 private:
  [[nodiscard]] auto find(Var const& v) const {
    return std::lower_bound(values_.begin(), values_.end(), v,
                            [](auto const& pair, Var const& w) { return pair.first < w; });
  }
  std::vector<std::pair<Var, Value>> values_;
  Value initial_;
};

template <class Var>
std::string shown_variable(Var const& v) {
  return (std::is_integral_v<Var> ? "x" : "") + shown_value(v);
}

/// The texts of this check's judgements.
struct transaction_story {
  std::string property, event;     // event: what no order explains; empty: the whole history
  std::vector<std::string> order;  // the transactions that could be ordered
  std::vector<std::string> losers;
  std::vector<drawn_moment> drawing;
};
[[nodiscard]] std::string refuted(transaction_story story);
[[nodiscard]] std::string gave_up_ordering(std::size_t transactions, std::uint64_t steps);

/// All transactions of a history, and the part of it that has happened by some time.
template <class Var, class Value, class Order>
class transaction_order {
 public:
  using history_type = transaction_history<Var, Value, Order>;
  using transaction = recorded_transaction<Order>;
  using state = snapshot<Var, Value>;
  static constexpr std::uint64_t always = transaction::never;

  struct member {
    transaction const* what;
    unsigned client;
    std::uint32_t number;  // in the order they began, from 1
  };

  transaction_order(history_type const& h, Value initial)
      : history_(h), initial_(std::move(initial)) {
    for (unsigned c = 0; c < h.clients(); ++c) {
      for (auto const& t : h.transactions(c)) all_.push_back({&t, c, 0});
    }
    std::vector<member*> by_begin;
    by_begin.reserve(all_.size());
    for (auto& m : all_) by_begin.push_back(&m);
    std::sort(by_begin.begin(), by_begin.end(),
              [](auto* a, auto* b) { return a->what->begun.when < b->what->begun.when; });
    for (std::uint32_t n = 0; n < by_begin.size(); ++n) by_begin[n]->number = n + 1;
  }

  /// The moments at which something was answered that an order must explain.
  [[nodiscard]] std::vector<std::uint64_t> answers() const {
    std::vector<std::uint64_t> out;
    for (auto const& m : all_) {
      for (auto const& a : history_.accesses(m.client, *m.what)) {
        if (!a.write) out.push_back(a.when);
      }
      if (m.what->end != outcome::live && m.what->committing != transaction::never) {
        out.push_back(m.what->ended.when);
      }
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  /// Judges what had happened by `now`: of all transactions begun by then, or only of those that
  /// committed.
  judgement judge(std::uint64_t now, bool only_committed, effort e) const {
    part const p = part_of(now, only_committed);
    auto const step = [&](state& s, std::uint32_t t, unsigned way) {
      bool const commits = way == 1 || ended_as(p.members[t], now) == outcome::committed;
      if (only_committed && !commits) return true;
      return run(p.members[t], now, s, commits, nullptr);
    };
    placement<state, decltype(step)> search(p.lanes, state(initial_), step, e.steps);
    switch (search.run()) {
      case answer::yes:
        return {answer::yes, std::to_string(p.members.size()) + " transactions", search.steps()};
      case answer::undecided:
        return {answer::undecided, gave_up_ordering(p.members.size(), search.steps()),
                search.steps()};
      default:
        return {answer::no, explain(p, now, only_committed, search.order()), search.steps()};
    }
  }

 private:
  struct part {
    std::vector<member> members;
    call_lanes lanes;
  };

  // What it is by that time. A transaction whose commit was invoked may be either.
  [[nodiscard]] static outcome ended_as(member const& m, std::uint64_t now) {
    if (m.what->end != outcome::live && m.what->ended.when <= now) return m.what->end;
    return m.what->committing <= now ? outcome::unknown : outcome::live;
  }
  [[nodiscard]] static bool over(member const& m, std::uint64_t now) {
    return m.what->end != outcome::live && m.what->ended.when <= now;
  }

  [[nodiscard]] part part_of(std::uint64_t now, bool only_committed) const {
    part p;
    std::vector<std::uint32_t> first;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      auto const& m = all_[i];
      auto const how = ended_as(m, now);
      if (m.what->begun.when > now) continue;
      if (only_committed && how != outcome::committed && how != outcome::unknown) continue;
      if (p.members.empty() || p.members.back().client != m.client) {
        first.push_back(static_cast<std::uint32_t>(p.members.size()));
      }
      p.members.push_back(m);
    }
    first.push_back(static_cast<std::uint32_t>(p.members.size()));
    p.lanes = lanes_of<Order>(
        p.members, first, [&](member const& m) { return over(m, now); },
        [](member const& m) { return m.what->ended; },
        [](member const& m) { return m.what->begun; });
    for (std::size_t t = 0; t < p.members.size(); ++t) {
      p.lanes.required[t] = 1;
      if (ended_as(p.members[t], now) == outcome::unknown) p.lanes.ways[t] = 2;
    }
    return p;
  }

  // Runs a transaction on the committed values: false if it read something else. What, goes to
  // `wrong`.
  bool run(member const& m, std::uint64_t now, state& s, bool commits, std::string* wrong) const {
    auto const accesses = history_.accesses(m.client, *m.what);
    for (std::size_t i = 0; i < accesses.size(); ++i) {
      auto const& a = accesses[i];
      if (a.write) continue;
      if (a.when > now) break;
      Value const* there = nullptr;
      for (std::size_t k = i; k-- > 0 && !there;) {
        if (accesses[k].write && accesses[k].variable == a.variable) there = &accesses[k].value;
      }
      if (!there) there = &s.get(a.variable);
      if (*there == a.value) continue;
      if (wrong) {
        *wrong = name(m) + " reads " + shown_variable(a.variable) + " = " + shown_value(a.value) +
                 ", which is " + shown_value(*there) + " here";
      }
      return false;
    }
    if (!commits) return true;
    for (auto const& a : accesses) {
      if (a.write) s.set(a.variable, a.value);
    }
    return true;
  }

  [[nodiscard]] static std::string name(member const& m) { return "T" + std::to_string(m.number); }

  [[nodiscard]] std::string explain(part const& p, std::uint64_t now, bool only_committed,
                                    std::vector<placed_call> const& order) const {
    transaction_story story;
    story.property = only_committed ? "strictly serializable" : "opaque";
    state s(initial_);
    std::vector<std::uint32_t> placed(p.lanes.lanes(), 0);
    for (auto const& c : order) {
      auto const& m = p.members[c.call];
      bool const commits = c.way == 1 || ended_as(m, now) == outcome::committed;
      run(m, now, s, commits, nullptr);
      story.order.push_back(name(m) + (commits ? "" : " (no effect)"));
      auto const lane = std::upper_bound(p.lanes.first.begin(), p.lanes.first.end(), c.call);
      ++placed[static_cast<std::size_t>(lane - p.lanes.first.begin()) - 1];
    }
    for (std::size_t l = 0; l < p.lanes.lanes(); ++l) {
      auto const t = p.lanes.first[l] + placed[l];
      if (t == p.lanes.first[l + 1]) continue;
      state copy = s;
      std::string wrong;
      if (!run(p.members[t], now, copy, false, &wrong)) story.losers.push_back(wrong);
    }
    draw(p, now, only_committed, story);
    return refuted(std::move(story));
  }

  void draw(part const& p, std::uint64_t now, bool only_committed, transaction_story& story) const {
    for (auto const& m : p.members) {
      auto& lines = story.drawing;
      lines.push_back({m.client, m.what->begun.when, name(m) + " begins", 1});
      std::string text;
      auto const flush = [&](std::uint64_t when, int begins) {
        if (when == now && !only_committed) {
          story.event = name(m) + ": " + text;
          text += "  !";
        }
        lines.push_back({m.client, when, std::exchange(text, ""), begins});
      };
      for (auto const& a : history_.accesses(m.client, *m.what)) {
        if (!a.write && a.when > now) break;
        text += (text.empty() ? "" : ", ") + shown_variable(a.variable) +
                (a.write ? " := " : " = ") + shown_value(a.value);
        if (!a.write) flush(a.when, 0);
      }
      if (m.what->committing <= now) {
        text += text.empty() ? "commit" : ", commit";
        flush(m.what->committing, 0);
      }
      if (over(m, now)) {
        text += (text.empty() ? "" : ", ");
        text += m.what->end == outcome::committed ? "committed"
                : m.what->end == outcome::aborted ? "aborted"
                                                  : "committed or aborted";
        flush(m.what->ended.when, -1);
      }
    }
  }

  history_type const& history_;
  Value initial_;
  std::vector<member> all_;
};

}  // namespace detail

/// Says whether the history is opaque: at every moment, all transactions begun by then, the aborted
/// and unfinished ones too, can be put into one order that keeps those apart which did not overlap,
/// such that each read what was committed before it in that order or what it wrote itself.
///
/// All variables are `initial` at the begin. Exact. A transaction whose commit has begun and not
/// ended may count as committed or not; one whose commit has not begun has no effect on others. It
/// is this, asked at every moment and not only at the end, that catches the read of a value whose
/// writer had yet to decide.
///
/// cost      for each read and commit a search over the transactions begun by then
/// source    Guerraoui, Kapalka: On the correctness of transactional memory, PPoPP 2008; Principles
///           of transactional memory, 2010 (the form that asks for every prefix)
template <class Var, class Value, call_order Order>
judgement opaque(transaction_history<Var, Value, Order> const& h, Value initial = Value(),
                 effort e = {}) {
  detail::transaction_order<Var, Value, Order> const order(h, std::move(initial));
  auto const answers = order.answers();
  std::uint64_t steps = 0;
  for (auto const when : answers) {
    auto j = order.judge(when, false, e);
    if (!j) return j;
    steps += j.steps();
  }
  return {answer::yes, "opaque: " + std::to_string(answers.size()) + " reads and commits", steps};
}

/// Says whether the committed transactions alone are as if executed one after the other, in an
/// order that keeps those apart which did not overlap. What aborted ones saw is not looked at.
///
/// source    Papadimitriou: The serializability of concurrent database updates, JACM 1979
template <class Var, class Value, call_order Order>
judgement strictly_serializable(transaction_history<Var, Value, Order> const& h,
                                Value initial = Value(), effort e = {}) {
  detail::transaction_order<Var, Value, Order> const order(h, std::move(initial));
  auto j = order.judge(detail::transaction_order<Var, Value, Order>::always - 1, true, e);
  if (!j) return j;
  return {answer::yes, "strictly serializable: " + j.text(), j.steps()};
}

}  // namespace weft::check
