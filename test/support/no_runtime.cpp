// SPDX-License-Identifier: Apache-2.0
// What scenarios have in place of the machine and of the default runtime.
#include <weft/base/error.hpp>
#include <weft/exec/runtime.hpp>
#include <weft/exec/topology.hpp>

namespace weft::inline WEFT_ON {

bool detail::serve_by_default() noexcept { return false; }

runtime& default_runtime() {
  detail::die("a scenario has no default runtime", "give its tasks a loop or a runtime of its own");
}

processors this_machine() { return {2, 2, 0, 2}; }

unsigned processors::usable() const noexcept { return 2; }

}  // namespace weft::inline WEFT_ON
