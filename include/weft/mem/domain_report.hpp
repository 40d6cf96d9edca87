// SPDX-License-Identifier: Apache-2.0
#pragma once

// What a domain tells about itself: counts that each thread keeps for itself, read by anybody.

#include <weft/mem/domain.hpp>

#include <chrono>
#include <string>

namespace weft {

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::limbo_count() const noexcept {
  std::uint64_t retired = 0, freed = 0;
  each_slot([&](slot& s) { freed += s.freed.load(relaxed); });      // rlx ordered: by the caller
  each_slot([&](slot& s) { retired += s.retired.load(relaxed); });  // rlx ordered: by the caller
  return retired > freed ? retired - freed : 0;
}

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::limbo_bytes() const noexcept {
  std::uint64_t n = 0;
  each_slot([&](slot& s) { n += s.bytes.load(relaxed); });  // rlx ordered: by the caller
  return static_cast<std::int64_t>(n) > 0 ? n : 0;
}

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::leaked_count() const noexcept {
  std::uint64_t n = 0;
  each_slot([&](slot& s) { n += s.leaked.load(relaxed); });  // rlx ordered: by the caller
  return n;
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::slot_count() const noexcept {
  std::size_t n = 0;
  each_slot([&](slot&) { ++n; });
  return n;
}

template <class Atoms, unsigned BagSize>
std::size_t basic_domain<Atoms, BagSize>::thread_count() const noexcept {
  std::size_t n = 0;
  each_slot([&](slot& s) {
    if (s.state.load(relaxed) == slot_state::attached) ++n;  // rlx ordered: by the caller
  });
  return n;
}

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::signal_count() const noexcept {
  return signals_.load(relaxed);  // rlx count
}

template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::restart_count() const noexcept {
  std::uint64_t n = 0;
  each_slot([&](slot& s) { n += s.restarts.load(relaxed); });  // rlx ordered: by the caller
  return n;
}

// A word that is neither the epoch nor idle and whose owner is in a section: how far behind.
template <class Atoms, unsigned BagSize>
std::uint64_t basic_domain<Atoms, BagSize>::lag_of(slot const& s) const noexcept {
  auto const w = s.word.load(relaxed);   // rlx hint: shown to people
  auto const g = epoch_.load(relaxed);   // rlx hint: shown to people
  auto const p = s.phase.load(relaxed);  // rlx hint: shown to people
  return w == idle || p == detail::phase_idle || w >= g ? 0 : (g - w) / step;
}

template <class Atoms, unsigned BagSize>
std::optional<held_back> basic_domain<Atoms, BagSize>::oldest_pin() const noexcept {
  std::optional<held_back> oldest;
  each_slot([&](slot& s) {
    auto const lag = lag_of(s);
    if (lag == 0 || (oldest && oldest->epochs >= lag)) return;
    duration age{0};
    if (auto const since = s.late_since.load(relaxed)) {  // rlx hint: shown to people
      age = duration{Atoms::now().time_since_epoch().count() - since};
    }
    oldest = held_back{s.thread.load(relaxed), lag, age};  // rlx hint: shown to people
  });
  return oldest;
}

template <class Atoms, unsigned BagSize>
std::string basic_domain<Atoms, BagSize>::dump() const {
  auto const count = [](std::uint64_t n, char const* what) {
    return std::to_string(n) + ' ' + what;
  };
  std::string text = "reclamation domain: epoch " + std::to_string(epoch()) + ", " +
                     count(limbo_count(), "objects in limbo, ") + count(limbo_bytes(), "bytes; ") +
                     count(signal_count(), "signals, ") + count(restart_count(), "restarts, ") +
                     count(leaked_count(), "leaked\n");
  each_slot([&](slot& s) {
    if (s.state.load(relaxed) != slot_state::attached) return;  // rlx hint: shown to people
    auto const p = s.phase.load(relaxed);                       // rlx hint: shown to people
    text += "  thread " + std::to_string(s.thread.load(relaxed)) + ": ";  // rlx hint: shown
    text += p == detail::phase_idle      ? "in no section"
            : p == detail::phase_reading ? "in a read phase"
            : p == detail::phase_writing ? "in a write phase"
                                         : "holds " + count(p / detail::phase_pin, "pins");
    if (auto const lag = lag_of(s)) text += ", " + count(lag, "epochs behind");
    text += ", " + count(s.retired.load(relaxed) - s.freed.load(relaxed),  // rlx hint: shown
                         "objects retired and not freed by it\n");
  });
  return text;
}

}  // namespace weft
