// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/condition.hpp>

#include <mutex>

// Why no notification is lost, and the mutex is held at the end
//
//   C1  A waiter hangs on the condition's list before it gives the mutex up; so whoever changes
//       something under the mutex afterwards, and then notifies, finds it there.
//   C2  A notification ends no wait. It moves the node to the mutex's list, as if its owner had
//       asked for the mutex: it says so in the mutex's word, or nudges the first there (I1 to I3
//       of mutex.cpp). So those who are notified run one after the other.
//   C3  An owner that is nudged takes the mutex, asks its predicate, and then ends its wait or
//       hangs up again. It gives the mutex up again only after it hangs.
//   C4  A wait that ends otherwise leaves the condition's list. If notify_one() had chosen it, the
//       next one that waited then is notified in its place; if none did, nobody is owed anything.
//   C5  Whatever ended the wait, it is settled only with the mutex held. A node that was on the
//       mutex's list stays there, so the duty of a nudge (I3) goes to nobody else.
//
// Why one that was notified may destroy the condition: its owner learned of it under lock_, which
// whoever moved it had let go by then, and touches the condition again only if the wait ends
// otherwise.
//
// Locks: the condition's before the mutex's. Checked by test/sync/condition.model.cpp.

namespace weft::inline WEFT_ON {
namespace detail {
namespace {

std::string named(condition const& c) {
  if (c.name()) return std::string("condition \"") + c.name() + "\"";
  char text[40];
  std::snprintf(text, sizeof text, "condition %p", static_cast<void const*>(&c));
  return text;
}

}  // namespace
}  // namespace detail

condition::~condition() {
  if (!waiting_.empty())
    detail::die(detail::named(*this) + " was destroyed while tasks wait for it",
                "let every task that uses it end first: join its group");
}

waiter* condition::notify_before(std::uint64_t ticket) noexcept {
  auto* const n = static_cast<detail::condition_wait*>(waiting_.front());
  if (!n || n->ticket_ >= ticket) return nullptr;
  waiting_.erase(*n);
  n->where_ = detail::condition_wait::stands::notified;
  n->heard_ = ticket;
  std::scoped_lock hold{with_->lock_};
  with_->waiting_.push_back(*n);
  return with_->pass_on();
}

void condition::notify_one() noexcept {
  waiter* woken = nullptr;
  {
    std::scoped_lock hold{lock_};
    woken = notify_before(next_ticket_);
  }
  if (woken) woken->wake_nudged();
}

void condition::notify_all() noexcept {
  waiter* woken = nullptr;
  {
    std::scoped_lock hold{lock_};
    if (waiting_.empty()) return;
    std::scoped_lock moving{with_->lock_};
    while (auto* const next = waiting_.pop_front()) {
      auto* const n = static_cast<detail::condition_wait*>(next);
      n->where_ = detail::condition_wait::stands::notified;
      n->heard_ = 0;
      with_->waiting_.push_back(*n);
    }
    woken = with_->pass_on();
  }
  if (woken) woken->wake_nudged();
}

namespace detail {

no_waits::no_waits() noexcept
    : before_(forbid_waiting(" inside the predicate of a condition: it is asked in the middle of "
                             "another wait\n  look at the data there, and wait outside of it")) {}

void condition_wait::must_hold() const {
  if (*lock_) return;
  throw misuse_error("a wait at " + place(at_) + " for " + named(*of_) +
                     " with a guard that holds no mutex\n  acquire the mutex, and pass the guard "
                     "that holds it; one guard serves one wait at a time");
}

bool condition_wait::publish(waiter& w, case_id base, predicate holds, void* of) noexcept {
  if (!who) {
    // Another case of the same select may have the guard's mutex by now.
    try {
      must_hold();
    } catch (...) {
      wrong_ = std::current_exception();
    }
    mutex_ = lock_->of_;
    who = &w;
    index = base;
    if (!wrong_ && hang()) return false;
  } else {
    if (!notified() || !retake()) return false;
    if (!says(holds, of) && hang()) return false;
  }
  if (w.claim_or_gone()) w.commit(base);
  return true;
}

// Waits, and gives the mutex up. False: others wait with another one, and it is held as before.
bool condition_wait::hang() noexcept {
  auto& c = *of_;
  char const* others = nullptr;
  {
    std::scoped_lock hold{c.lock_};
    if (c.waiting_.empty() || c.with_ == mutex_) {
      c.with_ = mutex_;
      c.waiting_.push_back(*this);
      ticket_ = c.next_ticket_++;
      where_ = stands::waiting;
      out_ = true;
    } else {
      others = c.with_->name();
    }
  }
  if (!out_) {
    refuse(others);
    return false;
  }
  lock_->release();
  return true;
}

void condition_wait::refuse(char const* others) noexcept try {
  auto const theirs = others ? std::string("mutex \"") + others + "\"" : "another mutex";
  wrong_ = std::make_exception_ptr(misuse_error(
      "a wait at " + place(at_) + " for " + named(*of_) + " with " + mutex_->described() +
      ", while others wait for it with " + theirs + "\n  use one condition for each mutex"));
} catch (...) {
  wrong_ = std::current_exception();
}

bool condition_wait::notified() noexcept {
  std::scoped_lock hold{of_->lock_};
  return where_ == stands::notified;
}

// Takes the mutex, or stands in its queue: to be asked again after a nudge.
bool condition_wait::retake() noexcept {
  auto& m = *mutex_;
  {
    std::scoped_lock hold{m.lock_};
    if (!linked()) m.waiting_.push_back(*this);
    // Others may hang behind this one: `wanted` makes the unlocker look.
    while (!m.take(mutex::wanted, at_, static_cast<context*>(who)->id())) {
      if (m.want()) return false;
    }
    m.waiting_.erase(*this);
  }
  out_ = false;
  *lock_ = mutex_guard(m);
  return true;
}

bool condition_wait::says(predicate holds, void* of) noexcept try {
  return !holds || holds(of);
} catch (...) {
  wrong_ = std::current_exception();
  return true;
}

void condition_wait::withdraw() noexcept {
  if (!lost() || !mutex_) return;
  auto& c = *of_;
  waiter* woken = nullptr;
  {
    std::scoped_lock hold{c.lock_};
    if (where_ == stands::waiting) {
      c.waiting_.erase(*this);
    } else if (heard_ != 0) {
      woken = c.notify_before(heard_);
    }
    where_ = stands::apart;
  }
  if (woken) woken->wake_nudged();
}

void condition_wait::take() {
  if (wrong_) std::rethrow_exception(wrong_);
}

wait_info condition_wait::describe() const noexcept {
  auto const* const c = of_.peek();
  return {"notification", c, c ? c->name() : nullptr};
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
