// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/backoff.hpp>
#include <weft/base/list.hpp>

namespace weft::inline WEFT_ON {

/// Which case of an operation ended a wait; cases are numbered from 0 in the order written.
using case_id = std::uint32_t;
inline constexpr case_id no_case = ~case_id{0};
inline constexpr case_id cancelled_case = no_case - 1;

/// One that waits: a thread or a suspended task; the thing waited on cannot tell which.
///
/// A wait is ended exactly once, by whoever wins the waiter's word: first claim, then commit. See
/// README.md beside this file for the states, the two kinds of wake and the proof.
///
/// threads   try_claim, commit, unclaim and nudge from any thread that reached the waiter through
///           a list it has locked (or that is the owner); begin, arm and clear_nudge by the owner
class waiter {
 public:
  enum class claim { won, busy, gone };
  enum class armed { suspended, ended, nudged };

  waiter(waiter const&) = delete;
  waiter& operator=(waiter const&) = delete;

  /// Reserves the right to end this wait. `busy`: somebody else has it now and may give it back.
  ///
  /// cost      one load, one compare-and-swap if the wait is open
  [[nodiscard]] claim try_claim() noexcept;

  /// As try_claim, for cancellation: a shielded wait is `gone`; a `busy` one was nudged, so its
  /// owner looks at its scope before it sleeps.
  [[nodiscard]] claim try_claim_cancel() noexcept { return claim_or_nudge(shielded_bit); }

  /// As try_claim, for one that must not pause: a `busy` one was nudged, so that its owner tries
  /// again unless the claim ends the wait.
  [[nodiscard]] claim try_claim_or_nudge() noexcept { return claim_or_nudge(0); }

  /// As try_claim, but waits while it is busy: never from inside another claim.
  [[nodiscard]] bool claim_or_gone() noexcept {
    for (backoff pause;; pause()) {
      auto const c = try_claim();
      if (c != claim::busy) return c == claim::won;
    }
  }

  /// Pauses until a wait that another party has claimed to end it has ended. Always true.
  bool see_end() const noexcept {
    for (backoff pause; !ended(); pause()) {
    }
    return true;
  }

  /// Ends the claimed wait with case `winner`, and wakes the owner if it sleeps.
  ///
  /// The owner may destroy what it waited on, and this waiter, as soon as this is called: call it
  /// last, with no lock held.
  void commit(case_id winner) noexcept;

  /// The two halves of commit, for one that ends many waits: note the case under the lock, end
  /// the waits after it.
  void stage(case_id winner) noexcept { winner_ = winner; }
  void commit_staged() noexcept { commit(winner_); }

  /// For the holder of a claim: true if the owner sleeps, so that ending the wait will wake it.
  [[nodiscard]] bool claimed_asleep() const noexcept {
    return (word_.load(weft::relaxed) & armed_bit) != 0;             // rlx cas: ours while claimed
  }

  /// Gives a claim back: the wait goes on.
  void unclaim() noexcept;

  /// Makes the owner try its operation again. Ends nothing; a no-op when the wait has ended.
  void nudge() noexcept;

  /// The two halves of nudge, for one that holds a lock which the owner asks for when it wakes:
  /// the first under the lock; if it is true, the second after it. Nobody else wakes the owner
  /// meanwhile, so it is there still.
  [[nodiscard]] bool nudge_quietly() noexcept;
  void wake_nudged() noexcept { wake(); }

  /// The case that ended the last wait. Owner only, after the end.
  [[nodiscard]] case_id winner() const noexcept { return winner_; }

  /// True if the wait has ended. Owner only.
  [[nodiscard]] bool ended() const noexcept {
    return (word_.load(weft::acquire) & state_mask) == state_ended;  // sub wait.commit
  }

 protected:
  waiter() noexcept = default;
  ~waiter() = default;

  /// Opens a wait: from here on it can be claimed.
  void begin(bool shielded) noexcept;
  /// Lets others wake this waiter. `suspended`: touch nothing of the waiter from here on.
  [[nodiscard]] armed arm() noexcept;
  /// Forgets a nudge; call before trying again, never after.
  void clear_nudge() noexcept;
  /// Ends the own wait, unless somebody did already.
  void end_self(case_id winner) noexcept;
  /// Closes an ended wait and sets the case it is remembered by.
  void close(case_id winner) noexcept;
  /// True if the waiter sleeps: nobody has ended or nudged it since arm().
  [[nodiscard]] bool asleep(std::uint32_t& word) const noexcept;
  /// Of a word that asleep() gave: somebody is about to end the wait.
  [[nodiscard]] static bool is_claimed(std::uint32_t word) noexcept {
    return (word & state_mask) == state_claimed;
  }
  [[nodiscard]] atoms::atomic<std::uint32_t> const& word() const noexcept { return word_; }

 private:
  virtual void wake() noexcept = 0;
  [[nodiscard]] claim claim_or_nudge(std::uint32_t passed_by) noexcept;

  static constexpr std::uint32_t state_idle = 0;
  static constexpr std::uint32_t state_waiting = 1;
  static constexpr std::uint32_t state_claimed = 2;
  static constexpr std::uint32_t state_ended = 3;
  static constexpr std::uint32_t state_mask = 3;
  static constexpr std::uint32_t armed_bit = 4;
  static constexpr std::uint32_t nudged_bit = 8;
  static constexpr std::uint32_t shielded_bit = 16;

  atoms::atomic<std::uint32_t> word_{state_idle};
  atoms::var<case_id> winner_ = no_case;
};

/// One case of a wait, hung on the list of the thing waited on. A part of the operation.
struct wait_node : list_hook<wait_node> {
  /// True if it was hung up and another case ended the wait. One that won is off its list, and
  /// what it waited on may be gone; a loser asks the list, under its lock, whether it still hangs.
  [[nodiscard]] bool lost() const noexcept { return who != nullptr && who->winner() != index; }

  /// True if it was hung up and taken off by another party: the wait has ended, or ends in a
  /// moment. An owner that tries again must not hang it up once more. Under the list's lock.
  [[nodiscard]] bool taken() const noexcept { return who != nullptr && !linked(); }

  waiter* who = nullptr;
  atoms::var<case_id> index = 0;
};

/// The waiters of one thing, first come first served; guarded by that thing's lock.
using wait_list = list<wait_node>;

/// Claims and unlinks the first waiter of `l` that still waits; null if there is none.
///
/// For a caller that is not itself a visible waiter. The caller holds the list's lock, lets it
/// go, and then commits.
[[nodiscard]] wait_node* claim_first_waiting(wait_list& l) noexcept;
[[nodiscard]] inline wait_node* claim_first(wait_list& l) noexcept {
  return l.empty() ? nullptr : claim_first_waiting(l);
}

/// Claims `w` for one that holds the claims of `claimed`: if `w` is busy, those are committed
/// before it pauses, because it may be one of theirs, or held by one that waits for one of theirs.
///
/// The caller holds the list's lock. Waiters may wake before it is let go, so a thing that calls
/// this takes its own lock in its destructor.
[[nodiscard]] bool claim_another(wait_list& claimed, waiter& w) noexcept;

/// Claims and unlinks every waiter of `from` that still waits, as claim_another.
void claim_all(wait_list& from, wait_list& claimed) noexcept;

/// Ends the waits that were claimed, each with its node's case. No lock is held.
void commit_all(wait_list& claimed) noexcept;

/// What meet_first found.
struct meeting {
  enum { met, nobody, lost } outcome;
  wait_node* other = nullptr;  // claimed and unlinked, if met
};

/// Claims both sides for a rendezvous: `own`, which may be in other lists, and the first of `l`
/// that is not `own`. `lost`: somebody ended `own` first.
[[nodiscard]] meeting meet_first(wait_list& l, waiter& own) noexcept;

}  // namespace weft::inline WEFT_ON
