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
  stand_in(blocked_.fetch_add(1, seq_cst) + 1);                  // dek exec.blocked
  notify();  // spares that are there already may all sleep
}

void scheduler::blocking_end() noexcept {
  auto* const w = mine();
  if (!w || --w->regions != 0) return;
  blocked_.fetch_sub(1, seq_cst);                                // dek exec.blocked
  mark_worker(true);
}

// Sees to it that as many spares run as workers block, while there are any.
void scheduler::stand_in(unsigned blocked) noexcept {
  worker* spare = nullptr;
  bool rested = false;
  {
    std::scoped_lock hold{spare_lock_};
    if (standing_in_.load(seq_cst) >= blocked || resting_.empty()) return;  // dek exec.blocked
    spare = resting_.back();
    resting_.pop_back();
    standing_in_.fetch_add(1, seq_cst);                          // dek exec.blocked
    rested = std::exchange(spare->started, true);
    auto const made = spare->index - regular_ + 1;
    if (made > spares_made_.load(relaxed))                       // rlx owner: under the lock
      spares_made_.store(made, release);                         // pub exec.spares -> reach
  }
  if (rested) {
    spare->token.store(worker::told, release);                   // pub exec.rested -> retire
    atoms::unpark_one(&spare->token);
    return;
  }
  try {
    start_thread(*spare);
  } catch (std::system_error const&) {  // no thread can be had: the others go on without
    std::scoped_lock hold{spare_lock_};
    spare->started = false;
    resting_.push_back(spare);
    standing_in_.fetch_sub(1, seq_cst);                          // dek exec.blocked
  }
}

// A spare that stands in for nobody any more rests. Its jobs go to the others first.
bool scheduler::retire(worker& w) noexcept {
  auto in = standing_in_.load(seq_cst);                          // dek exec.blocked
  do {
    if (in <= blocked_.load(seq_cst) || stopping()) return false;  // dek exec.blocked
  } while (!standing_in_.compare_exchange_weak(in, in - 1, seq_cst,  // dek exec.blocked
                                               relaxed));        // rlx cas
  if (in - 1 < blocked_.load(seq_cst)) {                         // dek exec.blocked
    standing_in_.fetch_add(1, seq_cst);                          // dek exec.blocked
    return false;  // one that began to block meanwhile may have counted on this spare
  }
  if (job* j = from_next_up(w)) injected_.push(*j);
  while (job* j = w.ring.pop()) injected_.push(*j);
  if (w.searching) {
    w.searching = false;
    searching_.fetch_sub(1, seq_cst);                            // dek exec.idle
  }
  notify();
  {
    std::scoped_lock hold{spare_lock_};
    resting_.push_back(&w);
  }
  while (w.token.load(acquire) == worker::asleep && !stopping())  // sub exec.rested
    atoms::park(w.token, worker::asleep);
  // Not a plain store: should stop_all() have told this worker, the exchange makes it see the stop.
  w.token.exchange(worker::asleep, acquire);                     // sub exec.token
  return true;
}

}  // namespace weft::inline WEFT_ON::detail
