// SPDX-License-Identifier: Apache-2.0
#pragma once

// What programs are written with. Apart from it stand the tools for looking inside (weft/probe/),
// safe reclamation (weft/mem/domain.hpp) and weft/version.hpp.
#include <weft/actor/inbox.hpp>
#include <weft/actor/spawn.hpp>
#include <weft/actor/supervisor.hpp>
#include <weft/actor/watch.hpp>
#include <weft/chan/channel.hpp>
#include <weft/exec/blocking.hpp>
#include <weft/exec/loop.hpp>
#include <weft/exec/runtime.hpp>
#include <weft/exec/strand.hpp>
#include <weft/stm/atomically.hpp>
#include <weft/sync/barrier.hpp>
#include <weft/sync/condition.hpp>
#include <weft/sync/future.hpp>
#include <weft/sync/gate.hpp>
#include <weft/sync/guarded.hpp>
#include <weft/sync/latch.hpp>
#include <weft/sync/mutex.hpp>
#include <weft/sync/semaphore.hpp>
#include <weft/task/main.hpp>
#include <weft/task/parallel.hpp>
#include <weft/task/resume_on.hpp>
#include <weft/task/sync_wait.hpp>
#include <weft/task/task.hpp>
#include <weft/task/when.hpp>
#include <weft/task/with_group.hpp>
#include <weft/wait/after.hpp>
#include <weft/wait/compose.hpp>
#include <weft/wait/result.hpp>
#include <weft/wait/scope.hpp>
#include <weft/wait/select.hpp>
