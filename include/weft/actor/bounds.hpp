// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/ask.hpp>

namespace weft::inline WEFT_ON {

/// What becomes of a message for which a bounded mailbox has no place.
enum class overflow : std::uint8_t {
  fail,         // tell() says `full`
  drop_newest,  // it is dropped, and tell() says `done`
  drop_oldest,  // the oldest one is dropped in its place, when the actor comes to it
  block,        // send() waits for a place; tell() says `full`
};

/// How many messages may wait in a mailbox. A dropped one is a dead letter, with the reason `full`.
struct mailbox_bounds {
  std::size_t capacity = 0;  // 0: as many as there is memory for
  overflow when_full = overflow::fail;
};

namespace detail {

/// Sends a message, waiting for a place where the mailbox is bounded and its senders wait.
template <class X>
class mail_operation : public operation_base<mail_operation<X>>, public blocked_sender {
 public:
  using result_type = status;
  mail_operation(cell* to, std::uint64_t id, X&& m)
      : to_(to), id_(id), unsent_(make_envelope<message<X>>(std::move(m))) {
    unsent_->to = id;
  }
  mail_operation(mail_operation&& o) noexcept
      : blocked_sender(o),
        to_(o.to_),
        id_(o.id_),
        unsent_(std::exchange(o.unsent_, nullptr)),
        how_(o.how_) {}
  mail_operation& operator=(mail_operation&&) = delete;
  ~mail_operation() {
    if (!unsent_) return;
    std::destroy_at(std::addressof(unsent_->content));
    envelope::free(unsent_);
  }

  [[nodiscard]] case_id try_commit() {
    if (!unsent_)
      die("an operation was used twice",
          "an operation describes one wait: make a new one for each wait");
    if (to_ && to_->would_block(id_)) return no_case;
    how_ = send_now(to_, *std::exchange(unsent_, nullptr));
    return 0;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept {
    return to_->hang_sender(*this, id_, w, base);
  }
  void withdraw() noexcept {
    if (this->lost()) to_->unhang_sender(*this);
  }
  status take(case_id) noexcept {
    if (auto* const e = std::exchange(unsent_, nullptr)) {
      // The place is ours since the commit; or the actor has ended, and this finds it out.
      if (this->has_place) e->to |= envelope::has_credit;
      how_ = deliver_now(to_, *e);
    }
    return how_;
  }
  [[nodiscard]] wait_info describe() const noexcept { return {"send", to_, nullptr}; }

 private:
  cell* to_;
  std::uint64_t id_;
  message<X>* unsent_;
  status how_ = status::done;
};

}  // namespace detail
}  // namespace weft::inline WEFT_ON
