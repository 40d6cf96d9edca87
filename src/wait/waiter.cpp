// SPDX-License-Identifier: Apache-2.0
#include <weft/wait/waiter.hpp>

namespace weft::inline WEFT_ON {

void waiter::begin(bool shielded) noexcept {
  winner_ = no_case;
  auto const word = state_waiting | (shielded ? shielded_bit : 0u);
  word_.exchange(word, weft::seq_cst);                               // dek wait.cancel
}

waiter::claim waiter::try_claim() noexcept {
  auto w = word_.load(weft::acquire);                                // sub wait.commit: if gone
  while ((w & state_mask) == state_waiting) {
    auto const mine = (w & ~state_mask) | state_claimed;
    if (word_.compare_exchange_weak(w, mine, weft::acquire,          // sub wait.open
                                    weft::acquire))                  // sub wait.commit: if gone
      return claim::won;
  }
  return (w & state_mask) == state_claimed ? claim::busy : claim::gone;
}

waiter::claim waiter::claim_or_nudge(std::uint32_t passed_by) noexcept {
  auto w = word_.load(weft::seq_cst);                                // dek wait.cancel
  for (;;) {
    auto const state = w & state_mask;
    if ((w & passed_by) != 0 || (state != state_waiting && state != state_claimed))
      return claim::gone;
    bool const open = state == state_waiting;
    auto const next = open ? (w & ~state_mask) | state_claimed : w | nudged_bit;
    if (word_.compare_exchange_weak(w, next, weft::acq_rel,          // pub wait.nudge -> arm,
                                                                     // clear_nudge, sub wait.open
                                    weft::relaxed))                  // rlx cas
      return open ? claim::won : claim::busy;
  }
}

void waiter::commit(case_id winner) noexcept {
  winner_ = winner;
  // While it is claimed the word changes only by nudges, which an ended wait does not need; whether
  // it is armed was settled, and acquired, by the claim.
  auto const old = word_.load(weft::relaxed);                        // rlx owner: of the claim
  word_.store(state_ended, weft::release);                           // pub wait.commit -> arm,
                                                                     // ended
  if ((old & armed_bit) != 0) wake();
}

// Whether it is armed was settled, and acquired, by the claim.
void waiter::unclaim() noexcept {
  auto w = word_.load(weft::relaxed);                                // rlx cas
  for (;;) {
    auto next = (w & ~state_mask) | state_waiting;
    bool const owed = (w & nudged_bit) != 0 && (w & armed_bit) != 0;
    if (owed) next &= ~armed_bit;
    if (word_.compare_exchange_weak(w, next, weft::release,          // pub wait.open -> try_claim
                                    weft::relaxed)) {                // rlx cas
      if (owed) wake();
      return;
    }
  }
}

void waiter::nudge() noexcept {
  if (nudge_quietly()) wake();
}

bool waiter::nudge_quietly() noexcept {
  auto w = word_.load(weft::relaxed);                                // rlx cas
  for (;;) {
    auto const state = w & state_mask;
    if (state != state_waiting && state != state_claimed) return false;
    // A claimed wait keeps its armed bit: whoever holds the claim passes the nudge on.
    bool const sleeps = state == state_waiting && (w & armed_bit) != 0;
    auto const next = (sleeps ? w & ~armed_bit : w) | nudged_bit;
    if (word_.compare_exchange_weak(w, next, weft::acq_rel,          // pub wait.nudge -> arm,
                                                                     // clear_nudge, sub wait.arm
                                    weft::relaxed))                  // rlx cas
      return sleeps;
  }
}

waiter::armed waiter::arm() noexcept {
  backoff pause;
  auto w = word_.load(weft::acquire);                                // sub wait.commit
  for (;;) {
    auto const state = w & state_mask;
    if (state == state_ended) return armed::ended;
    if (state == state_claimed) {
      pause();
      w = word_.load(weft::acquire);                                 // sub wait.commit
      continue;
    }
    if ((w & nudged_bit) != 0) {
      clear_nudge();
      return armed::nudged;
    }
    if (word_.compare_exchange_weak(w, w | armed_bit, weft::acq_rel,  // pub wait.arm -> commit,
                                                                      // nudge, sub wait.nudge
                                    weft::acquire))                  // sub wait.commit
      return armed::suspended;
  }
}

void waiter::clear_nudge() noexcept {
  word_.fetch_and(~nudged_bit, weft::acquire);                       // sub wait.nudge
}

void waiter::end_self(case_id winner) noexcept {
  if (claim_or_gone()) commit(winner);
}

void waiter::close(case_id winner) noexcept {
  winner_ = winner;
  word_.store(state_idle, weft::relaxed);                            // rlx owner: begin() publishes
}

bool waiter::asleep(std::uint32_t& word) const noexcept {
  word = word_.load(weft::acquire);                                  // sub wait.commit
  return (word & armed_bit) != 0 && (word & state_mask) != state_ended;
}

wait_node* claim_first_waiting(wait_list& l) noexcept {
  while (auto* n = l.front()) {
    bool const won = n->who->claim_or_gone();
    l.erase(*n);
    if (won) return n;
  }
  return nullptr;
}

bool claim_another(wait_list& claimed, waiter& w) noexcept {
  auto const c = w.try_claim();
  if (c != waiter::claim::busy) return c == waiter::claim::won;
  commit_all(claimed);
  return w.claim_or_gone();
}

void claim_all(wait_list& from, wait_list& claimed) noexcept {
  while (auto* n = from.front()) {
    bool const won = claim_another(claimed, *n->who);
    from.erase(*n);
    if (won) claimed.push_back(*n);
  }
}

void commit_all(wait_list& claimed) noexcept {
  while (auto* n = claimed.pop_front()) n->who->commit(n->index);
}

meeting meet_first(wait_list& l, waiter& own) noexcept {
  // Two selects that face each other would each see the other busy for ever if their pauses were
  // equal; the address makes them differ.
  backoff pause(1 + static_cast<unsigned>((reinterpret_cast<std::uintptr_t>(&own) >> 6) % 7));
  for (auto* n = l.front(); n != nullptr;) {
    if (n->who == &own) {
      n = l.after(*n);
      continue;
    }
    if (auto const mine = own.try_claim(); mine != waiter::claim::won) {
      if (mine == waiter::claim::gone) return {meeting::lost};
      pause();
      continue;
    }
    auto const theirs = n->who->try_claim();
    if (theirs == waiter::claim::won) {
      l.erase(*n);
      return {meeting::met, n};
    }
    own.unclaim();
    if (theirs == waiter::claim::gone) {
      auto* next = l.after(*n);
      l.erase(*n);
      n = next;
    } else {
      pause();
    }
  }
  return {meeting::nobody};
}

}  // namespace weft::inline WEFT_ON
