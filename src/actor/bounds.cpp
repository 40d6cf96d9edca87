// SPDX-License-Identifier: Apache-2.0
#include "actor/cell_extension.hpp"

#include <mutex>

namespace weft::inline WEFT_ON::detail {

void cell::bound(std::uint64_t id, std::size_t capacity, std::uint8_t overflow_number) {
  if (!extend(id)) return;
  std::scoped_lock hold{lock};
  more_->capacity = capacity;
  more_->when_full = static_cast<overflow>(overflow_number);
  word.fetch_or(bounded, relaxed);  // rlx init: nobody has the reference yet
}

status cell::deliver_bounded(envelope& e) noexcept {
  bool refused = false;
  auto how = status::done;
  {
    std::scoped_lock hold{lock};
    auto* const x = extension(e.id());
    if (!x) {
      how = status::closed;
    } else if (x->used < x->capacity) {
      ++x->used;
    } else if (x->when_full == overflow::drop_oldest) {
      ++x->used;
      ++x->surplus;
    } else {
      refused = true;
      if (x->when_full != overflow::drop_newest) how = status::full;
    }
  }
  if (how == status::closed) return deliver_now(nullptr, e);
  if (refused) {
    e.discard(dead_reason::full);
    envelope::free(&e);
    return how;
  }
  e.to |= envelope::has_credit;
  return deliver_now(this, e);
}

bool cell::drop_surplus() noexcept {
  std::scoped_lock hold{lock};
  auto* const x = more_;
  if (!x || x->surplus == 0) return false;
  x->surplus -= 1;
  x->used -= 1;
  return true;
}

// The place of a message that was taken passes to the first who waits for one.
void cell::give_place(std::uint64_t id) noexcept {
  wait_node* next = nullptr;
  {
    std::scoped_lock hold{lock};
    auto* const x = extension(id);
    if (!x) return;
    next = claim_first(x->senders);
    if (next) {
      static_cast<blocked_sender*>(next)->has_place = true;
    } else {
      --x->used;
    }
  }
  if (next) next->who->commit(next->index);
}

bool cell::would_block(std::uint64_t id) noexcept {
  std::scoped_lock hold{lock};
  auto* const x = extension(id);
  return x && x->capacity != 0 && x->when_full == overflow::block && x->used >= x->capacity;
}

bool cell::hang_sender(blocked_sender& s, std::uint64_t id, waiter& w, case_id base) noexcept {
  std::scoped_lock hold{lock};
  if (s.linked()) return false;
  if (s.taken()) return w.see_end();
  auto* const x = extension(id);
  if (x && x->used >= x->capacity) {
    s.who = &w;
    s.index = base;
    x->senders.push_back(s);
    return false;
  }
  if (w.claim_or_gone()) {
    if (x) {
      ++x->used;
      s.has_place = true;
    }
    w.commit(base);
  }
  return true;
}

void cell::unhang_sender(blocked_sender& s) noexcept {
  std::scoped_lock hold{lock};
  if (s.linked()) wait_list{}.erase(s);
}

}  // namespace weft::inline WEFT_ON::detail
