// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clock.hpp"

#include <weft/check/engine.hpp>

#include <vector>

// The C++20 memory model, operationally.
//
// Each place has its stores in modification order, which here is the order of execution. Each
// thread has a view. A store carries a message, the view an acquiring reader gains: the writer's
// whole view for a release, its view at the last release fence otherwise; a read-modify-write adds
// the message of the store it read (C++20 release sequences: nothing else continues one). A load
// may read any store that is not older than one its thread has `seen`.
//
// M1  A thread has seen a store if it wrote it, read it or a later one, or knows (seen) a step of
//     another thread that did: read-read, read-write, write-read and write-write coherence.
// M2  Sequentially consistent accesses and fences are ordered as executed. Such a load reads
//     nothing older than what any earlier such access to the place wrote or read, nor than what an
//     earlier such fence had seen. After such a fence a thread reads nothing older than what
//     earlier such fences had seen, or earlier such accesses touched. These are the four cases of
//     coherence-ordered-before in [atomics.order].
// M3  Not modelled: load buffering, and stores that enter modification order before an earlier
//     one. What is found is real; what needs one of these is not found.
//
// source: Lahav, Vafeiadis, Kang, Hur, Dreyer, Repairing sequential consistency in C/C++11, PLDI
// 2017; Kang and others, A promising semantics for relaxed-memory concurrency, POPL 2017
namespace weft::check::detail {

inline constexpr std::uint32_t none = 0xffffffff;

[[nodiscard]] inline bool acquires(order o) noexcept {
  return o != order::relaxed && o != order::release;
}
[[nodiscard]] inline bool releases(order o) noexcept {
  return o == order::release || o == order::acq_rel || o == order::seq_cst;
}

/// One store to a place.
struct stored {
  word value;
  view message;
  vector_clock first_read;           // by each thread, as a step of its; 0: not read
  std::uint32_t first_in_order = 0;  // the first sequentially consistent access, 0: none
  std::uint32_t event = none;        // in the search's list of events
  std::uint32_t line = 0;            // of the story
  std::uint16_t step = 0;            // of the writer
  std::uint8_t writer = 0;
  site where;
};

/// One modelled object: an atomic, a mutex, a condition, the sleepers at an address.
struct place {
  std::vector<stored> stores;
  vector_clock used;                           // each thread's last access
  std::vector<std::uint32_t> ordering, loads;  // events, see search.hpp
  void const* address = nullptr;
  site made, unmade;
  std::uint16_t made_step = 0;
  std::uint8_t maker = 0, unmaker = 0;
  std::uint8_t size = 0;
  shape looks = shape::number;
  bool alive = false;

  [[nodiscard]] unsigned newest() const noexcept {
    return static_cast<unsigned>(stores.size() - 1);
  }
};

/// What the memory model keeps of a thread.
struct knowledge {
  view now;
  view to_acquire;  // messages read relaxed: an acquire fence takes them over
  view released;    // at the last release fence
};

/// The places of one execution and the order of what is sequentially consistent.
class memory {
 public:
  void reset() noexcept;
  std::uint32_t add(void const* address, word initial, unsigned thread, knowledge const& k,
                    site where);
  [[nodiscard]] place& at(std::uint32_t id) noexcept { return places_[id]; }
  [[nodiscard]] std::uint32_t size() const noexcept { return used_; }

  /// Begins a step of a thread: what it does next is new to everybody else.
  static void begin(unsigned thread, knowledge& k) noexcept {
    ++k.now.happened.at[thread];
    k.now.seen.at[thread] = k.now.happened.at[thread];
  }
  /// The oldest store that a load with this order may read.
  [[nodiscard]] unsigned oldest(place const& p, knowledge const& k, order o) const noexcept;
  void read(unsigned thread, knowledge& k, place& p, unsigned index, order o) noexcept;
  /// Appends a store; `carried` is the store a read-modify-write has read.
  stored& write(unsigned thread, knowledge& k, place& p, word v, order o, stored const* carried,
                site where);
  void fence(knowledge& k, order o) noexcept;

 private:
  std::vector<place> places_;
  std::uint32_t used_ = 0;
  vector_clock fenced_;         // seen by sequentially consistent fences
  std::uint32_t in_order_ = 0;  // counts sequentially consistent accesses and fences
};

}  // namespace weft::check::detail
