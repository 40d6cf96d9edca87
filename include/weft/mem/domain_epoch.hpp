// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the epoch moves on. The invariants are stated in mem/domain.hpp.

#include <weft/mem/domain.hpp>

#include <algorithm>

namespace weft {

// True if every word is g or idle.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::look(std::uint64_t g) const noexcept {
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    auto const w = s->word.load(acquire);                 // sub domain.section
    if (w != idle && w != g) return false;
  }
  return true;
}

// Withdraws the words of those who lag and are in no section; true if none is left.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::withdraw(std::uint64_t g) noexcept {
  Atoms::heavy();  // dek domain.look heavy
  bool all = true;
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    auto w = s->word.load(acquire);                       // sub domain.section
    if (w == idle || w == g) continue;
    all =
        s->phase.load(acquire) == detail::phase_idle &&                // sub domain.section
        s->word.compare_exchange_strong(w, idle, release, relaxed) &&  // pub domain.section -> look
        all;
  }
  return all;
}

// True if the epoch has moved on, by this call or by another's.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::advance(bool patient, slot& s) noexcept {
  std::uint64_t g = epoch_.load(relaxed);  // rlx cas
  auto const mine = s.word.load(relaxed);  // rlx owner
  if (mine != g && mine != idle) {
    if (s.phase.load(relaxed) != detail::phase_idle) return false;  // rlx owner
    s.word.store(idle, release);                                    // pub domain.section -> look
  }
  Atoms::fence();  // dek domain.pin
  if (!look(g)) {
    if (patient && ++s.stuck < patience) return false;  // let them come by
    s.stuck = 0;
    if (!withdraw(g)) return false;
  }
  s.stuck = 0;
  epoch_.compare_exchange_strong(g, g + step, release, relaxed);  // pub domain.epoch -> collect
  return true;
}

// What a sealed bag brings about. With many threads or barriers a look is dear: none is begun
// sooner than 16 times what the last one took, less what it may have waited for a processor.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::scan(slot& s) noexcept {
  if constexpr (Atoms::tiny) {
    advance(true, s);
  } else {
    auto const ticks = [] { return Atoms::now().time_since_epoch().count(); };
    auto const begin = ticks();
    if (begin < next_scan_.load(relaxed)) return;  // rlx hint: a second one is harmless
    advance(true, s);
    auto const end = ticks();
    auto const cost = std::min<std::int64_t>(end - begin, dearest_scan);
    next_scan_.store(end + 16 * cost, relaxed);  // rlx hint
  }
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::reclaim() noexcept {
  slot* s = nullptr;
  try {
    s = &slot_here(site::current());
  } catch (...) {  // no slot: then it has retired nothing
    return 0;
  }
  if (s->freeing) return 0;  // called by a deleter: the call it runs in goes on
  std::size_t freed = 0;
  for (std::size_t round = 1; round != 0; freed += round) {  // a deleter may have retired more
    seal(*s);
    adopt(*s);
    while (s->sealed.front() &&
           s->sealed.back()->stamp + 2 * step > epoch_.load(relaxed) &&  // rlx hint: or once more
           advance(false, *s)) {
    }
    collect(*s);
    round = free_some(*s, ~std::size_t{0});
  }
  return freed;
}

}  // namespace weft
