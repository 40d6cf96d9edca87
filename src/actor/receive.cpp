// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/receive.hpp>
#include <weft/base/backoff.hpp>
#include <weft/base/error.hpp>

namespace weft::inline WEFT_ON::detail {

// The caller took the mailbox's bit off: until it says `done`, or ends the wait, the receiver
// stays. It never pauses: if somebody else has claimed the wait, the owner is made to look again.
void wake_receiver(cell& c, wake_kind how) noexcept {
  auto& room = receiver_room::of(c);
  auto const& n = *room.parked;
  if (how == wake_kind::message) {
    if (n.who->try_claim_or_nudge() == waiter::claim::won) return n.who->commit(n.index);
  } else {
    n.who->nudge();
  }
  room.done.store(1, release);  // pub receiver.done -> unhang
}

case_id receive_wait::try_commit() noexcept {
  auto& c = *of_;
  return c.orders() == 0 && c.next_message() ? 0 : no_case;
}

bool receive_wait::publish(waiter& w, case_id base) noexcept {
  auto& c = *of_;
  auto& room = receiver_room::of(c);
  if (hangs_) unhang();
  for (backoff pause;; pause()) {
    bool const ready = c.next_message() != nullptr;
    if (c.orders() != 0) {
      if (w.claim_or_gone()) w.commit(cancelled_case);
      return true;
    }
    if (ready) {
      if (w.claim_or_gone()) w.commit(base);
      return true;
    }
    who = &w;
    index = base;
    room.parked = this;
    if (!c.box.sleep()) continue;  // somebody sends just now
    hangs_ = true;
    if (c.orders_asleep() == 0) return false;
    unhang();
  }
}

// The bit is taken back; or somebody took it to wake this wait, and is waited for until he has
// ended it or no longer needs the waiter.
void receive_wait::unhang() noexcept {
  auto& c = *of_;
  auto& room = receiver_room::of(c);
  hangs_ = false;
  if (c.box.wake_up()) return;
  for (backoff pause; room.done.load(acquire) == 0; pause()) {  // sub receiver.done
    if (who->ended() && who->winner() == index) return;
  }
  room.done.store(0, relaxed);  // rlx owner
}

void receive_wait::withdraw() noexcept {
  if (hangs_ && this->lost()) unhang();
}

envelope& receive_wait::committed() const noexcept {
  auto* const e = static_cast<envelope*>(of_->box.front());
  if (!e)
    die("a mailbox was read by two at once: what one waited for has gone to the other",
        "one task or thread at a time waits for receive()");
  return *e;
}

}  // namespace weft::inline WEFT_ON::detail
