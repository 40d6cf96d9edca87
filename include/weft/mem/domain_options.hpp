// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace weft {

/// What a reclamation domain may be told when it is made.
struct domain_options {
  /// So many threads may be registered at a time; 0 is no bound.
  std::size_t most_threads = 0;
  /// Retiring moves the epoch on and frees. If not, only reclaim() and try_advance() do.
  bool automatic = true;
};

/// A thread did not get a slot of a domain that was given a bound.
class registration_error : public error {
 public:
  explicit registration_error(std::string text) : error(errc::registration, std::move(text)) {}
};

/// The epoch was moved on: what registration::try_advance() gives.
struct advanced {
  std::uint64_t old = 0;
  std::uint64_t now = 0;
};

/// A thread that holds the epoch back.
struct held_back {
  int thread = 0;            ///< the system's number of it
  std::uint64_t epochs = 0;  ///< how far its section is behind
  duration age{0};           ///< since it was first found to be so; 0 until a reclaimer has looked
};

/// Nothing of what was retired may be freed yet: who holds it back.
struct blocked {
  held_back by;
};

/// A look for stuck read phases is over: so many signals were sent.
struct scanned {
  std::size_t signals = 0;
};

}  // namespace weft
