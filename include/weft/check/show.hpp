// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>

#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

// How calls are written in the texts of judgements: push(1), pop() = 2. Names are those of the
// types and arguments those of the aggregate, so that a specification needs no code for it.
namespace weft::check::detail {

template <class T>
constexpr std::string_view signature() noexcept {
  return __PRETTY_FUNCTION__;
}

/// The name of a type without its namespaces, with its template arguments.
[[nodiscard]] std::string short_name(std::string_view signature);

template <class T>
std::string name_of() {
  return short_name(signature<T>());
}

/// Converts to anything: counts the members of an aggregate.
struct anything {
  template <class T>
  operator T() const;  // NOLINT: never defined, never called
};

template <class T>
concept printable = requires(std::ostream& out, T const& v) { out << v; };

template <class T>
void put(std::ostream& out, T const& v) {
  if constexpr (std::is_same_v<T, bool>) {
    out << (v ? "true" : "false");
  } else if constexpr (std::is_same_v<T, done>) {
    out << "done";
  } else if constexpr (printable<T>) {
    out << v;
  } else if constexpr (requires {
                         v.has_value();
                         *v;
                       }) {
    if (v.has_value()) put(out, *v);
    else out << "nothing";
  } else if constexpr (std::is_enum_v<T>) {
    out << +static_cast<std::underlying_type_t<T>>(v);
  } else {
    out << '?';
  }
}

template <class Op>
void put_arguments(std::ostream& out, Op const& op) {
  if constexpr (std::is_empty_v<Op> || !std::is_aggregate_v<Op>) {
    return;
  } else if constexpr (requires { Op{anything{}, anything{}, anything{}, anything{}}; }) {
    out << "...";
  } else if constexpr (requires { Op{anything{}, anything{}, anything{}}; }) {
    auto const& [a, b, c] = op;
    put(out, a);
    put(out << ", ", b);
    put(out << ", ", c);
  } else if constexpr (requires { Op{anything{}, anything{}}; }) {
    auto const& [a, b] = op;
    put(out, a);
    put(out << ", ", b);
  } else if constexpr (requires { Op{anything{}}; }) {
    auto const& [a] = op;
    put(out, a);
  }
}

/// The operation as it would be called.
template <class Op>
std::string shown(Op const& op) {
  std::ostringstream out;
  if constexpr (printable<Op>) {
    out << op;
  } else {
    out << name_of<Op>() << '(';
    put_arguments(out, op);
    out << ')';
  }
  return out.str();
}

template <class T>
std::string shown_value(T const& v) {
  std::ostringstream out;
  put(out, v);
  return out.str();
}

/// One line of a drawing, in the column of its client.
struct drawn_moment {
  unsigned client = 0;
  std::uint64_t when = 0;
  std::string text;
  int begins = 0;  // 1: something begins that -1 ends; while it lasts the column shows a bar
};
[[nodiscard]] std::string columns(std::vector<drawn_moment> moments);

/// A call as the timeline draws it.
struct drawn_call {
  unsigned client = 0;
  std::uint64_t invoked = 0, returned = 0;  // `open` if it never returned
  std::string call, result;
  std::uint32_t position = 0;  // in the order that was found, from 1; 0: none
  bool marked = false;         // what the judgement is about

  static constexpr std::uint64_t open = std::numeric_limits<std::uint64_t>::max();
};

template <class Spec, class Order>
drawn_call draw(recorded_call<Spec, Order> const& c, unsigned client) {
  drawn_call d;
  d.client = client;
  d.invoked = c.invoked.when;
  d.returned = c.has_returned() ? c.returned.when : drawn_call::open;
  std::visit(
      [&](auto const& what) {
        d.call = shown(what.op);
        if (what.result) d.result = shown_value(*what.result);
      },
      c.what);
  return d;
}

/// One line an event, a column a client. Shows `most` calls: those that end last.
[[nodiscard]] std::string timeline(std::vector<drawn_call> calls, std::size_t most = 24);

}  // namespace weft::check::detail
