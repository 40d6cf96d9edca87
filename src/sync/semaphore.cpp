// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/semaphore.hpp>

#include <mutex>

namespace weft::inline WEFT_ON {

semaphore::~semaphore() {
  std::scoped_lock hold{lock_};
  if (!waiting_.empty())
    detail::die("a semaphore was destroyed while tasks wait for it",
                "let every task that uses it end first: join its group");
}

std::size_t semaphore::available() const noexcept {
  std::scoped_lock hold{lock_};
  return free_;
}

bool semaphore::try_acquire(std::size_t n) noexcept {
  std::scoped_lock hold{lock_};
  if (!waiting_.empty() || free_ < n) return false;
  free_ -= n;
  return true;
}

void semaphore::serve(wait_list& claimed) noexcept {
  while (auto* n = waiting_.front()) {
    auto const wanted = static_cast<detail::permit_operation*>(n)->n_;
    if (wanted > free_) return;
    bool const won = claim_another(claimed, *n->who);
    waiting_.erase(*n);
    if (!won) continue;
    free_ -= wanted;
    claimed.push_back(*n);
  }
}

void semaphore::release(std::size_t n) noexcept {
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    free_ += n;
    serve(claimed);
  }
  commit_all(claimed);
}

namespace detail {

case_id permit_operation::try_commit() noexcept { return of_->try_acquire(n_) ? 0 : no_case; }

bool permit_operation::publish(waiter& w, case_id base) noexcept {
  auto& s = *of_;
  std::scoped_lock hold{s.lock_};
  if (linked()) return false;
  if (taken()) return w.see_end();
  if (s.waiting_.empty() && s.free_ >= n_) {
    if (w.claim_or_gone()) {
      s.free_ -= n_;
      w.commit(base);
    }
    return true;
  }
  who = &w;
  index = base;
  s.waiting_.push_back(*this);
  return false;
}

// One that leaves may have kept smaller requests behind it waiting.
void permit_operation::withdraw() noexcept {
  if (!lost()) return;
  wait_list claimed;
  {
    std::scoped_lock hold{of_->lock_};
    if (!linked()) return;
    of_->waiting_.erase(*this);
    of_->serve(claimed);
  }
  commit_all(claimed);
}

wait_info permit_operation::describe() const noexcept { return {"acquire", of_.peek(), nullptr}; }

}  // namespace detail
}  // namespace weft::inline WEFT_ON
