// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/domain.hpp>

#include <array>

namespace weft {

/// What a domain keeps for one thread: made when no free one is found, never freed before the
/// domain, used again by other threads. Lines apart by who writes them.
template <class Atoms, unsigned BagSize>
struct alignas(cache_line) basic_domain<Atoms, BagSize>::slot : link {
  // The first line is the owner's, and with it the phase: written at each section, read only by
  // who looks for laggards.
  // Announced last; never set where each section needs a fence.
  typename Atoms::template var<std::uint64_t> seen{idle};
  atomic<std::uint32_t> generation{1};  // raised when the slot changes hands
  bool const fenced = !Atoms::asymmetric();
  bool restarts_here = false;  // the thread that has it can be signalled
  std::array<atomic<void*>, most_reserved> reserved{};

  // Written when the epoch has moved on, and looked at by advance().
  alignas(cache_line) atomic<std::uint64_t> word{idle};
  atomic<slot_state> state{slot_state::attached};
  typename Atoms::template var<slot*> next{};
  basic_domain* home = nullptr;
  atomic<int> thread{0};                // the system's number of who has it
  atomic<std::int64_t> late_since{0};   // when it was first seen to hold the epoch back
  atomic<std::uint64_t> late_at{idle};  // with that word
  atomic<std::int64_t> signalled_at{0};
  atomic<std::uint64_t> signalled_for{idle};  // which word; where the answer is awaited

  // The owner's alone, but for the counts.
  alignas(cache_line) typename Atoms::template var<bag*> open{};
  bag_queue sealed;
  bag_queue ripe;  // being freed
  bag* spare = nullptr;
  unsigned spares = 0;
  unsigned stuck = 0;  // bags sealed since somebody lags
  bool freeing = false;
  unsigned owed = 0;  // to be freed when the write phase has ended
  atomic<std::uint64_t> retired{0};
  atomic<std::uint64_t> freed{0};
  atomic<std::uint64_t> leaked{0};
  atomic<std::uint64_t> bytes{0};  // retired less freed; may be below 0 here and above elsewhere

  static void raise(atomic<std::uint64_t>& count, std::uint64_t n) noexcept {
    count.store(count.load(relaxed) + n, relaxed);  // rlx owner
  }
};

}  // namespace weft
