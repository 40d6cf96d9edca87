// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/watch.hpp>

#include "actor/cell_extension.hpp"

#include <mutex>

namespace weft::inline WEFT_ON::detail {

case_id ended_operation::try_commit() { return at_ && at_->extend(id_) ? no_case : 0; }

bool ended_operation::publish(waiter& w, case_id base) noexcept {
  {
    std::scoped_lock hold{at_->lock};
    if (linked()) return false;
    if (taken()) return w.see_end();
    if (auto* const x = at_->extension(id_)) {
      who = &w;
      index = base;
      x->waiting.push_back(*this);
      return false;
    }
  }
  if (w.claim_or_gone()) w.commit(base);
  return true;
}

void ended_operation::withdraw() noexcept {
  if (!lost()) return;
  std::scoped_lock hold{at_->lock};
  if (linked()) wait_list{}.erase(*this);
}

std::uint64_t begin_monitor(cell* at, std::uint64_t id, cell* to, std::uint64_t to_id) {
  auto w = std::make_unique<watcher>();
  w->make_note();
  w->to = to;
  w->to_id = to_id;
  auto const number = w->number = next_actor_id();
  if (at && at->extend(id)) {
    std::scoped_lock hold{at->lock};
    if (auto* const x = at->extension(id)) {
      x->watchers.push_back(*w.release());
      return number;
    }
  }
  if (to) w->send(id, {exit_reason::kind::no_actor});
  return number;
}

bool end_monitor(cell* at, std::uint64_t id, std::uint64_t number) noexcept {
  std::unique_ptr<watcher> gone;
  if (!at) return false;
  std::scoped_lock hold{at->lock};
  auto* const x = at->extension(id);
  if (!x) return false;
  for (auto* w = x->watchers.front(); w; w = x->watchers.after(*w)) {
    if (w->is_link || w->number != number) continue;
    x->watchers.erase(*w);
    gone.reset(w);
    return true;
  }
  return false;
}

namespace {

// One side of a link: false if there is nobody at `at`.
bool add_link(cell& at, std::uint64_t id, cell& to, std::uint64_t to_id) {
  if (!at.extend(id)) return false;
  auto w = std::make_unique<watcher>();
  w->is_link = true;
  w->to = &to;
  w->to_id = to_id;
  if (to.traps(to_id)) w->make_note();
  std::scoped_lock hold{at.lock};
  auto* const x = at.extension(id);
  if (!x) return false;
  if (!x->link_to(to_id)) x->watchers.push_back(*w.release());
  return true;
}

// True if there was one.
bool drop_link(cell& at, std::uint64_t id, std::uint64_t to_id) noexcept {
  std::unique_ptr<watcher> gone;
  std::scoped_lock hold{at.lock};
  auto* const x = at.extension(id);
  auto* const w = x ? x->link_to(to_id) : nullptr;
  if (!w) return false;
  x->watchers.erase(*w);
  gone.reset(w);
  return true;
}

// `gone` has ended: the one at `at` hears of it, if nobody told it before.
void tell_late(cell& at, std::uint64_t id, std::uint64_t gone) {
  auto note = std::make_unique<watcher>();
  note->to = &at;
  note->to_id = id;
  if (at.traps(id)) note->make_note();
  at.hear_link(id, gone, {exit_reason::kind::no_actor}, *note);
}

}  // namespace

// First one side, then the other, then the first again: whoever ends meanwhile is seen either by
// its own end, which finds the link, or here.
bool link_cells(cell* a, std::uint64_t id_a, cell* b, std::uint64_t id_b) {
  if (!a || !b || id_a == id_b || !a->can_end(id_a) || !b->can_end(id_b)) return false;
  bool const has_b = add_link(*b, id_b, *a, id_a);
  bool const has_a = add_link(*a, id_a, *b, id_b);
  if (!has_a && has_b) tell_late(*b, id_b, id_a);
  if (has_a && (!has_b || b->tenant() != id_b)) tell_late(*a, id_a, id_b);
  return has_a || has_b;
}

void unlink_cells(cell* a, std::uint64_t id_a, cell* b, std::uint64_t id_b) noexcept {
  if (!a || !b) return;
  (void)drop_link(*a, id_a, id_b);
  (void)drop_link(*b, id_b, id_a);
}

}  // namespace weft::inline WEFT_ON::detail
