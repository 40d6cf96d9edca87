// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>
#include <weft/check/judgement.hpp>
#include <weft/check/show.hpp>
#include <weft/check/specifications.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace weft::check {

namespace detail {

template <class T>
concept hashable = requires(T const& v) { std::hash<T>{}(v); };

/// A push or pop of a history whose values are numbered.
struct traced_call {
  static constexpr std::uint64_t never = drawn_call::open;
  static constexpr std::uint32_t nothing = 0xffffffff;

  std::uint64_t invoked = 0, returned = never;
  std::uint32_t value = nothing;  // pushed or popped; a pop may have found nothing
  std::uint32_t client = 0;
  bool push = false;
};

/// What is wrong with a history, and the calls that show it.
struct flaw {
  enum kind : std::uint8_t {
    pushed_twice,  // the test's fault
    never_pushed,
    popped_twice,
    popped_early,  // before its push began
    overtaken,     // of a queue
    tangled,       // of a stack
    not_empty,     // a pop found nothing though something was there all the time
  } what;
  std::vector<std::size_t> calls;
  std::uint32_t value = traced_call::nothing;
};

[[nodiscard]] std::optional<flaw> queue_flaw(std::span<traced_call const> calls,
                                             std::uint32_t values);
[[nodiscard]] std::optional<flaw> stack_flaw(std::span<traced_call const> calls,
                                             std::uint32_t values);

[[nodiscard]] judgement monitored(std::string const& specification, std::size_t calls,
                                  std::uint32_t values);
[[nodiscard]] judgement monitored(std::string const& specification, flaw const& f,
                                  std::string const& value, std::vector<drawn_call> drawn);

template <class T, class Spec, class Order, class Check>
judgement watch(history<Spec, Order> const& h, Check check) {
  static_assert(Order::by_when,
                "weft::check: monitors are for the order of real time; in the "
                "model use linearizable()");
  std::vector<traced_call> traced;
  std::vector<recorded_call<Spec, Order> const*> calls;
  std::unordered_map<T, std::uint32_t> numbers;
  auto const number = [&](T const& v) {
    return numbers.try_emplace(v, static_cast<std::uint32_t>(numbers.size())).first->second;
  };
  traced.reserve(h.size());
  calls.reserve(h.size());
  for (unsigned client = 0; client < h.clients(); ++client) {
    for (auto const& c : h.calls(client)) {
      traced_call t;
      t.invoked = c.invoked.when;
      if (c.has_returned()) t.returned = c.returned.when;
      t.client = client;
      if (auto const* push = std::get_if<0>(&c.what)) {
        t.push = true;
        t.value = number(push->op.value);
      } else if (auto const& r = std::get<1>(c.what).result; r && *r) {
        t.value = number(**r);
      }
      traced.push_back(t);
      calls.push_back(&c);
    }
  }
  auto const values = static_cast<std::uint32_t>(numbers.size());
  std::optional<flaw> const found = check(traced, values);
  if (!found) return monitored(name_of<Spec>(), traced.size(), values);
  std::string value;
  for (auto const& [v, n] : numbers) {
    if (n == found->value) value = shown_value(v);
  }
  std::vector<drawn_call> drawn;
  for (auto const i : found->calls) drawn.push_back(draw(*calls[i], traced[i].client));
  return monitored(name_of<Spec>(), *found, value, std::move(drawn));
}

}  // namespace detail

/// Says whether a long history of a queue, empty at first, is linearizable.
///
/// Every value must be pushed at most once; else the answer is `undecided`. It is `no` exactly if
///
///   1. a value was popped that was never pushed, or popped twice, or popped by a call that
///      returned before its push was invoked;
///   2. a was pushed wholly before b, but b was popped wholly before a, or a never was;
///   3. a pop found nothing though at every moment of it some value was certainly there: pushed by
///      a call that had returned, and not yet asked for by the call that popped it.
///
/// For histories in which every pop returned these are all there is. If some pop never returned it
/// may have taken any value: then none counts as never popped, and what only that could show is not
/// found. A history that is linearizable is never rejected.
///
/// cost      n log n for n calls: half a microsecond a call
/// source    Henzinger, Sezgin, Vafeiadis: Aspect-oriented linearizability proofs, CONCUR 2013 (the
///           four violations, and that they are all); Bouajjani, Emmi, Enea, Hamza: On reducing
///           linearizability to state reachability, ICALP 2015
template <detail::hashable T, class Order>
judgement monitor(history<queue_spec<T>, Order> const& h) {
  return detail::watch<T>(h, detail::queue_flaw);
}

/// Says whether a long history of a stack, empty at first, is linearizable.
///
/// As for a queue, but in place of 2: there are values whose pushes and pops cannot be nested like
/// brackets. For any set of values each of which was certainly there for some time, these times
/// covering one stretch without a gap, one value must have been the undermost: its push invoked
/// before any other's had returned, and its pop returned after every other's had been invoked. Take
/// it away, and the same holds for what is left.
///
/// Exact where every pop returned, with the same proviso as for a queue.
///
/// cost      n (c + log n) for n calls of c clients: half a microsecond a call
/// source    Lee, Mathur: Efficient decrease-and-conquer linearizability monitoring, OOPSLA 2025;
///           Emmi, Enea: Sound, complete, and tractable linearizability monitoring for concurrent
///           collections, POPL 2018. The proof for the form used here is in check/stack_flaw.cpp.
template <detail::hashable T, class Order>
judgement monitor(history<stack_spec<T>, Order> const& h) {
  return detail::watch<T>(h, detail::stack_flaw);
}

}  // namespace weft::check
