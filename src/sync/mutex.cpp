// SPDX-License-Identifier: Apache-2.0
#include <weft/sync/mutex.hpp>

#include <mutex>

// Why no waiter sleeps beside a free lock
//
//   I1  A waiter hangs on the list, under lock_, before it looks at the word the last time, and
//       leaves `wanted` in it, or takes it.
//   I2  A `wanted` word becomes free only under lock_, where its holder nudges the first waiter; so
//       either the unlocker finds the waiter of I1, or that waiter finds the word free.
//   I3  A nudge stands for the duty to try again. A waiter that leaves without the lock passes
//       it on, under lock_: if the word is free it nudges the next one; if somebody has taken it
//       meanwhile it leaves `wanted` in it.
//
// Why the last one that locks it may destroy it: an unlock that touches more of it than the word
// holds lock_ from before the word is free, and the destructor takes lock_.
//
// Whoever was nudged is woken after lock_ was let go, which it asks for as the first thing.
//
// Checked by test/sync/mutex.model.cpp.

namespace weft::inline WEFT_ON {

mutex::~mutex() {
  std::scoped_lock hold{lock_};
  if (!waiting_.empty())
    detail::die(described() + " was destroyed while tasks wait for it",
                "let every task that uses it end first: join its group");
  if (word_.load(weft::relaxed) != free)                     // rlx owner: nobody else is here
    detail::die(described() + " was destroyed while it is held, since " +
                    place(held_by().since),
                "release every guard before the mutex goes");
}

mutex::holder mutex::held_by() const noexcept {
  return {owner_.load(weft::relaxed),                        // rlx ordered: by the graph's lock
          since_.load(weft::relaxed)};                       // rlx hint: for people
}

std::string mutex::described() const {
  if (name_) return std::string("mutex \"") + name_ + "\"";
  char text[32];
  std::snprintf(text, sizeof text, "mutex %p", static_cast<void const*>(this));
  return text;
}

bool mutex::take(std::uint32_t as, std::source_location const& at, std::uint64_t owner) noexcept {
  auto nobody = std::uint32_t{free};
  if (!word_.compare_exchange_strong(nobody, as, weft::acquire,  // sub mutex.unlock
                                     weft::relaxed))             // rlx cas
    return false;
  since_.store(at, weft::relaxed);                           // rlx hint: for people
  owner_.store(owner, weft::relaxed);                        // rlx ordered: by the graph's lock
  return true;
}

bool mutex::try_lock(std::source_location at) noexcept {
  return word_.load(weft::relaxed) == free &&                // rlx cas: take() decides
         take(held, at, current_context().id());
}

void mutex::lock(std::source_location at) {
  auto guard = acquire(at).wait(at);
  guard.of_ = nullptr;
}

void mutex::unlock() noexcept {
  owner_.store(0, weft::relaxed);                            // rlx ordered: by the graph's lock
  auto seen = std::uint32_t{held};
  if (word_.compare_exchange_strong(seen, free, weft::release,  // pub mutex.unlock -> take
                                    weft::relaxed))          // rlx cas
    return;
  waiter* woken = nullptr;
  {
    std::scoped_lock hold{lock_};
    word_.store(free, weft::release);                        // pub mutex.unlock -> take
    if (auto* n = waiting_.front(); n && n->who->nudge_quietly()) woken = n->who;
  }
  if (woken) woken->wake_nudged();
}

mutex_guard mutex::adopt(std::source_location at) {
  auto const by = held_by();
  if (by.id == current_context().id()) return mutex_guard(*this);
  throw misuse_error(described() + " is not held by the one that adopts it at " + place(at) +
                     (by.id == 0 ? std::string(": nobody holds it")
                                 : ": task " + std::to_string(by.id) + " holds it, since " +
                                       place(by.since)) +
                     "\n  only the task or thread that locked it may unlock it or wait with it");
}

bool mutex::want() noexcept {
  auto seen = std::uint32_t{held};
  return word_.compare_exchange_strong(seen, wanted, weft::relaxed,  // rlx cas: see I3
                                       weft::relaxed) ||     // rlx cas
         seen == wanted;
}

waiter* mutex::pass_on() noexcept {
  auto* const next = waiting_.front();
  return next && !want() && next->who->nudge_quietly() ? next->who : nullptr;
}

namespace detail {

case_id lock_operation::try_commit() noexcept { return of_->try_lock(at_) ? 0 : no_case; }

bool lock_operation::publish(waiter& w, case_id base) noexcept {
  auto& m = *of_;
  auto& c = static_cast<context&>(w);
  if (!who && c.waits_for_one() && closes_cycle(c)) {
    if (w.claim_or_gone()) w.commit(base);
    return true;
  }
  std::scoped_lock hold{m.lock_};
  if (!linked()) {
    who = &w;
    index = base;
    m.waiting_.push_back(*this);
  }
  for (;;) {
    auto seen = m.word_.load(weft::relaxed);                 // rlx cas
    if (seen == mutex::wanted) return false;
    if (seen == mutex::held) {
      if (m.word_.compare_exchange_weak(seen, mutex::wanted, weft::relaxed,  // rlx cas: see I2
                                        weft::relaxed))      // rlx cas
        return false;
      continue;
    }
    if (!w.claim_or_gone()) return true;
    // Others may hang behind this one: `wanted` makes the unlocker look.
    if (m.take(mutex::wanted, at_, c.id())) {
      m.waiting_.erase(*this);
      w.commit(base);
      return true;
    }
    w.unclaim();
  }
}

bool lock_operation::closes_cycle(context& c) noexcept try {
  edge_.who = &c;
  edge_.what = &*of_;
  edge_.at = at_;
  deadlock_ = add_edge(edge_);
  return !deadlock_.empty();
} catch (std::bad_alloc const&) {
  return false;  // no memory for a diagnosis: wait without one
}

void lock_operation::withdraw() noexcept {
  if (edge_.who) remove_edge(edge_);
  if (!lost()) return;
  auto& m = *of_;
  waiter* woken = nullptr;
  {
    std::scoped_lock hold{m.lock_};
    if (!linked()) return;
    m.waiting_.erase(*this);
    woken = m.pass_on();
  }
  if (woken) woken->wake_nudged();
}

mutex_guard lock_operation::take(case_id) {
  if (!deadlock_.empty()) throw deadlock_error(deadlock_);
  return mutex_guard(*of_);
}

wait_info lock_operation::describe() const noexcept {
  auto const* m = of_.peek();
  return {"lock", m, m ? m->name() : nullptr};
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
