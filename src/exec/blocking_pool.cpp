// SPDX-License-Identifier: Apache-2.0
#include "blocking_pool.hpp"

#include <weft/base/thread.hpp>

#include <mutex>
#include <thread>
#include <utility>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr auto patience = std::chrono::seconds(10);

}  // namespace

blocking_pool::~blocking_pool() {
  {
    std::scoped_lock hold{lock_};
    stop_ = true;
    changes_.fetch_add(1, release);                          // pub blocking.changes -> run
  }
  atoms::unpark_all(&changes_);
  while (auto const n = live_.load(acquire)) atoms::park(live_, n);  // sub blocking.live
}

void blocking_pool::post(job& j) {
  bool needed = false;
  {
    std::scoped_lock hold{lock_};
    needed = idle_ == 0 && live_.load(relaxed) < most_;      // rlx hint: raised below
  }
  // Only threads of the pool count when deciding that somebody will run the job: if the first one
  // cannot be made the submission fails; if a later one cannot, the others do the work.
  if (needed && !start_one_more() && threads() == 0)
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                            "no thread can be made for a blocking call");
  {
    std::scoped_lock hold{lock_};
    j.next = nullptr;
    (last_ ? last_->next : first_) = &j;
    last_ = &j;
    changes_.fetch_add(1, release);                          // pub blocking.changes -> run
  }
  atoms::unpark_one(&changes_);
}

bool blocking_pool::start_one_more() noexcept {
  auto n = live_.load(relaxed);                              // rlx cas
  do {
    if (n >= most_) return true;
  } while (!live_.compare_exchange_weak(n, n + 1, relaxed,   // rlx count
                                        relaxed));           // rlx cas
  try {
    // Joined by count: the destructor waits until every thread has left.
    std::thread{[this] { run(); }}.detach();  // tidy: allow words: joined by count, see above
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
        ++running_;
        return j;
      }
      if (stop_ || late) return nullptr;
      ++idle_;
      seen = changes_.load(acquire);                         // sub blocking.changes
    }
    late = !atoms::park(changes_, seen, until);
  }
}

void blocking_pool::run() noexcept {
  this_thread()->set_name(name_ + "-block");
  bool worked = false;
  while (job* const j = next(worked)) {
    j->run(*j);
    worked = true;
  }
  leave();
}

}  // namespace weft::inline WEFT_ON::detail
