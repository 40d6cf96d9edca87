// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

namespace weft::check::detail {

/// A call and whose it is.
template <class Spec, class Order>
struct owned_call {
  recorded_call<Spec, Order> const* call;
  unsigned client;
};

/// What the history tells in advance about a state; of most objects nothing.
template <class Spec, class Order>
class takings {
 public:
  takings(Spec const&, std::vector<owned_call<Spec, Order>> const&) {}
  [[nodiscard]] static auto const& alike(auto const& op) { return op; }
  template <class Op>
  [[nodiscard]] bool exclude(Spec const&, call_of<Spec, Op> const&,
                             result_of<Spec, Op> const*) const {
    return false;
  }
};

/// Of a container that gives each value out again, once: which value was taken before which.
///
/// T1  A state whose items stand in another order than they were taken in leads nowhere. The search
///     would find that out when it comes to the taking, a hundred calls later, with all that it
///     chose between to be undone first; here it is told when the second of the two is put in.
/// T2  Values that are never taken are alike: states that differ in their order are the same.
/// T3  A call that never returned takes nothing that another call is known to take; and in a
///     container without bound it puts in nothing that is never taken.
///
/// Silent about values that are given or taken more than once.
template <class Spec, class Order>
  requires requires(typename Spec::push const& op) {
    &Spec::taken;
    std::hash<std::remove_cvref_t<decltype(op.value)>>{}(op.value);
  }
class takings<Spec, Order> {
 public:
  using push = typename Spec::push;
  using value = std::remove_cvref_t<decltype(push::value)>;

  takings(Spec const& initial, std::vector<owned_call<Spec, Order>> const& calls) {
    if (calls.size() < worth_it) return;
    known_.reserve(calls.size());
    for (auto const& v : initial.items()) give(v, true);
    for (auto const& c : calls) {
      std::visit([&](auto const& of) { enter(of, *c.call); }, c.call->what);
    }
    for (auto const& [v, f] : known_) {
      if (!f.taker && !f.ambiguous && !f.unreturned) {
        left_.emplace(push{v});
        break;
      }
    }
  }

  /// What is known of a value; null: nothing.
  class fate {
   public:
    /// True if a call that never returned put it in, and it is never taken (T3).
    [[nodiscard]] bool unseen() const { return unreturned && !taker && !ambiguous; }

   private:
    friend class takings;
    recorded_call<Spec, Order> const* taker = nullptr;
    bool given = false;
    bool unreturned = false;  // the call that gave it
    bool ambiguous = false;   // given or taken more than once
  };
  [[nodiscard]] fate const* of(value const& v) const {
    auto const at = known_.find(v);
    return at == known_.end() ? nullptr : &at->second;
  }
  /// True if a call that took `b` returned before one that took `a` was invoked, or `b` was taken
  /// and `a` never is.
  [[nodiscard]] bool before(fate const* b, fate const* a) const {
    if (!a || !b || a->ambiguous || b->ambiguous || !b->taker) return false;
    return a->taker ? Order::precedes(b->taker->returned, a->taker->invoked) : !lost_;
  }

  /// The operation, or one for it that comes to the same (T2).
  template <class Op>
  [[nodiscard]] Op const& alike(Op const& op) const {
    if constexpr (std::is_same_v<Op, push>) {
      auto const* f = left_ ? of(op.value) : nullptr;
      return f && !f->taker && !f->ambiguous && !f->unreturned ? *left_ : op;
    } else {
      return op;
    }
  }

  /// True if `last`, which led to `state`, has put something there that can now not be taken in
  /// time (T1), or, as a call that never returned, `took` what another is known to take (T3).
  template <class Op>
  [[nodiscard]] bool exclude(Spec const& state, call_of<Spec, Op> const& last,
                             result_of<Spec, Op> const* took) const {
    if (known_.empty()) return false;
    if constexpr (std::is_same_v<Op, push>) {
      return state.hopeless(*this);
    } else if constexpr (requires { Spec::taken(last.op, *took); }) {
      if (last.result || !took || !Spec::taken(last.op, *took)) return false;
      auto const* f = of(*Spec::taken(last.op, *took));
      return f && f->taker && !f->ambiguous;
    } else {
      return false;
    }
  }

 private:
  static constexpr std::size_t worth_it = 12;  // fewer calls are searched sooner than looked up

  void give(value const& v, bool returned) {
    auto& f = known_[v];
    f.ambiguous |= f.given;
    f.given = true;
    f.unreturned = !returned;
  }
  template <class Op>
  void enter(call_of<Spec, Op> const& of, recorded_call<Spec, Order> const& c) {
    if constexpr (std::is_same_v<Op, push>) {
      if constexpr (std::is_same_v<result_of<Spec, Op>, bool>) {
        if (of.result && !*of.result) return;  // refused
      }
      give(of.op.value, of.result.has_value());
    } else if constexpr (requires { Spec::taken(of.op, *of.result); }) {
      if (!of.result) {
        lost_ = true;
      } else if (auto const& v = Spec::taken(of.op, *of.result)) {
        auto& f = known_[*v];
        f.ambiguous |= f.taker != nullptr;
        f.taker = &c;
      }
    }
  }

  std::unordered_map<value, fate> known_;
  std::optional<push> left_;  // puts in a value that is never taken
  bool lost_ = false;         // some taking never returned: it may have taken anything
};

}  // namespace weft::check::detail
