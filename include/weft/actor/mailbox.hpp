// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <cstdint>

namespace weft::inline WEFT_ON::detail {

/// What stands in a mailbox: a message, or the mailbox's own stub.
struct mail_link {
  atoms::atomic<mail_link*> next{nullptr};
};

/// A queue of many producers and one owner, whose tail says whether the owner sleeps.
///
/// One exchange puts a message in its place and tells the sender whether it has to wake the owner;
/// the owner takes messages without a read-modify-write. The last one taken stays as the head, in
/// front of the oldest message. The proof is in src/actor/README.md.
///
/// threads   push and rouse from any thread; the others by the owner
/// source    Vyukov, "Non-intrusive MPSC node-based queue", 1024cores; the bit is weft's
class mailbox {
 public:
  mailbox() noexcept : tail_(word_of(stub_) | asleep_bit), head_(&stub_) {}
  mailbox(mailbox const&) = delete;
  mailbox& operator=(mailbox const&) = delete;

  /// Queues `m`. True: the owner slept, and the caller has to wake it; nobody else will.
  [[nodiscard]] bool push(mail_link& m) noexcept {
    m.next.store(nullptr, relaxed);                           // rlx init: the exchange publishes it
    auto const before = tail_.exchange(word_of(m), acq_rel);  // pub mailbox.place -> push, sub
                                                              // mailbox.place, sub mailbox.sleep
    // Between these two stands the gap: `m` has its place and cannot be reached.
    link_of(before)->next.store(&m, release);  // pub mailbox.next -> front
    return (before & asleep_bit) != 0;
  }

  /// Takes the bit off without a message. True: the owner slept, and the caller has to wake it.
  [[nodiscard]] bool rouse() noexcept {
    auto t = tail_.load(seq_cst);  // dek actor.control
    while ((t & asleep_bit) != 0) {
      if (tail_.compare_exchange_weak(t, t & ~asleep_bit, acquire,  // sub mailbox.sleep
                                      relaxed))                     // rlx cas
        return true;
    }
    return false;
  }

  /// The oldest message, or null if there is none or its sender stands in the gap.
  [[nodiscard]] mail_link* front() const noexcept {
    mail_link* const head = head_;
    return head->next.load(acquire);  // sub mailbox.next
  }
  /// Takes the front; gives what stood before it, which is the caller's, unless it is the stub.
  [[nodiscard]] mail_link* advance(mail_link& front) noexcept {
    mail_link* const before = head_;
    head_ = &front;
    return before;
  }

  /// Falls asleep; false if there is a message, or will be in a moment. Whatever the owner wrote
  /// before is seen by whoever wakes it.
  [[nodiscard]] bool sleep() noexcept {
    auto last = word_of(*head_);
    return tail_.compare_exchange_strong(
        last, last | asleep_bit,
        seq_cst,   // dek actor.control, pub mailbox.sleep -> push, rouse, take_over
        relaxed);  // rlx cas
  }
  /// The owner, who slept, wakes by itself; false if somebody else has woken it, or does just now.
  [[nodiscard]] bool wake_up() noexcept {
    auto last = word_of(*head_) | asleep_bit;
    return tail_.compare_exchange_strong(last, last & ~asleep_bit, relaxed,  // rlx owner
                                         relaxed);                           // rlx cas
  }
  /// Becomes the owner of a mailbox that sleeps; false if it does not.
  [[nodiscard]] bool take_over() noexcept {
    auto t = tail_.load(relaxed);  // rlx hint
    return (t & asleep_bit) != 0 &&
           tail_.compare_exchange_strong(t, t & ~asleep_bit, acquire,  // sub mailbox.sleep
                                         relaxed);                     // rlx cas
  }

  [[nodiscard]] bool is_stub(mail_link const& m) const noexcept { return &m == &stub_; }
  [[nodiscard]] bool at_stub() const noexcept { return head_ == &stub_; }
  /// Lets the stub come back through the queue, so that no message has to stay as the head. Once,
  /// and not while it is the head.
  void return_stub() noexcept { (void)push(stub_); }

 private:
  static constexpr std::uintptr_t asleep_bit = 1;
  static std::uintptr_t word_of(mail_link& m) noexcept {
    return reinterpret_cast<std::uintptr_t>(&m);
  }
  static mail_link* link_of(std::uintptr_t word) noexcept {
    return reinterpret_cast<mail_link*>(word & ~asleep_bit);
  }

  atoms::atomic<std::uintptr_t> tail_;
  atoms::var<mail_link*> head_;
  mail_link stub_;
};

}  // namespace weft::inline WEFT_ON::detail
