// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/when.hpp>

namespace weft::inline WEFT_ON {

/// Runs a task on `ex` and waits for it in the calling thread.
///
/// blocks    the thread
/// throws    what the task throws; cancelled; misuse_error on a worker
template <class T>
T sync_wait(task<T> t, executor& ex, std::source_location at = std::source_location::current()) {
  must_not_be_worker(at);
  group g(ex);
  auto f = g.spawn(&detail::pass<T>, std::move(t));
  g.join().wait(at);
  return f.get().wait(at);
}
template <class T>
T sync_wait(task<T> t, std::source_location at = std::source_location::current()) {
  must_not_be_worker(at);
  return sync_wait(std::move(t), default_runtime(), at);
}

}  // namespace weft::inline WEFT_ON
