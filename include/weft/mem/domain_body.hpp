// SPDX-License-Identifier: Apache-2.0
#pragma once

// The members of basic_domain, included by mem/domain.hpp. The invariants are stated there.

#include <weft/mem/domain.hpp>

#include <algorithm>

namespace weft {

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::find_or_attach() -> slot& {
  if (link* l = links::find(this)) return static_cast<slot&>(*l);
  slot& s = take_slot();
  s.domain.store(this, relaxed);                         // rlx owner
  try {
    links::add(s);
  } catch (...) {
    set_free(s);
    throw;
  }
  return s;
}

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::take_slot() -> slot& {
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    auto expected = slot_state::free;
    if (s->state.load(relaxed) == expected &&             // rlx ordered: by who left
        s->state.compare_exchange_strong(expected, slot_state::attached, acquire,
                                         relaxed)) {      // sub domain.slot
      return *s;
    }
  }
  slot* s = new (Atoms::allocate(sizeof(slot), alignof(slot))) slot;
  s->home = this;
  s->leave = give_back;
  slot* first = slots_.load(relaxed);                     // rlx cas
  do {
    s->next = first;
  } while (!slots_.compare_exchange_weak(first, s, release, relaxed));  // pub domain.slots -> I7
  return *s;
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::retire(slot& s, detail::retired r) noexcept {
  if (!s.open) {
    s.open = take_bag(s);
    if (!s.open) {  // no memory: a bag may come free, else the object is given up
      advance();
      collect(s);
      if (!s.open && !(s.open = take_bag(s))) return slot::raise(s.leaked, 1);
    }
  }
  bag& b = *s.open;
  b.items[b.count] = r;
  b.count = b.count + 1;
  slot::raise(s.retired, 1);
  if (b.count == BagSize) {
    seal(s);
    adopt(s);
    advance();
    collect(s);
  }
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::seal(slot& s) noexcept {
  bag* const b = s.open;
  if (!b || b->count == 0) return;
  Atoms::fence();                                         // dek domain.pin
  b->stamp = epoch_.load(relaxed);                        // rlx ordered: by the fence, I2, I4
  s.sealed.push(b);
  s.open = nullptr;
}

// A bag may get a later stamp than it had, which is safe and keeps the queue in order.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::adopt(slot& s) noexcept {
  if (!orphans_.load(relaxed)) return;                    // rlx ordered: by who left them
  bag* b = orphans_.exchange(nullptr, acquire);           // sub domain.orphans
  std::uint64_t last = s.sealed.front() ? s.sealed.back()->stamp : 0;
  while (b) {
    bag* const next = b->next;
    last = b->stamp = std::max(b->stamp, last);
    s.sealed.push(b);
    b = next;
  }
}

// True if the epoch has moved on, by this call or by another's.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::advance() noexcept {
  std::uint64_t g = epoch_.load(relaxed);                 // rlx cas
  Atoms::fence();                                         // dek domain.pin
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    std::uint64_t const a = s->announced.load(acquire);   // sub domain.section
    if (a != idle && a != g) return false;
  }
  epoch_.compare_exchange_strong(g, g + step, release, relaxed);  // pub domain.epoch -> collect
  return true;
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::collect(slot& s) noexcept {
  if (s.freeing) return 0;  // called by a deleter: the call it runs in goes on
  s.freeing = true;
  std::size_t freed = 0;
  std::uint64_t const now = epoch_.load(acquire);         // sub domain.epoch
  while (bag* b = s.sealed.front()) {
    if (b->stamp + 2 * step > now) break;
    s.sealed.pop();
    freed += b->count;
    slot::raise(s.freed, b->count);
    b->free_items();
    recycle(s, b);
  }
  s.freeing = false;
  return freed;
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::reclaim() noexcept {
  slot* s = nullptr;
  try {
    s = &slot_here();
  } catch (std::bad_alloc const&) {
    return 0;
  }
  std::size_t freed = 0;
  for (std::size_t round = 1; round != 0; freed += round) {  // a deleter may have retired more
    seal(*s);
    adopt(*s);
    while (s->sealed.front() &&
           s->sealed.back()->stamp + 2 * step > epoch_.load(relaxed) &&  // rlx hint: or once more
           advance()) {
    }
    round = collect(*s);
  }
  return freed;
}

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::take_bag(slot& s) noexcept -> bag* {
  if (bag* b = s.spare) {
    s.spare = b->next;
    --s.spares;
    return b;
  }
  try {
    return new (Atoms::allocate(sizeof(bag), alignof(bag))) bag;
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::recycle(slot& s, bag* b) noexcept {
  if (s.spares == most_spares) return destroy(b);
  b->next = s.spare;
  s.spare = b;
  ++s.spares;
}

// Moves the slot from `attached` to `busy`; false if it is free or its domain has gone.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::close(slot& s) noexcept {
  basic_backoff<Atoms> pause;
  for (;;) {
    auto seen = slot_state::attached;
    if (s.state.compare_exchange_strong(seen, slot_state::busy, acquire,
                                        acquire)) {          // sub domain.slot
      return true;
    }
    if (seen != slot_state::busy) return false;
    pause();
  }
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::give_back(link& l) noexcept {
  auto& s = static_cast<slot&>(l);
  if (!close(s)) return destroy(&s);  // dead: the domain has gone
  if (s.pins != 0 || s.freeing) {
    detail::die("a thread leaves a reclamation domain that it is using",
                "let its guards end first, and do not end the thread inside a deleter");
  }
  s.home->abandon(s);
  set_free(s);
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::set_free(slot& s) noexcept {
  s.domain.store(nullptr, relaxed);                       // rlx owner
  s.state.store(slot_state::free, release);               // pub domain.slot -> take_slot, close
}

// Leaves the slot's bags to the others.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::abandon(slot& s) noexcept {
  seal(s);
  while (bag* b = s.sealed.pop()) {
    bag* first = orphans_.load(relaxed);                  // rlx cas
    do {
      b->next = first;
    } while (!orphans_.compare_exchange_weak(first, b, release,
                                             relaxed));   // pub domain.orphans -> adopt
  }
  if (bag* const b = s.open) {
    s.open = nullptr;
    recycle(s, b);
  }
  while (bag* b = s.spare) {
    s.spare = b->next;
    destroy(b);
  }
  s.spares = 0;
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::leave() noexcept {
  if (link* l = links::find(this)) {
    links::remove_first();
    give_back(*l);
  }
}

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::limbo_count() const noexcept {
  std::uint64_t retired = 0, freed = 0;
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    freed += s->freed.load(relaxed);                      // rlx ordered: by the caller
  }
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    retired += s->retired.load(relaxed);                  // rlx ordered: by the caller
  }
  return retired > freed ? retired - freed : 0;
}

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::leaked_count() const noexcept {
  std::uint64_t n = 0;
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    n += s->leaked.load(relaxed);                         // rlx ordered: by the caller
  }
  return n;
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::slot_count() const noexcept {
  std::size_t n = 0;
  for (slot* s = slots_.load(acquire); s; s = s->next) ++n;  // sub domain.slots
  return n;
}

// Frees all bags of all slots; true if there were any. Deleters run while no slot is busy, so one
// of them may wait for a thread to end.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::free_everything() noexcept {
  detail::bag_queue<BagSize, Atoms> all;
  for (slot* s = slots_.load(relaxed); s; s = s->next) {  // rlx ordered: by the end of all use
    if (!close(*s)) continue;
    if (bag* const b = s->open) all.push(b);
    s->open = nullptr;
    all.append(std::move(s->sealed));
    s->state.store(slot_state::attached, release);        // pub domain.slot -> close
  }
  for (bag* b = orphans_.exchange(nullptr, relaxed); b;) {  // rlx ordered: close() saw who left
    all.push(std::exchange(b, b->next));
  }
  bool any = false;
  while (bag* b = all.pop()) {
    any |= b->count != 0;
    b->free_items();
    destroy(b);
  }
  return any;
}

template <class Atoms, unsigned BagSize>
basic_domain<Atoms, BagSize>::~basic_domain() {
  for (slot* s = slots_.load(relaxed); s; s = s->next) {  // rlx ordered: by the end of all use
    if (s->announced.load(relaxed) == idle) continue;     // rlx ordered: by the end of all use
    detail::die("a reclamation domain is destroyed while a guard pins it",
                "let every guard end before the domain does");
  }
  while (free_everything()) {
  }
  for (slot* s = slots_.load(relaxed); s;) {              // rlx ordered: by the end of all use
    slot* const next = s->next;
    if (close(*s)) {
      abandon(*s);
      s->domain.store(nullptr, relaxed);                  // rlx hint: find() looks at the state
      s->state.store(slot_state::dead, release);          // pub domain.slot -> close
    } else {
      destroy(s);
    }
    s = next;
  }
}

}  // namespace weft
