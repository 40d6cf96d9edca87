// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>

#include <cstddef>
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

}  // namespace weft
