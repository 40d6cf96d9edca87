// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/monitor.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace weft::check::detail {

/// A value of a queue or stack, from its push to its pop.
///
/// One that nobody popped is treated as popped after everything else, or, if there are pops that
/// never returned, by one of these.
struct life {
  static constexpr std::size_t no_call = static_cast<std::size_t>(-1);

  std::uint64_t push_invoked = 0, push_returned = 0;
  std::uint64_t pop_invoked = 0, pop_returned = 0;
  std::size_t push = no_call, pop = no_call;  // which calls

  /// True if there was a time at which the value was there, however the calls took effect.
  [[nodiscard]] bool certain() const noexcept { return push_returned < pop_invoked; }
};

/// The history of a container as lives, if nothing is wrong with it value by value.
struct lives {
  std::vector<life> all;             // that have any effect
  std::vector<std::size_t> empties;  // the pops that found nothing
};

/// Either the lives, or what is wrong already.
[[nodiscard]] std::optional<flaw> live(std::span<traced_call const> calls, std::uint32_t values,
                                       lives& out);

/// A pop that found nothing though `all`, in their certain times, leave no gap in it.
[[nodiscard]] std::optional<flaw> not_empty(std::span<traced_call const> calls,
                                            std::vector<life> const& all,
                                            std::vector<std::size_t> const& empties);

/// Appends the calls of a life.
void add_calls(life const& l, std::vector<std::size_t>& calls);

}  // namespace weft::check::detail
