// SPDX-License-Identifier: Apache-2.0
#pragma once

// How a thread that is stuck in a read phase is passed. The invariants are stated in
// mem/section.hpp, those of the signal in mem/restart.hpp.

#include <weft/mem/domain.hpp>

#include <array>

namespace weft {

// Threads that were signalled on one attempt; whoever finds no room here is left to the next.
template <class Atoms, unsigned BagSize>
struct basic_domain<Atoms, BagSize>::signalled {
  struct one {
    slot* who;
    std::uint64_t word;
  };
  std::array<one, Atoms::tiny ? 2 : 16> all;
  std::size_t count = 0;
};

// Signals one that lags in a read phase; true if that is enough once confirm() has said so.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::signal(slot& s, std::uint64_t word, signalled& all) noexcept {
  if (!s.restarts_here || all.count == all.all.size()) return false;
  auto const mode = neutralizer::mode();
  if (mode == neutralization::off) return false;
  if (mode == neutralization::acknowledged &&
      s.signalled_for.load(relaxed) == word) {  // rlx hint: it answers one as well as two
    return false;
  }
  if constexpr (!Atoms::tiny) {
    auto const now = Atoms::now().time_since_epoch().count();
    if (now - s.signalled_at.load(relaxed) < between_signals) return false;  // rlx hint
    s.signalled_at.store(now, relaxed);                                      // rlx hint
  }
  auto const done = neutralizer::send(s);
  if (done != detail::signalling::sent && done != detail::signalling::awaited) return false;
  signals_.fetch_add(1, relaxed);  // rlx count
  if (done == detail::signalling::awaited) {
    s.signalled_for.store(word, relaxed);  // rlx hint
    return false;
  }
  all.all[all.count++] = {&s, word};
  return true;
}

// S3: who was signalled has left the read phase in which it was seen.
template <class Atoms, unsigned BagSize>
bool basic_domain<Atoms, BagSize>::withdraw(signalled const& readers) noexcept {
  if (!neutralizer::confirm()) return false;
  bool all = true;
  for (std::size_t i = 0; i < readers.count; ++i) {
    all = take_back(*readers.all[i].who, readers.all[i].word) && all;
  }
  return all;
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::neutralize(std::uint64_t epochs) noexcept {
  std::size_t sent = 0;
  if constexpr (signals) {
    auto const g = epoch_.load(relaxed);  // rlx hint: an old one finds fewer
    signalled readers;
    each_slot([&](slot& s) {
      auto const w = s.word.load(relaxed);  // rlx hint: nobody is passed
      if (w == idle || w + epochs * step > g) return;
      if (s.phase.load(relaxed) != detail::phase_reading) return;  // rlx hint: nobody is passed
      if (signal(s, w, readers)) ++sent;
    });
  }
  return sent;
}

}  // namespace weft
