// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/future.hpp>

namespace weft::inline WEFT_ON::detail {

void outcome_base::make_ready(ending e) noexcept {
  if (last()) {  // no future is left, so nobody waits
    ending_.store(e, weft::relaxed);                          // rlx owner: nobody else sees it
    return;
  }
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    ending_.store(e, weft::release);                          // pub outcome.ready -> how
    claim_all(waiting_, claimed);
  }
  // After the last commit the consumer may drop its reference; the producer still holds one.
  commit_all(claimed);
}

bool outcome_base::publish(wait_node& n, waiter& w, case_id base) noexcept {
  std::scoped_lock hold{lock_};
  if (!ready()) {
    if (!n.linked()) {
      n.who = &w;
      n.index = base;
      waiting_.push_back(n);
    }
    return false;
  }
  if (w.claim_or_gone()) w.commit(base);
  return true;
}

bool outcome_base::ready_or_hang(wait_node& n, waiter& w) noexcept {
  std::scoped_lock hold{lock_};
  if (ready()) return true;
  if (!n.linked()) {
    n.who = &w;
    waiting_.push_back(n);
  }
  return false;
}

void outcome_base::withdraw(wait_node& n) noexcept {
  std::scoped_lock hold{lock_};
  if (n.linked()) waiting_.erase(n);
}

std::string outcome_base::reason_of(std::exception_ptr const& e) try {
  std::rethrow_exception(e);
} catch (cancelled const& c) {
  return c.reason();
} catch (...) {
  return {};
}

void outcome_base::take() {
  must_hold_state(!taken_, "a future");
  taken_ = true;
}

void outcome_base::rethrow() const {
  if (how() == ending::value) return;
  if (!error_) throw cancelled(reason());
  if (chain()) current_context().trace = copy_of(chain());
  std::rethrow_exception(error_);
}

void must_hold_state(bool has_one, char const* what) {
  if (!has_one)
    throw misuse_error(std::string(what) +
                       " has no state: its value was taken, it was shared, or it was never set "
                       "up; a future is read once, use share() for many readers");
}

}  // namespace weft::inline WEFT_ON::detail
