// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace bench {

/// From this word round trip on, in nanoseconds, two cores are far from each other.
///
/// Two cores under one last-level cache answer within about 150 ns, two that talk through a
/// socket's fabric need 300 ns and more. The virtual processors of a shared machine move between
/// the two, and every row that involves a second core moves with them.
inline constexpr double far_round_trip = 250;

/// Median nanoseconds in which a word goes to the last allowed processor and comes back.
///
/// Two threads, pinned where the system allows it, bounce one cache line. With a single processor
/// nothing can answer: infinity.
double word_round_trip();

/// `near` or `far`.
std::string_view state_of(double round_trip);

}  // namespace bench
