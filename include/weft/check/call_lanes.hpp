// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>

#include <cstdint>
#include <limits>
#include <vector>

namespace weft::check::detail {

/// Which calls must come before which, without what they do.
///
/// A client makes one call at a time, so its calls are a lane: each comes before the next. A call
/// that never returned comes before none, and has a lane of its own. What has been placed of a
/// history in some order is then known by one number a lane, how many of its calls have been.
struct call_lanes {
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  std::vector<std::uint32_t> first;   // call of each lane, and behind the last lane: how many calls
  std::vector<std::uint32_t> before;  // at [call * lanes() + l]: how many of lane l precede it
  std::vector<std::uint64_t> returned;  // when
  std::vector<std::uint8_t> required;   // 0: may be left out
  std::vector<std::uint8_t> ways;       // how many ways there are to place it

  [[nodiscard]] std::size_t lanes() const noexcept { return first.size() - 1; }
  [[nodiscard]] std::uint32_t calls() const noexcept { return first.back(); }
};

/// Builds the lanes of `calls`, a list in which each lane's calls stand together and in order;
/// `first` is as in the result. `returned(c)` and `invoked(c)` give stamps, `has_returned(c)` says
/// whether the former means something.
template <class Order, class Call, class Has, class Returned, class Invoked>
call_lanes lanes_of(std::vector<Call> const& calls, std::vector<std::uint32_t> first, Has has,
                    Returned returned, Invoked invoked) {
  call_lanes out;
  out.first = std::move(first);
  auto const lanes = out.lanes();
  auto const n = calls.size();
  out.before.assign(n * lanes, 0);
  out.returned.resize(n);
  out.required.resize(n);
  out.ways.assign(n, 1);
  for (std::size_t c = 0; c < n; ++c) {
    out.required[c] = has(calls[c]) ? 1 : 0;
    out.returned[c] = has(calls[c]) ? returned(calls[c]).when : call_lanes::never;
  }
  // What precedes a call precedes the next one of its lane too.
  for (std::size_t mine = 0; mine < lanes; ++mine) {
    for (std::size_t other = 0; other < lanes; ++other) {
      if (mine == other) continue;
      auto const end = out.first[other + 1];
      auto next = out.first[other];
      for (auto c = out.first[mine]; c < out.first[mine + 1]; ++c) {
        while (next < end && has(calls[next]) &&
               Order::precedes(returned(calls[next]), invoked(calls[c]))) {
          ++next;
        }
        out.before[c * lanes + other] = next - out.first[other];
      }
    }
  }
  return out;
}

}  // namespace weft::check::detail
