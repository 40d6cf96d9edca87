// SPDX-License-Identifier: Apache-2.0
#pragma once

// What happens to an object between retire() and its deleter. The invariants are stated in
// mem/domain.hpp.

#include <weft/mem/domain.hpp>

#include <algorithm>

namespace weft {

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::retire(slot& s, detail::retired const& r) noexcept {
  bag* const b = bag_for(s);
  if (!b) [[unlikely]]
    return slot::raise(s.leaked, 1);
  b->add(r);
  slot::raise(s.retired, 1);
  slot::raise(s.bytes, r.bytes);
  if (b->count == BagSize) {
    seal(s);
    if (options_.automatic) {
      adopt(s);
      advance(true, s);
      collect(s);
    }
  }
  if (!s.ripe.front() || !options_.automatic) return;
  if (s.phase.load(relaxed) == detail::phase_writing) {  // rlx owner
    s.owed += frees;                                     // deleters may pin: not in a write phase
  } else {
    free_some(s, frees);
  }
}

// The open bag. With no memory for one something may come free; else the object is given up.
template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::bag_for(slot& s) noexcept -> bag* {
  if (!s.open) [[unlikely]]
    s.open = take_bag(s);
  if (!s.open) [[unlikely]] {
    advance(false, s);
    collect(s);
    if (s.phase.load(relaxed) != detail::phase_writing) free_some(s, ~std::size_t{0});  // rlx owner
    if (!s.open) s.open = take_bag(s);
  }
  return s.open;
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::seal(slot& s) noexcept {
  bag* const b = s.open;
  if (!b || b->count == 0) return;
  Atoms::fence();                   // dek domain.pin
  b->stamp = epoch_.load(relaxed);  // rlx ordered: by the fence, E4, E5
  s.sealed.push(b);
  s.open = nullptr;
}

// A bag may get a later stamp than it had, which is safe and keeps the queue in order.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::adopt(slot& s) noexcept {
  if (!orphans_.load(relaxed)) return;           // rlx ordered: by who left them
  bag* b = orphans_.exchange(nullptr, acquire);  // sub domain.orphans
  std::uint64_t last = s.sealed.front() ? s.sealed.back()->stamp : 0;
  while (b) {
    bag* const next = b->next;
    last = b->stamp = std::max(b->stamp, last);
    s.sealed.push(b);
    b = next;
  }
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::collect(slot& s) noexcept {
  std::uint64_t const now = epoch_.load(acquire);  // sub domain.epoch
  bag* b = s.sealed.front();
  if (!b || b->stamp + 2 * step > now) return;
  bool const any = any_reserved([](void*) { return true; });
  for (; b && b->stamp + 2 * step <= now; b = s.sealed.front()) {
    s.sealed.pop();
    if (any) keep_reserved(s, *b);
    if (b->count != 0) s.ripe.push(b);
    else recycle(s, b);
  }
}

// Moves what is reserved out of a bag that has come free: it waits two more epochs.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::keep_reserved(slot& s, bag& b) noexcept {
  for (unsigned i = 0; i < b.count;) {
    if (!any_reserved([&](void* o) { return o == b.items[i].object; })) {
      ++i;
      continue;
    }
    detail::retired const kept = b.items[i];
    b.items[i] = b.take();
    if (!s.open) s.open = take_bag(s);
    bag* const open = s.open;
    if (!open) {
      slot::raise(s.leaked, 1);
      continue;
    }
    open->add(kept);
    if (open->count == BagSize) seal(s);
  }
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::free_some(slot& s, std::size_t most) noexcept {
  if (s.freeing) return 0;  // called by a deleter: the call it runs in goes on
  s.freeing = true;
  std::size_t freed = 0;
  for (bag* b = s.ripe.front(); b && freed < most; b = s.ripe.front()) {
    auto const r = b->take();
    if (b->count == 0) {
      s.ripe.pop();
      recycle(s, b);
    }
    slot::raise(s.freed, 1);
    slot::raise(s.bytes, -std::uint64_t{r.bytes});
    ++freed;
    r.free(r.object);
  }
  s.freeing = false;
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

}  // namespace weft
