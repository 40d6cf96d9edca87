// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/explore.hpp>

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

namespace weft::check {

/// A scenario with a name, and how it is explored.
struct scenario {
  std::string name;
  std::function<void(threads&)> body;
  options how{};
};

/// One access, one mistake put there, and what the scenarios said to it.
struct finding {
  met access;
  mutation::kind mistake = mutation::weaken;
  std::string source;  ///< the line of source, if it can be read
  bool noticed = false;
  verdict found = verdict::passed;
  std::string scenario;  ///< the one that noticed
  std::uint64_t executions = 0;
  std::string reason;  ///< the exception that the code states: "audit: ..."

  /// Noticed where that is wanted, or excused; see audit().
  [[nodiscard]] bool ok() const noexcept;
};

/// What an audit looks at.
struct audit_options {
  std::vector<std::string> files;  ///< accesses in files whose path ends so; empty: in all
  std::vector<mutation::kind> mistakes{mutation::weaken, mutation::read_stale};
  std::uint64_t executions = 200'000;  ///< most for each scenario with each mistake
};

/// Puts one mistake at a time into the accesses of the scenarios, and sees who notices.
///
/// `weaken`: every ordered access becomes relaxed, every fence and barrier is left out. One that no
/// scenario notices lacks a scenario, or is stronger than it need be. A comment `audit: REASON` on
/// the line of the access, or alone on the line above, excuses it; a stale excuse is a finding too.
///
/// `read_stale`: every load whose line is tagged `rlx hint` or `rlx count` reads any value there
/// ever was. A scenario that notices shows a tag that lies.
///
/// The scenarios without a mistake come first: one that fails, or is not explored to its end, ends
/// the audit with that as the only finding.
///
/// cost      the scenarios that meet it once for each access and mistake, the cheapest first, until
///           one notices; one that is cut short by `executions` tries 300 random ones, too
std::vector<finding> audit(std::vector<scenario> const& scenarios, audit_options const& o = {});

/// One line for each finding, then how many there are of each kind.
void print(std::ostream& to, std::vector<finding> const& findings);

}  // namespace weft::check
