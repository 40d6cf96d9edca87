// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "result.hpp"
#include "row.hpp"

namespace bench {

/// A row's result with the word round trip that its state was read from.
struct measurement {
  result outcome;
  double round_trip = 0;
};

/// Measures one row: both sides in alternation, the order swapped each round.
///
/// The state of the cores is taken first. Each side then runs once to warm up, except in a row
/// with `own_process`, where every sample is the first of its process.
///
/// throws    what a side throws; std::runtime_error if a value is not a positive number
measurement measure(const row& asked, unsigned rounds);

/// The body of a sample's own process: sets `which` ("ours" or "rival") up and takes one value.
///
/// Gives the line that the parent reads.
std::string sample_line(const row& asked, const std::string& which);

}  // namespace bench
