// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/base/thread.hpp>
#include <weft/exec/strand.hpp>

#include <mutex>

namespace weft::inline WEFT_ON {

// What its last job has woken may destroy it before the turn that ran the job is over: that is
// waited for. From inside the job it would be waiting for itself.
strand::~strand() {
  for (backoff pause;; pause()) {
    std::scoped_lock hold{lock_};
    if (!queued_) return;
    if (first_ != nullptr || runner_ == this_thread())
      detail::die("a strand was destroyed while jobs wait on it or run",
                  "end the tasks that run on it first: join their group");
  }
}

void strand::post(job& j) noexcept {
  bool first = false;
  {
    std::scoped_lock hold{lock_};
    j.next = nullptr;
    (last_ ? last_->next : first_) = &j;
    last_ = &j;
    first = !std::exchange(queued_, true);
  }
  if (first) on_->post(turn_);
}

void strand::run_batch(job& j) noexcept {
  auto& self = *static_cast<turn&>(j).of;
  auto* const here = this_thread();
  for (unsigned n = 0;; ++n) {
    job* next = nullptr;
    {
      std::scoped_lock hold{self.lock_};
      next = self.first_;
      self.runner_ = next && n < batch ? here : nullptr;
      if (!next) {
        self.queued_ = false;  // the last touch: the strand may go now
        return;
      }
      if (n < batch) {
        self.first_ = next->next;
        if (!self.first_) self.last_ = nullptr;
      }
    }
    if (n == batch) return self.on_->post(self.turn_);
    next->run(*next);
  }
}

}  // namespace weft::inline WEFT_ON
