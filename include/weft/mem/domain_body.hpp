// SPDX-License-Identifier: Apache-2.0
#pragma once

// How threads get slots of a domain and leave them, and how it ends. The invariants are stated in
// mem/domain.hpp.

#include <weft/mem/domain.hpp>

#include <string>

namespace weft {

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::find_or_attach(site where) -> slot& {
  if (closed_.load(relaxed)) refuse_shut(where);  // rlx ordered: by the caller
  if (link* l = links::find(this)) return static_cast<slot&>(*l);
  slot& s = take_slot(where);
  s.thread.store(Atoms::thread_number(), relaxed);  // rlx hint: shown to people
  if constexpr (signals) {
    s.restarts_here = neutralizer::mode() != neutralization::off;
    if (s.restarts_here) neutralizer::prepare(s);
  }
  s.domain.store(this, relaxed);  // rlx owner
  try {
    links::add(s);
  } catch (...) {
    set_free(s);
    throw;
  }
  return s;
}

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::take_slot(site where) -> slot& {
  if (options_.most_threads != 0) admit(where);
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    auto expected = slot_state::free;
    if (s->state.load(relaxed) == expected &&  // rlx ordered: by who left
        s->state.compare_exchange_strong(expected, slot_state::attached, acquire,
                                         relaxed)) {  // sub domain.slot
      return *s;
    }
  }
  slot* s = nullptr;
  try {
    s = new (Atoms::allocate(sizeof(slot), alignof(slot))) slot;
  } catch (...) {
    if (options_.most_threads != 0) live_.fetch_sub(1, relaxed);  // rlx count
    throw;
  }
  s->home = this;
  s->leave = give_back;
  slot* first = slots_.load(relaxed);  // rlx cas
  do {
    s->next = first;
  } while (!slots_.compare_exchange_weak(first, s, release, relaxed));  // pub domain.slots -> E7
  return *s;
}

// One more of the threads that the bound allows. Who leaves counts down first and no longer touches
// the domain once its slot is free.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::admit(site where) {
  std::size_t n = live_.load(relaxed);  // rlx cas
  do {
    if (n >= options_.most_threads) refuse(where);
  } while (!live_.compare_exchange_weak(n, n + 1, relaxed));  // rlx count
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::refuse(site where) const {
  throw registration_error(
      "maximum threads already registered: the bound of this reclamation domain is " +
      std::to_string(options_.most_threads) + ", and " + std::to_string(thread_count()) +
      " threads are registered, at " + place(where) +
      "\n  let a thread end or call leave() in it, or make the domain with a larger "
      "domain_options::most_threads (0 is no bound)");
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::refuse_shut(site where) {
  throw error(errc::shut_down, "a reclamation domain is used after shutdown(), at " + place(where) +
                                   "\n  shut it down when its last user has ended");
}

// The slots say that they are of no domain: the next pin of their threads looks, and is refused.
template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::shutdown() noexcept {
  if (!closed_.load(relaxed)) reclaim();  // rlx ordered: by the caller
  closed_.store(true, relaxed);           // rlx ordered: by the caller
  each_slot([&](slot& s) {
    if (s.domain.load(relaxed) == this) s.domain.store(links::shut(), relaxed);  // rlx ordered: E9
  });
  return limbo_count();
}

// Moves the slot from `attached` to `busy`; false if it is free or its domain has gone.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::close(slot& s) noexcept {
  basic_backoff<Atoms> pause;
  for (;;) {
    auto seen = slot_state::attached;
    if (s.state.compare_exchange_strong(seen, slot_state::busy, acquire,
                                        acquire)) {  // sub domain.slot
      return true;
    }
    if (seen != slot_state::busy) return false;
    pause();
  }
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::give_back(link& l) noexcept {
  auto& s = static_cast<slot&>(l);
  if (!close(s)) return destroy(&s);                               // dead: the domain has gone
  if (s.phase.load(relaxed) != detail::phase_idle || s.freeing) {  // rlx owner
    Atoms::die("a thread leaves a reclamation domain that it is using",
               "let its guards end first, and do not end the thread inside a deleter",
               site::current());
  }
  s.home->abandon(s);
  s.home->set_free(s);
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::set_free(slot& s) noexcept {
  s.domain.store(nullptr, relaxed);  // rlx owner
  s.seen = idle;
  s.generation.store(s.generation.load(relaxed) + 1, relaxed);  // rlx owner
  s.word.store(idle, release);                                  // pub domain.section -> look
  if (options_.most_threads != 0) live_.fetch_sub(1, relaxed);  // rlx count
  s.state.store(slot_state::free, release);  // pub domain.slot -> take_slot, close
}

// Leaves the slot's bags to the others.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::abandon(slot& s) noexcept {
  seal(s);
  s.sealed.append(std::move(s.ripe));
  while (bag* b = s.sealed.pop()) {
    bag* first = orphans_.load(relaxed);  // rlx cas
    do {
      b->next = first;
    } while (!orphans_.compare_exchange_weak(first, b, release,
                                             relaxed));  // pub domain.orphans -> adopt
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
void basic_domain<Atoms, BagSize>::leave(site where) noexcept {
  link* const l = links::find(this);
  if (!l) return;
  if (l->phase.load(relaxed) != detail::phase_idle ||
      static_cast<slot&>(*l).freeing) {  // rlx owner
    Atoms::die("a thread gives back its slot of a reclamation domain that it is using",
               "let its guards end first, and do not call leave() in a deleter", where);
  }
  links::remove_first();
  give_back(*l);
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::misplaced(std::uint32_t phase, site where) noexcept {
  Atoms::die(phase == detail::phase_reading ? "a pin in the read phase of a section"
                                            : "a pin in the write phase of a section",
             "take the pin around the section: a read in a pin is an ordinary call", where);
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
    all.append(std::move(s->ripe));
    s->state.store(slot_state::attached, release);  // pub domain.slot -> close
  }
  for (bag* b = orphans_.exchange(nullptr, relaxed); b;) {  // rlx ordered: close() saw who left
    all.push(std::exchange(b, b->next));
  }
  bool any = false;
  while (bag* b = all.pop()) {
    any |= b->count != 0;
    while (b->count != 0) {
      auto const r = b->take();
      r.free(r.object);
    }
    destroy(b);
  }
  return any;
}

template <class Atoms, unsigned BagSize>
basic_domain<Atoms, BagSize>::~basic_domain() {
  if (bound_.load(relaxed) != 0) {  // rlx ordered: by the end of all use
    Atoms::die("a reclamation domain is destroyed while a structure is bound to it",
               "let the structures that use it end before the domain does", site::current());
  }
  for (slot* s = slots_.load(relaxed); s; s = s->next) {  // rlx ordered: by the end of all use
    if (s->phase.load(relaxed) == detail::phase_idle)
      continue;  // rlx ordered: by the end of all use
    Atoms::die("a reclamation domain is destroyed while a guard pins it",
               "let every guard end before the domain does", site::current());
  }
  while (free_everything()) {
  }
  for (slot* s = slots_.load(relaxed); s;) {  // rlx ordered: by the end of all use
    slot* const next = s->next;
    if (close(*s)) {
      abandon(*s);
      s->domain.store(nullptr, relaxed);          // rlx hint: find() looks at the state
      s->state.store(slot_state::dead, release);  // pub domain.slot -> close
    } else {
      destroy(s);
    }
    s = next;
  }
}

}  // namespace weft
