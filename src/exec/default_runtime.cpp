// SPDX-License-Identifier: Apache-2.0
#include <weft/exec/runtime.hpp>
#include <weft/probe/log.hpp>

#include <cstdlib>

namespace weft::inline WEFT_ON {
namespace {

constexpr auto patience = std::chrono::seconds(1);

runtime* made = nullptr;

void at_exit() {
  if (made->on_worker()) return;  // exit() inside a task: it cannot wait for itself
  if (made->wind_down("the program exits", patience)) return;
  log(log_level::warn, "at exit some tasks of the default runtime had not ended:\n" + made->dump());
}

// Never destroyed: tasks may outlive the statics of the program.
runtime* make() {
  made = new runtime;
  std::atexit(at_exit);
  return made;
}

}  // namespace

bool detail::serve_by_default() noexcept {
  set_default_executor([]() noexcept -> executor& { return default_runtime(); });
  return true;
}

runtime& default_runtime() {
  static runtime* const it = make();
  return *it;
}

}  // namespace weft::inline WEFT_ON
