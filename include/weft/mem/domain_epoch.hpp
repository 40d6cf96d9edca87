// SPDX-License-Identifier: Apache-2.0
#pragma once

// How the epoch moves on. The invariants are stated in mem/domain.hpp.

#include <weft/mem/domain.hpp>

#include <algorithm>
#include <array>

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

// Takes a word back that its owner has not replaced meanwhile.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::take_back(slot& s, std::uint64_t word) noexcept {
  return s.word.compare_exchange_strong(word, idle, release,
                                        relaxed);  // pub domain.section -> look
}

// Withdraws the words of those who lag and hold nothing back; true if nobody lags any more.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::withdraw(std::uint64_t g) noexcept {
  Atoms::heavy();  // dek domain.look heavy
  bool all = true;
  [[maybe_unused]] signalled readers;
  for (slot* s = slots_.load(acquire); s; s = s->next) {  // sub domain.slots
    auto const w = s->word.load(acquire);                 // sub domain.section
    if (w == idle || w == g) continue;
    auto const p = s->phase.load(acquire);  // sub domain.section
    if constexpr (signals) {
      if (p == detail::phase_reading) {
        all = signal(*s, w, readers) && all;
        continue;
      }
    }
    if constexpr (!Atoms::tiny) {
      if (p >= detail::phase_pin) note_late(*s, w);
    }
    bool const passes = p == detail::phase_idle || p == detail::phase_writing;
    all = passes && take_back(*s, w) && all;
  }
  if constexpr (signals) {
    if (readers.count != 0) all = withdraw(readers) && all;
  }
  return all;
}

template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::note_late(slot& s, std::uint64_t word) noexcept {
  if (s.late_at.load(relaxed) == word) return;                           // rlx hint
  s.late_since.store(Atoms::now().time_since_epoch().count(), relaxed);  // rlx hint
  s.late_at.store(word, relaxed);                                        // rlx hint
}

// As withdraw(), but none is begun sooner than 16 times what the last one took, less what it may
// have waited for a processor: with many threads the barrier is dear.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::withdraw_in_time(std::uint64_t g) noexcept {
  if constexpr (Atoms::tiny) {
    return withdraw(g);
  } else {
    auto const ticks = [] { return Atoms::now().time_since_epoch().count(); };
    auto const begin = ticks();
    if (begin < next_scan_.load(relaxed)) return false;  // rlx hint: a second one is harmless
    bool const all = withdraw(g);
    auto const end = ticks();
    auto const cost = std::min<std::int64_t>(end - begin, dearest_scan);
    next_scan_.store(end + 16 * cost, relaxed);  // rlx hint
    return all;
  }
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
    if (!(patient ? withdraw_in_time(g) : withdraw(g))) return false;
  }
  s.stuck = 0;
  epoch_.compare_exchange_strong(g, g + step, release, relaxed);  // pub domain.epoch -> collect
  return true;
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
    age(*s);
    round = free_some(*s, ~std::size_t{0});
  }
  return freed;
}

// Seals what there is and moves the epoch on until it has come free, or somebody holds it back.
template <class Atoms, unsigned BagSize>
void basic_domain<Atoms, BagSize>::age(slot& s) noexcept {
  seal(s);
  adopt(s);
  while (s.sealed.front() &&
         s.sealed.back()->stamp + 2 * step > epoch_.load(relaxed) &&  // rlx hint: or once more
         advance(false, s)) {
  }
  collect(s);
}

}  // namespace weft
