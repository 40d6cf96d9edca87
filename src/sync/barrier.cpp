// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/barrier.hpp>

#include <mutex>

// All of it lies under the lock: who has arrived, the phase, what broke it, and the waiters, which
// are all of the running phase.
//
//   B1  A token names its phase, and how often the barrier had been reset. So one that comes late
//       finds its own phase over, whatever has happened since.
//   B2  The completion runs in the one that took the last place, under no lock: nobody else can
//       arrive then, and nobody is let out before the phase has moved on.
//   B3  A wait that is cancelled breaks its own phase only, and only while somebody is missing.
//   B4  Whoever is let out may destroy it. The phase moves under the lock, which the destructor
//       takes, and after it only claimed waits are touched; the one that arrived last is told so by
//       its token.
//
// Checked by test/sync/barrier.model.cpp.

namespace weft::inline WEFT_ON {
namespace {

std::exception_ptr broken(detail::scope_state const* by) noexcept try {
  std::string reason = "the wait of one party was cancelled";
  if (by && !by->reason().empty()) reason += ": " + by->reason();
  return std::make_exception_ptr(broken_barrier(std::move(reason)));
} catch (...) {
  return std::current_exception();
}

}  // namespace

barrier::barrier(std::size_t parties, std::function<void()> completion, std::source_location at)
    : parties_(parties), left_(parties), completion_(std::move(completion)) {
  if (parties == 0)
    throw misuse_error("a barrier at " + place(at) +
                       " for 0 parties: nobody could arrive\n  give the number of those that wait "
                       "for each other");
}

barrier::~barrier() {
  std::scoped_lock hold{lock_};
  if (!waiting_.empty())
    detail::die("a barrier was destroyed while tasks wait for it",
                "let every task that uses it end first: join its group");
}

bool barrier::is_broken() const noexcept {
  std::scoped_lock hold{lock_};
  return why_ != nullptr;
}

std::size_t barrier::parties() const noexcept {
  std::scoped_lock hold{lock_};
  return parties_;
}

void barrier::must_be_ours(barrier_token const& t, std::source_location const& at) const {
  if (t.of_ == this) return;
  throw misuse_error("a wait at " + place(at) +
                     " with the token of another barrier\n  wait at the "
                     "barrier whose arrive() gave the token");
}

void barrier::refuse(std::size_t parties, std::source_location const& at) {
  if (parties == 0)
    throw misuse_error("an arrival at " + place(at) +
                       " at a barrier that every party has left by "
                       "arrive_and_drop()\n  make a new barrier");
  throw misuse_error("an arrival at " + place(at) + " at a barrier whose " +
                     std::to_string(parties) +
                     " parties have all arrived in this phase\n  arrive "
                     "once in a phase, and wait for its end before the next");
}

// One more has arrived. True if that was the last, and the completion is to run; without one the
// phase ends here.
bool barrier::count(wait_list& claimed) noexcept {
  if (--left_ != 0) return false;
  if (completion_) return true;
  next_phase(claimed);
  return false;
}

void barrier::next_phase(wait_list& claimed) noexcept {
  ++phase_;
  left_ = parties_;
  claim_all(waiting_, claimed);
}

barrier_token barrier::arrive(std::source_location at) {
  barrier_token t;
  std::exception_ptr why;
  wait_list claimed;
  bool full = false, completes = false;
  {
    std::scoped_lock hold{lock_};
    t.of_ = this;
    t.phase_ = phase_;
    t.round_ = round_;
    why = why_;
    full = left_ == 0;
    if (!why && !full) {
      completes = count(claimed);
      t.last_ = phase_ != t.phase_;
    }
  }
  commit_all(claimed);
  if (why) std::rethrow_exception(why);
  if (full) refuse(parties(), at);
  if (completes) t.last_ = finish(t);
  return t;
}

void barrier::arrive_and_drop(std::source_location at) {
  barrier_token t;
  wait_list claimed;
  bool full = false, completes = false;
  {
    std::scoped_lock hold{lock_};
    t.phase_ = phase_;
    t.round_ = round_;
    full = parties_ == 0 || (left_ == 0 && !why_);
    if (!full) {
      --parties_;
      if (!why_) completes = count(claimed);
    }
  }
  commit_all(claimed);
  if (full) refuse(parties(), at);
  if (completes) (void)finish(t);
}

// Runs the completion. True if the phase has ended well.
bool barrier::finish(barrier_token const& t) noexcept {
  std::exception_ptr failed;
  try {
    completion_();
  } catch (...) {
    failed = std::current_exception();
  }
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    if (round_ != t.round_) return false;  // it was reset meanwhile
    if (failed) {
      break_it(failed, claimed);
    } else {
      next_phase(claimed);
    }
  }
  commit_all(claimed);
  return !failed;
}

void barrier::break_it(std::exception_ptr const& why, wait_list& claimed) noexcept {
  why_ = why;
  fail_waiters(claimed);
}

// A wait that ends otherwise does not look at what is noted here.
void barrier::fail_waiters(wait_list& claimed) noexcept {
  for (auto* n = waiting_.front(); n; n = waiting_.after(*n))
    static_cast<detail::barrier_operation*>(n)->fail(why_);
  claim_all(waiting_, claimed);
}

void barrier::reset() noexcept {
  std::exception_ptr old;  // may be the last of it: let go after the lock
  wait_list claimed;
  {
    std::scoped_lock hold{lock_};
    ++round_;
    ++phase_;
    left_ = parties_;
    old.swap(why_);
    fail_waiters(claimed);
  }
  commit_all(claimed);
}

barrier::phase barrier::state_of(barrier_token const& t) const noexcept {
  if (t.round_ != round_) return phase::before_reset;
  if (t.phase_ != phase_) return phase::over;
  return why_ ? phase::broken : phase::open;
}

namespace detail {

case_id barrier_operation::try_commit() noexcept {
  if (token_.last_) return 0;
  std::scoped_lock hold{of_->lock_};
  return ended() ? 0 : no_case;
}

// True if its phase has; notes how. The caller holds the lock.
bool barrier_operation::ended() noexcept {
  auto const state = of_->state_of(token_);
  if (state == barrier::phase::broken) fail(of_->why_);
  if (state == barrier::phase::before_reset) fail(nullptr);
  return state != barrier::phase::open;
}

bool barrier_operation::publish(waiter& w, case_id base) noexcept {
  std::scoped_lock hold{of_->lock_};
  if (linked()) return false;
  if (taken()) return w.see_end();
  if (ended()) {
    if (w.claim_or_gone()) w.commit(base);
    return true;
  }
  who = &w;
  index = base;
  of_->waiting_.push_back(*this);
  return false;
}

// The execution whose cancellation ended this wait, if it did: perhaps before it hung anywhere.
context const* barrier_operation::cancelled() const noexcept {
  auto const* const c = who ? static_cast<context const*>(who) : &current_context();
  return c->winner() == cancelled_case && (who || c->cancel_due()) ? c : nullptr;
}

void barrier_operation::withdraw() noexcept {
  auto const* const by = cancelled();
  if (!by && !lost()) return;
  auto& b = *of_;
  std::exception_ptr why;
  if (by) why = broken(by->scope_of());
  wait_list claimed;
  {
    std::scoped_lock hold{b.lock_};
    if (linked()) b.waiting_.erase(*this);
    if (by && b.left_ != 0 && b.state_of(token_) == barrier::phase::open) b.break_it(why, claimed);
  }
  commit_all(claimed);
}

void barrier_operation::take(case_id) {
  if (!failed_) return;
  if (wrong_) std::rethrow_exception(wrong_);
  throw broken_barrier("it was reset");
}

wait_info barrier_operation::describe() const noexcept { return {"barrier", of_.peek(), nullptr}; }

}  // namespace detail
}  // namespace weft::inline WEFT_ON
