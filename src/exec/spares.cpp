// SPDX-License-Identifier: Apache-2.0
#include "scheduler.hpp"

#include <weft/base/thread.hpp>
#include <weft/wait/context.hpp>

#include <mutex>

// Spare workers: while a worker blocks outside of weft, another thread takes its place, so that
// the number of workers that run stays the same. Their number is bounded; when all are out, the
// rest of the runtime goes on with fewer. `resting_` holds those without a thread too; the one that
// rested last is taken first.

namespace weft::inline WEFT_ON::detail {

void scheduler::blocking_begin() noexcept {
  auto* const w = mine();
  if (!w || w->regions++ != 0) return;
  mark_worker(false);
  // What waits in the slot that only this worker looks at goes where others steal from.
  if (job* j = from_next_up(*w)) push(*w, *j);
  stand_in(blocked_.fetch_add(1, relaxed) + 1);  // rlx ordered: by the lock there
  notify();                                      // spares that are there already may all sleep
}

void scheduler::blocking_end() noexcept {
  auto* const w = mine();
  if (!w || --w->regions != 0) return;
  blocked_.fetch_sub(1, relaxed);  // rlx count
  mark_worker(true);
}

// Sees to it that as many spares run as workers block, while there are any.
void scheduler::stand_in(unsigned blocked) noexcept {
  worker* spare = nullptr;
  bool rested = false;
  {
    std::scoped_lock hold{spare_lock_};
    auto const in = standing_in_.load(relaxed);  // rlx owner: under the lock
    if (in >= blocked || resting_.empty()) return;
    spare = resting_.back();
    resting_.pop_back();
    standing_in_.fetch_add(1, relaxed);  // rlx owner: under the lock
    rested = std::exchange(spare->started, true);
    auto const made = spare->index - regular_ + 1;
    if (made > spares_made_.load(relaxed))  // rlx owner: under the lock
      spares_made_.store(made, relaxed);    // rlx owner: under the lock
  }
  if (rested) {
    spare->token.store(worker::told, release);  // pub exec.rested -> retire
    atoms::unpark_one(&spare->token);
    return;
  }
  try {
    start_thread(*spare);
  } catch (std::system_error const&) {  // no thread can be had: the others go on without
    std::scoped_lock hold{spare_lock_};
    spare->started = false;
    resting_.push_back(spare);
    standing_in_.fetch_sub(1, relaxed);  // rlx owner: under the lock
  }
}

// A spare that stands in for nobody any more rests. Its jobs go to the others first.
bool scheduler::retire(worker& w) noexcept {
  auto const needed = [this] {
    return standing_in_.load(relaxed) <= blocked_.load(relaxed);  // rlx ordered: by the lock below
  };
  if (needed() || stopping()) return false;
  if (job* j = from_next_up(w)) injected_.push(*j);
  while (job* j = w.ring.pop()) injected_.push(*j);
  if (w.searching) {
    w.searching = false;
    searching_.fetch_sub(1, relaxed);  // rlx count: the fence of notify
  }
  notify();
  {
    // Whoever began to block and took the lock before is counted here; whoever takes it afterwards
    // finds this spare among those that rest.
    std::scoped_lock hold{spare_lock_};
    if (needed()) return false;
    standing_in_.fetch_sub(1, relaxed);  // rlx owner: under the lock
    resting_.push_back(&w);
  }
  while (w.token.load(acquire) == worker::asleep && !stopping())  // sub exec.rested
    atoms::park(w.token, worker::asleep);
  // Not a plain store: should stop_all() have told this worker, the exchange makes it see the stop.
  w.token.exchange(worker::asleep, acquire);  // sub exec.token
  return true;
}

}  // namespace weft::inline WEFT_ON::detail
