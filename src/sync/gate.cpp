// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/gate.hpp>

#include <mutex>

namespace weft::inline WEFT_ON {

gate::~gate() {
  std::scoped_lock hold{lock_};
  if (!waiting_.empty())
    detail::die("a gate was destroyed while tasks wait for it",
                "open it, and let every waiter pass, before it goes");
}

void gate::open() noexcept {
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    open_.store(true, weft::release);                        // pub gate.open -> is_open
    claim_all(waiting_, claimed);
  }
  commit_all(claimed);
}

namespace detail {

case_id gate_operation::try_commit() noexcept { return of_->is_open() ? 0 : no_case; }

bool gate_operation::publish(waiter& w, case_id base) noexcept {
  std::scoped_lock hold{of_->lock_};
  if (of_->is_open()) {
    if (w.claim_or_gone()) w.commit(base);
    return true;
  }
  if (!linked()) {
    who = &w;
    index = base;
    of_->waiting_.push_back(*this);
  }
  return false;
}

void gate_operation::withdraw() noexcept {
  if (!lost()) return;
  std::scoped_lock hold{of_->lock_};
  if (linked()) of_->waiting_.erase(*this);
}

wait_info gate_operation::describe() const noexcept { return {"gate", of_.peek(), nullptr}; }

}  // namespace detail
}  // namespace weft::inline WEFT_ON
