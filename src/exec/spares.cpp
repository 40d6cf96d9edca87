// SPDX-License-Identifier: Apache-2.0
#include "scheduler.hpp"

#include <weft/base/thread.hpp>
#include <weft/wait/context.hpp>

#include <mutex>

// Spare workers: while a worker blocks outside of weft, another thread takes its place, so that
// the number of workers that run stays the same. Their number is bounded; when all are out, the
// rest of the runtime goes on with fewer.

namespace weft::inline WEFT_ON::detail {

void scheduler::blocking_begin() noexcept {
  auto* const w = mine();
  if (!w) return;
  mark_worker(false);
  // What waits in the slot that only this worker looks at goes where others steal from.
  if (job* j = from_next_up(*w)) push(*w, *j);
  blocked_.fetch_add(1, seq_cst);                                // dek exec.blocked
  worker* rested = nullptr;
  {
    std::scoped_lock hold{spare_lock_};
    if (!resting_.empty()) {
      rested = resting_.back();
      resting_.pop_back();
    } else if (auto const n = spares_made_.load(relaxed);        // rlx owner: under the lock
               n < options_.spare_workers) {
      try {
        start_thread(*workers_[regular_ + n]);
        spares_made_.store(n + 1, release);                      // pub exec.spares -> reach
        standing_in_.fetch_add(1, relaxed);                      // rlx count
      } catch (std::system_error const&) {
        // No thread can be had: the others go on without.
      }
    }
  }
  if (rested) {
    standing_in_.fetch_add(1, relaxed);                          // rlx count
    rested->token.store(worker::told, release);                  // pub exec.rested -> retire
    atoms::unpark_one(&rested->token);
  }
}

void scheduler::blocking_end() noexcept {
  if (!mine()) return;
  blocked_.fetch_sub(1, seq_cst);                                // dek exec.blocked
  mark_worker(true);
}

// A spare that stands in for nobody any more rests. Its jobs go to the others first.
bool scheduler::retire(worker& w) noexcept {
  auto in = standing_in_.load(seq_cst);                          // dek exec.blocked
  do {
    if (in <= blocked_.load(seq_cst) || stopping()) return false;  // dek exec.blocked
  } while (!standing_in_.compare_exchange_weak(in, in - 1, seq_cst,  // dek exec.blocked
                                               relaxed));        // rlx cas
  if (job* j = from_next_up(w)) injected_.push(*j);
  while (job* j = w.ring.pop()) injected_.push(*j);
  if (w.searching) {
    w.searching = false;
    searching_.fetch_sub(1, seq_cst);                            // dek exec.idle
  }
  notify();
  w.token.store(worker::asleep, relaxed);                        // rlx owner: not in the idle set
  {
    std::scoped_lock hold{spare_lock_};
    resting_.push_back(&w);
  }
  while (w.token.load(acquire) == worker::asleep && !stopping())  // sub exec.rested
    atoms::park(w.token, worker::asleep);
  w.token.store(worker::asleep, relaxed);                        // rlx owner
  return true;
}

}  // namespace weft::inline WEFT_ON::detail
