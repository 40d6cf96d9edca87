// SPDX-License-Identifier: Apache-2.0
#include "blocking_pool.hpp"

#include <weft/base/thread.hpp>

#include <chrono>
#include <thread>

namespace weft::inline WEFT_ON::detail {

blocking_pool::~blocking_pool() {
  std::unique_lock hold{lock_};
  stop_ = true;
  more_.notify_all();
  ended_.wait(hold, [&] { return live_ == 0; });
}

void blocking_pool::post(job& j) {
  std::unique_lock hold{lock_};
  if (idle_ == 0 && live_ < most_) {
    // Only threads of the pool count when deciding that somebody will run the job: if the first
    // one cannot be made the submission fails, if a later one cannot, the others do the work.
    try {
      std::thread{[this] { run(); }}.detach();  // tidy: allow words: joined by count in the destructor
      ++live_;
    } catch (std::system_error const&) {
      if (live_ == 0) throw;
    }
  }
  j.next = nullptr;
  (last_ ? last_->next : first_) = &j;
  last_ = &j;
  more_.notify_one();
}

bool blocking_pool::take_back(job& j) noexcept {
  std::scoped_lock hold{lock_};
  job* before = nullptr;
  for (job* x = first_; x; before = x, x = x->next) {
    if (x != &j) continue;
    (before ? before->next : first_) = x->next;
    if (last_ == x) last_ = before;
    return true;
  }
  return false;
}

bool blocking_pool::busy() noexcept {
  std::scoped_lock hold{lock_};
  return first_ != nullptr || running_ != 0;
}

unsigned blocking_pool::threads() noexcept {
  std::scoped_lock hold{lock_};
  return live_;
}

void blocking_pool::run() noexcept {
  this_thread()->set_name(name_ + "-block");
  std::unique_lock hold{lock_};
  for (;;) {
    ++idle_;
    bool const work = more_.wait_for(hold, std::chrono::seconds(10),
                                     [&] { return first_ != nullptr || stop_; });
    --idle_;
    job* const j = first_;
    if (!j) {
      if (work && !stop_) continue;
      break;
    }
    first_ = j->next;
    if (!first_) last_ = nullptr;
    ++running_;
    hold.unlock();
    j->run(*j);
    hold.lock();
    --running_;
  }
  --live_;
  // Notified under the lock: the destructor cannot pass before this thread has let it go.
  ended_.notify_all();
}

}  // namespace weft::inline WEFT_ON::detail
