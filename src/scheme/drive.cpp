// SPDX-License-Identifier: Apache-2.0
#include "core.hpp"
#include "slice.hpp"

#include <weft/task/resume_on.hpp>

namespace weft::inline WEFT_ON::scheme::detail {

// The frame holds no SCM, since the collector does not see it: only the root of the task.
task<> drive(root self) {
  auto& r = *record::of_object(kept(self));
  while (run_slice(r)) {
    if (r.what == record::wait::yield) {
      co_await yield();
    } else {
      auto how = take_wait(r);
      co_await std::move(how);
    }
  }
  finish(r);
}

void start(record& r, scope const& below) {
  auto mine = below.child();
  mine.state()->ref();
  r.in = mine.state();
  auto started = r.of->tasks.spawn_in(mine, &drive, rooted(r.object()));
}

}  // namespace weft::inline WEFT_ON::scheme::detail
