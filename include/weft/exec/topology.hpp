// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

namespace weft::inline WEFT_ON {

/// What the process may use of the machine.
struct processors {
  unsigned online = 1;    // of the machine, as hwloc counts them
  unsigned affinity = 1;  // that this process may run on
  unsigned quota = 0;     // whole processors of the control group's cpu.max; 0: unlimited
  unsigned cores = 1;     // physical cores

  /// The number of workers that makes sense: the least of the above, at least 1.
  [[nodiscard]] unsigned usable() const noexcept;
};

/// Asks the system.
///
/// cost      milliseconds the first time, then a copy
[[nodiscard]] processors this_machine();

}  // namespace weft::inline WEFT_ON
