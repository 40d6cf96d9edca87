// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/restart.hpp>

#include <csignal>

namespace weft::inline WEFT_ON::detail {

/// The process' handler of the signal that ends read phases.
///
/// threads   any; the number is set before the first install()
struct read_signal {
  /// The signal's number.
  [[nodiscard]] static int number() noexcept;
  /// Takes another number; false once the handler is installed.
  static bool take(int number) noexcept;

  /// Installs the handler, once for the process; false if the system refused.
  static bool install() noexcept;
  /// True if it is still the one that the system would call.
  [[nodiscard]] static bool in_place() noexcept;

  /// The set of this signal alone.
  [[nodiscard]] static sigset_t alone() noexcept;
};

}  // namespace weft::inline WEFT_ON::detail
