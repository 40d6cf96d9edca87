// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <random>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace weft_test {

using generator = std::mt19937_64;

inline unsigned below(generator& random, std::size_t n) {
  return static_cast<unsigned>(random() % n);
}
inline bool one_in(generator& random, unsigned n) { return n != 0 && random() % n == 0; }

/// How a history is made up.
struct shape {
  unsigned clients = 3;
  std::size_t calls_each = 4;
  unsigned lies = 0;  // one call in so many returns what it should not; 0: none
  unsigned lost = 0;  // one call in so many never returns, and may have had its effect
};

template <class Spec, class Op>
weft::check::result_of<Spec, Op> perform(auto& object, Op const& op) {
  if constexpr (std::is_void_v<decltype(object.apply(op))>) {
    object.apply(op);
    return {};
  } else {
    return object.apply(op);
  }
}

/// A history as a correct object makes it: clients take turns at random, and each call has its
/// effect at one moment between its invocation and its return. `ask(random)` says what is called;
/// `lie(op, result, random)` what a liar returns instead.
template <class Spec, class Object, class Ask, class Lie>
void simulate(weft::check::history<Spec>& h, shape const& like, generator& random, Object object,
              Ask ask, Lie lie) {
  struct client {
    std::size_t left;
    std::vector<std::function<void()>> next;  // the last is the first
  };
  std::vector<client> clients(like.clients, {like.calls_each, {}});
  auto const begin = [&](client& c, unsigned who) {
    --c.left;
    std::visit(
        [&]<class Op>(Op const& op) {
          auto me = h.client(who);
          auto const open = me.invoke(op);
          bool const lost = one_in(random, like.lost);
          if (lost && one_in(random, 2)) return;
          c.next.push_back([&c, &object, &random, &like, &lie, op, me, open, lost]() mutable {
            auto result = perform<Spec>(object, op);
            if (one_in(random, like.lies)) result = lie(op, result, random);
            if (!lost) c.next.insert(c.next.begin(), [=]() mutable { me.returned(open, result); });
          });
        },
        ask(random));
  };
  auto const idle = [](client const& c) { return c.left == 0 && c.next.empty(); };
  while (!std::all_of(clients.begin(), clients.end(), idle)) {
    auto const who = below(random, clients.size());
    auto& c = clients[who];
    if (!c.next.empty()) {
      auto const step = std::move(c.next.back());
      c.next.pop_back();
      step();
    } else if (c.left != 0) {
      begin(c, who);
    }
  }
}

/// Pushes of 1, 2, 3, ... and pops; `pushes` in a hundred calls push.
template <class Spec>
auto pushes_and_pops(unsigned pushes) {
  return [pushes, last = 0](generator& random) mutable -> typename Spec::operations {
    if (random() % 100 < pushes) return typename Spec::push{++last};
    return typename Spec::pop{};
  };
}

/// A pop that returns nothing, or some value up to the greatest it could know of.
struct wrong_value {
  template <class Op, class Result>
  Result operator()(Op const&, Result const& r, generator& random) const {
    if constexpr (std::is_same_v<Result, std::optional<int>>) {
      if (one_in(random, 3)) return std::nullopt;
      return 1 + static_cast<int>(below(random, 6));
    } else if constexpr (std::is_same_v<Result, bool>) {
      return !r;
    } else {
      return r;
    }
  }
};

/// What claims to be a queue or a stack: now and then it puts a value before another, takes one
/// from the wrong end, or finds nothing.
template <class Spec>
class sloppy {
 public:
  sloppy(generator& random, bool first_out) : random_(&random), first_out_(first_out) {}

  void apply(typename Spec::push const& p) {
    items_.insert(items_.end() - (one_in(*random_, 8) && !items_.empty() ? 1 : 0), p.value);
  }
  std::optional<int> apply(typename Spec::pop) {
    if (items_.empty() || one_in(*random_, 12)) return std::nullopt;
    auto const at = first_out_ != one_in(*random_, 12) ? items_.begin() : items_.end() - 1;
    int const v = *at;
    items_.erase(at);
    return v;
  }

 private:
  generator* random_;
  bool first_out_;
  std::vector<int> items_;
};

/// Whether there is a legal order, by trying all: what the search must agree with.
template <class Spec, class Order>
bool brute_force(weft::check::history<Spec, Order> const& h, Spec const& initial = {}) {
  using call = typename weft::check::history<Spec, Order>::call_type;
  std::vector<call const*> calls;
  for (unsigned c = 0; c < h.clients(); ++c) {
    for (auto const& one : h.calls(c)) calls.push_back(&one);
  }
  std::vector<bool> placed(calls.size(), false);
  auto const first = [&](std::size_t i) {
    for (std::size_t j = 0; j < calls.size(); ++j) {
      if (!placed[j] && calls[j]->has_returned() &&
          Order::precedes(calls[j]->returned, calls[i]->invoked)) {
        return false;
      }
    }
    return true;
  };
  std::function<bool(Spec const&)> const go = [&](Spec const& state) {
    bool complete = true;
    for (std::size_t i = 0; i < calls.size(); ++i)
      complete &= placed[i] || !calls[i]->has_returned();
    if (complete) return true;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (placed[i] || !first(i)) continue;
      Spec next = state;
      bool const fits = std::visit(
          [&](auto const& c) {
            auto const r = perform<Spec>(next, c.op);
            return !c.result || r == *c.result;
          },
          calls[i]->what);
      if (!fits) continue;
      placed[i] = true;
      bool const found = go(next);
      placed[i] = false;
      if (found) return true;
    }
    return false;
  };
  return go(initial);
}

}  // namespace weft_test
