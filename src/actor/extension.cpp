// SPDX-License-Identifier: Apache-2.0
#include "actor/cell_extension.hpp"

#include <mutex>

namespace weft::inline WEFT_ON::detail {

bool cell::extend(std::uint64_t id) {
  {
    std::scoped_lock hold{lock};
    if (tenant() != id || id == 0) return false;
    if (more_) return true;
  }
  auto fresh = std::make_unique<cell_extension>();
  std::scoped_lock hold{lock};
  if (tenant() != id) return false;
  if (!more_) more_ = fresh.release();
  return true;
}

bool cell::traps(std::uint64_t id) noexcept {
  std::scoped_lock hold{lock};
  return tenant() == id && kind().traps;
}

bool cell::can_end(std::uint64_t id) noexcept {
  std::scoped_lock hold{lock};
  return tenant() != id || kind().ends;
}

void cell::hear_link(std::uint64_t id, std::uint64_t gone, exit_reason const& why,
                     watcher& by) noexcept {
  std::unique_ptr<watcher> mine;
  scope_state* inside = nullptr;
  {
    std::scoped_lock hold{lock};
    auto* const x = extension(id);
    auto* const link = x ? x->link_to(gone) : nullptr;
    if (!link) return;  // they were untied, or it was told before
    x->watchers.erase(*link);
    mine.reset(link);
    if (!kind().traps) {
      if (why.why == exit_reason::kind::normal) return;
      x->ordered = {exit_reason::kind::linked, why.error};
      word.fetch_or(must_exit, seq_cst);  // dek actor.control
      if (kind().inside) inside = kind().inside(*this);
      if (inside) inside->ref();
    }
  }
  if (by.send(gone, why)) return;
  if (inside) {
    inside->cancel("an actor that it is linked to has ended");
    inside->unref();
  }
  rouse();
}

bool cell::will_restart(exit_reason const& why) noexcept {
  std::scoped_lock hold{lock};
  return more_ && more_->ticket && more_->ticket.again(why);
}

ask_failure cell::failure_of(std::uint64_t id) noexcept {
  return tenant() == id && will_restart({exit_reason::kind::crashed}) ? ask_failure::restarted
                                                                      : ask_failure::failed;
}

void cell::supervise(std::uint64_t id, cell& by, std::uint64_t by_id,
                     bool (*again)(exit_reason const&)) {
  exit_ticket t(by, by_id, again);
  if (!extend(id)) return;
  std::scoped_lock hold{lock};
  more_->ticket = std::move(t);
}

bool cell::release(std::uint64_t id) noexcept {
  exit_ticket gone;
  std::scoped_lock hold{lock};
  auto* const x = extension(id);
  if (!x || !x->ticket) return false;
  gone = std::move(x->ticket);
  return true;
}

void cell::renew() noexcept {
  marks = 0;
  word.fetch_and(scope_ended | counted | bounded, relaxed);  // rlx owner: of the failed one
}

bool cell::start_first(envelope& e) noexcept {
  std::scoped_lock hold{lock};
  if (!more_) return false;
  more_->first = &e;
  marks |= has_first;
  return true;
}

}  // namespace weft::inline WEFT_ON::detail
