// SPDX-License-Identifier: Apache-2.0
#include "blocking_pool.hpp"

#include <weft/base/thread.hpp>

#include <mutex>
#include <utility>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr auto patience = std::chrono::seconds(10);

struct pool_tag;
using pool_of_thread = atoms::thread_slot<blocking_pool const*, pool_tag>;

}  // namespace

blocking_pool::~blocking_pool() {
  {
    std::scoped_lock hold{lock_};
    stop_ = true;
    changes_.fetch_add(1, relaxed);                          // rlx owner: under the lock
  }
  atoms::unpark_all(&changes_);
  while (auto const n = live_.load(acquire)) atoms::park(live_, n);  // sub blocking.live
}

void blocking_pool::post(job& j) {
  bool needed = false;
  {
    std::scoped_lock hold{lock_};
    j.next = nullptr;
    (last_ ? last_->next : first_) = &j;
    last_ = &j;
    ++queued_;
    // A thread that sleeps is good for one job: the next might wait for what this one does.
    needed = idle_ < queued_ && able_ < most_;
    if (needed) ++able_;
    changes_.fetch_add(1, relaxed);                          // rlx owner: under the lock
  }
  atoms::unpark_one(&changes_);
  if (!needed || start_thread()) return;
  // Only threads of the pool count when deciding that somebody will run the job: if the first one
  // cannot be made the submission fails; if a later one cannot, the others do the work.
  bool nobody = false;
  {
    std::scoped_lock hold{lock_};
    nobody = --able_ == 0;
  }
  if (nobody && take_back(j))
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "no thread can be made for a blocking call");
}

bool blocking_pool::start_thread() noexcept {
  live_.fetch_add(1, relaxed);                               // rlx count
  try {
    // Joined by count: the destructor waits until every thread has left.
    atoms::let_go(atoms::start([](void* of) noexcept { static_cast<blocking_pool*>(of)->run(); },
                               this));
    return true;
  } catch (std::system_error const&) {
    leave();
    return false;
  }
}

void blocking_pool::leave() noexcept {
  auto* const word = &live_;
  live_.fetch_sub(1, release);                               // pub blocking.live -> threads, ~
  atoms::unpark_all(word);  // only an address by now
}

bool blocking_pool::take_back(job& j) noexcept {
  std::scoped_lock hold{lock_};
  job* before = nullptr;
  for (job* x = first_; x; before = x, x = x->next) {
    if (x != &j) continue;
    (before ? before->next : first_) = x->next;
    if (last_ == x) last_ = before;
    --queued_;
    return true;
  }
  return false;
}

bool blocking_pool::busy() noexcept {
  std::scoped_lock hold{lock_};
  return first_ != nullptr || running_ != 0;
}

// The next job; null when the pool stops, or nothing came for long.
job* blocking_pool::next(bool after_job) noexcept {
  auto const until = atoms::now() + patience;
  for (bool late = false, counted = false;; counted = true) {
    std::uint32_t seen = 0;
    {
      std::scoped_lock hold{lock_};
      if (std::exchange(after_job, false)) --running_;
      if (counted) --idle_;
      if (job* const j = first_) {
        first_ = j->next;
        if (!first_) last_ = nullptr;
        --queued_;
        ++running_;
        return j;
      }
      if (stop_ || late) {
        --able_;
        return nullptr;
      }
      ++idle_;
      seen = changes_.load(relaxed);                         // rlx owner: under the lock
    }
    late = !atoms::park(changes_, seen, until);
  }
}

bool blocking_pool::on_thread() const noexcept { return pool_of_thread::get() == this; }

void blocking_pool::run() noexcept {
  pool_of_thread::set(this);
  this_thread()->set_name(name_ + "-block");
  bool worked = false;
  while (job* const j = next(worked)) {
    j->run(*j);
    worked = true;
  }
  leave();
}

}  // namespace weft::inline WEFT_ON::detail
