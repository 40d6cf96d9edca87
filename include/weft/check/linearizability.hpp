// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>
#include <weft/check/judgement.hpp>
#include <weft/check/monitor.hpp>
#include <weft/check/placement.hpp>
#include <weft/check/show.hpp>
#include <weft/check/takings.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weft::check {

/// What a specification must have: the sequential object, as an ordinary class.
///
///     struct max_register {
///       struct write { int value; };
///       struct read {};
///       using operations = std::variant<write, read>;
///       void apply(write w) { highest = std::max(highest, w.value); }
///       int apply(read) const { return highest; }
///       bool operator==(max_register const&) const = default;
///       int highest = 0;
///     };
///
/// Its state is copied and compared. Each operation is a type with an overload of `apply(op)`,
/// which does it and returns the result. Where the state does not determine the result, a
/// compare-exchange that may fail spuriously for instance, the overload is `bool apply(op, result)`
/// which says whether that result may be, and if so does the operation; the operation then has a
/// member type `result`, and apply(op), if it is there too, serves for calls that never returned.
///
/// Optional: `digest() const`, a hash of the state, without which a failing search is slow;
/// `static key(op)` for every operation, if operations of different keys are as if on different
/// objects: each key is then judged by itself (Herlihy and Wing's locality; Horn and Kroening,
/// P-compositionality, FORTE 2015).
template <class S>
concept specification = std::copyable<S> && std::equality_comparable<S> &&
                        requires { std::variant_size<typename S::operations>::value; };

/// How much a check may do before it gives up.
struct effort {
  /// Calls placed in the search, for each key. A step costs 0.1 to 1 us, and the memory of a state
  /// as long as it stands, or for good if it was a wrong one.
  std::uint64_t steps = 1'000'000;
};

namespace detail {

/// Does the call, and says whether it may end as it did.
template <class Spec, class Op, class Known>
bool agrees(Spec& state, call_of<Spec, Op> const& call, Known const& known) {
  auto const& op = known.alike(call.op);
  if (call.result) {
    if constexpr (requires {
                    { state.apply(op, *call.result) } -> std::same_as<bool>;
                  }) {
      if (!state.apply(op, *call.result)) return false;
    } else if constexpr (std::is_void_v<decltype(state.apply(op))>) {
      state.apply(op);
    } else {
      if (!(state.apply(op) == *call.result)) return false;
    }
    return !known.exclude(state, call, nullptr);
  } else if constexpr (requires {
                         { state.apply(op) } -> std::same_as<void>;
                       }) {
    state.apply(op);
    return !known.exclude(state, call, nullptr);
  } else if constexpr (requires { state.apply(op); }) {
    result_of<Spec, Op> const took = state.apply(op);
    return !known.exclude(state, call, &took);
  } else {
    throw std::logic_error("weft::check: a call of " + name_of<Op>() + " never returned, and " +
                           name_of<Spec>() + " does not say what it may have done: add apply(" +
                           name_of<Op>() + ")");
  }
}

/// Knows nothing: nothing is excluded but by the specification.
struct unaware {
  [[nodiscard]] static auto const& alike(auto const& op) { return op; }
  [[nodiscard]] static bool exclude(auto const&...) { return false; }
};

/// The calls that are judged together, lane by lane. `mine` has them client by client.
template <class Spec, class Order>
struct calls_by_lane {
  using owned = owned_call<Spec, Order>;
  std::vector<owned> calls;
  std::vector<std::uint32_t> first;  // of each lane, and behind the last

  explicit calls_by_lane(std::span<owned const> mine) {
    std::vector<owned> open;
    auto client = static_cast<unsigned>(-1);
    for (auto const& c : mine) {
      if (!c.call->has_returned()) {
        open.push_back(c);
        continue;
      }
      if (c.client != client) first.push_back(end());
      client = c.client;
      calls.push_back(c);
    }
    for (auto const& c : open) {
      first.push_back(end());
      calls.push_back(c);
    }
    first.push_back(end());
  }

  [[nodiscard]] call_lanes lanes() const {
    return lanes_of<Order>(
        calls, first, [](owned const& c) { return c.call->has_returned(); },
        [](owned const& c) { return c.call->returned; },
        [](owned const& c) { return c.call->invoked; });
  }

 private:
  [[nodiscard]] std::uint32_t end() const { return static_cast<std::uint32_t>(calls.size()); }
};

template <class Spec, class Operations>
inline constexpr bool has_key = false;
template <class Spec, class... Op>
inline constexpr bool has_key<Spec, std::variant<Op...>> =
    (requires { Spec::key(std::declval<Op const&>()); } && ...);

/// What the specification would have returned instead, in this state; empty if it cannot tell.
template <class Spec, class Order>
std::string instead(Spec state, recorded_call<Spec, Order> const& call) {
  return std::visit(
      [&]<class Op>(call_of<Spec, Op> const& c) -> std::string {
        if constexpr (std::is_same_v<result_of<Spec, Op>, done>) {
          return "";
        } else if constexpr (requires { state.apply(c.op); }) {
          return shown_value(state.apply(c.op));
        } else {
          return "";
        }
      },
      call.what);
}

/// How long to look for an order that gets far, once it is known that none gets to the end.
inline constexpr std::uint64_t explaining = 50'000;

/// What a refutation is made of, besides the calls.
struct refutation {
  std::string specification, key;  // key: empty if there is none
  std::size_t required = 0;        // how many calls had to be placed
  struct loser {
    std::string client_and_call, instead;
  };
  std::vector<loser> losers;       // the calls that might come next, and cannot
  std::vector<std::string> order;  // the calls that were placed
};
[[nodiscard]] std::string refuted(refutation const& r, std::vector<drawn_call> drawn);
[[nodiscard]] std::string gave_up(std::string const& specification, std::size_t calls,
                                  std::uint64_t steps);
[[nodiscard]] std::string held(std::string const& specification, std::size_t calls,
                               std::size_t keys);
[[nodiscard]] std::string who_called(drawn_call const& c);

template <class Spec, class Order, class Lanes, class Search>
std::string explain(calls_by_lane<Spec, Order> const& all, Lanes const& lanes, Search const& found,
                    Spec state, std::string key) {
  refutation r;
  r.specification = name_of<Spec>();
  r.key = std::move(key);
  std::vector<drawn_call> drawn;
  for (std::size_t c = 0; c < all.calls.size(); ++c) {
    drawn.push_back(draw(*all.calls[c].call, all.calls[c].client));
    r.required += lanes.required[c];
  }
  std::vector<std::uint32_t> placed(lanes.lanes(), 0);
  std::uint32_t position = 0;
  for (auto const& p : found.order()) {
    auto const lane = std::upper_bound(lanes.first.begin(), lanes.first.end(), p.call) - 1;
    ++placed[static_cast<std::size_t>(lane - lanes.first.begin())];
    std::visit([&](auto const& c) { (void)agrees(state, c, unaware()); },
               all.calls[p.call].call->what);
    drawn[p.call].position = ++position;
    r.order.push_back(drawn[p.call].call);
  }
  for (std::size_t l = 0; l < lanes.lanes(); ++l) {
    auto const c = lanes.first[l] + placed[l];
    if (c == lanes.first[l + 1] || !lanes.required[c]) continue;
    bool next = true;
    for (std::size_t o = 0; o < lanes.lanes(); ++o) {
      next &= lanes.before[c * lanes.lanes() + o] <= placed[o];
    }
    if (!next) continue;
    drawn[c].marked = true;
    r.losers.push_back({who_called(drawn[c]), instead(state, *all.calls[c].call)});
  }
  // What began after the return that cannot be reached has no part in it.
  std::erase_if(drawn, [&](drawn_call const& c) {
    return c.invoked > found.stuck_at() && !c.position && !c.marked;
  });
  return refuted(r, std::move(drawn));
}

template <class Spec, class Order>
judgement judge(std::span<owned_call<Spec, Order> const> mine, Spec const& initial, effort e,
                std::string const& key) {
  calls_by_lane<Spec, Order> const all(mine);
  auto const lanes = all.lanes();
  auto const does = [&](Spec& state, std::uint32_t call, auto const& known) {
    return std::visit([&](auto const& c) { return agrees(state, c, known); },
                      all.calls[call].call->what);
  };
  takings<Spec, Order> const known(initial, all.calls);
  auto const step = [&](Spec& state, std::uint32_t call, unsigned) {
    return does(state, call, known);
  };
  placement<Spec, decltype(step)> search(lanes, initial, step, e.steps);
  switch (search.run()) {
    case answer::yes:
      return {answer::yes, held(name_of<Spec>(), mine.size(), 0), search.steps()};
    case answer::undecided:
      return {answer::undecided, gave_up(name_of<Spec>(), mine.size(), search.steps()),
              search.steps()};
    default:
      break;
  }
  // What `known` excluded is wrong for what comes later: a reader wants to see it go wrong.
  auto const plain = [&](Spec& state, std::uint32_t call, unsigned) {
    return does(state, call, unaware());
  };
  placement<Spec, decltype(plain)> again(lanes, initial, plain, std::min(e.steps, explaining));
  (void)again.run();
  return {answer::no, explain(all, lanes, again, initial, key), search.steps()};
}

template <class Spec, class Order>
judgement judge_by_key(std::vector<owned_call<Spec, Order>>& calls, Spec const& initial, effort e) {
  using owned = owned_call<Spec, Order>;
  auto const key = [](owned const& o) -> decltype(auto) {
    return std::visit([](auto const& c) -> decltype(auto) { return Spec::key(c.op); },
                      o.call->what);
  };
  std::sort(calls.begin(), calls.end(), [&](owned const& a, owned const& b) {
    if (key(a) < key(b)) return true;
    if (key(b) < key(a)) return false;
    return a.client != b.client ? a.client < b.client : a.call < b.call;
  });
  std::size_t keys = 0;
  std::uint64_t steps = 0;
  for (auto begin = calls.begin(); begin != calls.end(); ++keys) {
    auto const end =
        std::find_if(begin, calls.end(), [&](owned const& o) { return key(*begin) < key(o); });
    auto j = judge<Spec, Order>({begin, end}, initial, e, shown_value(key(*begin)));
    if (!j) return j;
    steps += j.steps();
    begin = end;
  }
  return {answer::yes, held(name_of<Spec>(), calls.size(), keys), steps};
}

}  // namespace detail

/// Says whether each call of the history can be given one moment, between its invocation and its
/// return, such that the calls in the order of these moments do what `Spec` does from `initial`.
///
/// Exact. A call that never returned is given the effect of apply(op) at any time after its
/// invocation, or none. A `no` comes with the longest order that was found and what cannot follow
/// it; `undecided`, after `effort`, means that too many calls overlapped: make the bursts shorter.
///
/// cost      while few clients overlap, and the answer is yes, nearly linear in the calls;
///           exponential at worst. Where monitor() knows the answer it is asked before giving up
/// throws    std::logic_error for a call that never returned, if Spec has no apply(op) for it
/// source    Herlihy, Wing 1990; Wing, Gong 1993; Lowe 2017
template <specification Spec, call_order Order>
judgement linearizable(history<Spec, Order> const& h, Spec const& initial = Spec(), effort e = {}) {
  using owned = detail::owned_call<Spec, Order>;
  std::vector<owned> calls;
  calls.reserve(h.size());
  for (unsigned client = 0; client < h.clients(); ++client) {
    for (auto const& c : h.calls(client)) calls.push_back({&c, client});
  }
  if constexpr (detail::has_key<Spec, typename Spec::operations>) {
    return detail::judge_by_key<Spec, Order>(calls, initial, e);
  } else if constexpr (Order::by_when && requires { monitor(h); }) {
    auto j =
        detail::judge<Spec, Order>(calls, initial, {std::min(e.steps, detail::explaining)}, "");
    if (j.said() == answer::undecided && initial.items().empty()) {
      auto m = monitor(h);
      bool const lost = std::any_of(calls.begin(), calls.end(), [](owned const& c) {
        return c.call->what.index() == 1 && !c.call->has_returned();
      });
      if (m.said() == answer::no || (m.said() == answer::yes && !lost)) return m;
    }
    if (j.said() != answer::undecided || e.steps <= detail::explaining) return j;
    return detail::judge<Spec, Order>(calls, initial, e, "");
  } else {
    return detail::judge<Spec, Order>(calls, initial, e, "");
  }
}

}  // namespace weft::check
