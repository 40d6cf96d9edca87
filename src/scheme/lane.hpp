// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <functional>

namespace weft::inline WEFT_ON::scheme::detail {

struct record;

/// What a worker that runs Scheme has of its own. No SCM: the collector does not look here.
///
/// threads   the owner's, but for what the ticker reads
struct lane {
  /// The calling thread's, or null if it is no such worker.
  [[nodiscard]] static lane* of_thread() noexcept;

  /// Another slice begins, or this one ends: odd while one runs.
  void move_on() noexcept {
    slice.store(slice.load(relaxed) + 1, relaxed);  // rlx owner
    interrupted.store(false, relaxed);              // rlx hint
  }
  /// The running slice was interrupted by the ticker, and not one before it.
  [[nodiscard]] bool take_interruption() noexcept {
    return interrupted.exchange(false, relaxed);  // rlx hint
  }

  record* current = nullptr;   // the task whose slice runs; its driver keeps it alive
  void* free_slots = nullptr;  // of roots
  unsigned free_count = 0;
  std::function<void()> const* life = nullptr;  // what the worker does
  void* module = nullptr;                       // Guile's current one here, as it was last seen
  bool lent = false;  // for the rest of the slice another worker stands in
  bool deaf = false;  // for some instructions: an interruption has no effect

  /// The ticker's.
  lane* next = nullptr;
  void* thread = nullptr;  // Guile's thread: a permanent object
  std::uint32_t seen = 0;

  alignas(cache_line) atoms::atomic<std::uint32_t> slice{0};
  atoms::atomic<bool> interrupted{false};
};

/// Gives the free slots of a thread that ends to the others.
void give_back_slots(lane& l) noexcept;

/// Around the life of a worker that runs Scheme: in Guile, for good.
void around_worker(std::function<void()> const& body);
/// Around each sleep of such a worker: outside Guile, so that a collection need not stop it.
void around_park(std::function<void()> const& body);

}  // namespace weft::inline WEFT_ON::scheme::detail
