// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/latch.hpp>

#include <mutex>

// The count becomes zero under the lock of the list, under which a waiter looks at it and hangs
// itself up; so no waiter is forgotten. Each step down releases, and whoever reads a later one
// acquires all before it: they are read-modify-writes of one word.
//
// Why whoever got past may destroy it: one that saw zero has the destructor wait for the lock, and
// after that whoever brought it to zero touches waits only.

namespace weft::inline WEFT_ON {

latch::~latch() {
  std::scoped_lock hold{lock_};
  if (!waiting_.empty())
    detail::die("a latch was destroyed while tasks wait for it",
                "count it down, and let every waiter pass, before it goes");
}

// True for the call that brought it to zero.
bool latch::arrive(std::size_t n, std::source_location const& at) {
  auto left = left_.load(weft::relaxed);                     // rlx cas
  for (;;) {
    if (n > left)
      throw misuse_error("a latch was counted down by " + std::to_string(n) + " at " + place(at) +
                         ", but only " + std::to_string(left) +
                         " is left\n  the counts of all that arrive add up to the latch's own");
    if (n == left) {
      if (open(left)) return true;
    } else if (left_.compare_exchange_weak(left, left - n, weft::release,  // pub latch.count ->
                                                                           // try_wait
                                           weft::relaxed)) {  // rlx cas
      return false;
    }
  }
}

bool latch::open(std::size_t& left) noexcept {
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    if (!left_.compare_exchange_strong(left, 0, weft::acq_rel,  // pub latch.count -> try_wait, sub
                                                                // latch.count
                                       weft::relaxed))       // rlx cas
      return false;
    claim_all(waiting_, claimed);
  }
  commit_all(claimed);
  return true;
}

namespace detail {

case_id latch_operation::try_commit() noexcept {
  return passed_ || of_->try_wait() ? 0 : no_case;
}

bool latch_operation::publish(waiter& w, case_id base) noexcept {
  std::scoped_lock hold{of_->lock_};
  if (linked()) return false;
  if (taken()) return w.see_end();
  if (of_->try_wait()) {
    if (w.claim_or_gone()) w.commit(base);
    return true;
  }
  who = &w;
  index = base;
  of_->waiting_.push_back(*this);
  return false;
}

void latch_operation::withdraw() noexcept {
  if (!lost()) return;
  std::scoped_lock hold{of_->lock_};
  if (linked()) of_->waiting_.erase(*this);
}

wait_info latch_operation::describe() const noexcept { return {"latch", of_.peek(), nullptr}; }

}  // namespace detail
}  // namespace weft::inline WEFT_ON
