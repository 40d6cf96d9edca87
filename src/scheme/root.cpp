// SPDX-License-Identifier: Apache-2.0
#include "guile.hpp"

#include <weft/base/atoms.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>

#include "lane.hpp"

#include <mutex>
#include <new>

namespace weft::inline WEFT_ON::scheme::detail {

/// Slots in blocks that the collector scans and never frees: a list for each thread that runs
/// Scheme, and one for all the others.
struct slots {
  using slot = root::slot;
  static constexpr unsigned batch = 64;
  static constexpr std::size_t block = 1024;

  static slot* next(slot* s) noexcept { return static_cast<slot*>(s->word); }

  /// A chain of free ones, at least one long.
  slot* refill() {
    {
      std::scoped_lock hold{lock};
      if (slot* const first = free) {
        slot* last = first;
        for (unsigned n = 1; n < batch && next(last); ++n) last = next(last);
        free = next(last);
        last->word = nullptr;
        return first;
      }
    }
    auto* const fresh = static_cast<slot*>(GC_MALLOC_UNCOLLECTABLE(block * sizeof(slot)));
    if (!fresh) throw std::bad_alloc();
    for (std::size_t i = 0; i + 1 < block; ++i) fresh[i].word = &fresh[i + 1];
    return fresh;
  }

  slot* take() {
    auto* const mine = lane::of_thread();
    if (!mine) {
      slot* const s = refill();
      if (slot* const rest = next(s)) give_chain(rest);
      return s;
    }
    if (!mine->free_slots) {
      mine->free_slots = refill();
      mine->free_count = 0;
    }
    auto* const s = static_cast<slot*>(mine->free_slots);
    mine->free_slots = next(s);
    if (mine->free_count) --mine->free_count;
    return s;
  }

  void give(slot* s) noexcept {
    auto* const mine = lane::of_thread();
    if (!mine) {
      std::scoped_lock hold{lock};
      s->word = free;
      free = s;
      return;
    }
    s->word = mine->free_slots;
    mine->free_slots = s;
    if (++mine->free_count < 2 * batch) return;
    // A thread that only frees what others make hands its surplus on.
    slot* last = s;
    for (unsigned n = 1; n < batch; ++n) last = next(last);
    mine->free_slots = next(last);
    mine->free_count -= batch;
    std::scoped_lock hold{lock};
    last->word = free;
    free = s;
  }

  void give_chain(slot* first) noexcept {
    slot* last = first;
    while (next(last)) last = next(last);
    std::scoped_lock hold{lock};
    last->word = free;
    free = first;
  }

  spin_lock lock;
  slot* free = nullptr;
};

namespace {
slots& all_slots() noexcept { return atoms::global<slots>(); }
}  // namespace

root::root(void* object) : slot_(all_slots().take()) { slot_->word = object; }

void root::give_back(slot* s) noexcept { all_slots().give(s); }

void give_back_slots(lane& l) noexcept {
  if (auto* const first = static_cast<slots::slot*>(std::exchange(l.free_slots, nullptr)))
    all_slots().give_chain(first);
  l.free_count = 0;
}

}  // namespace weft::inline WEFT_ON::scheme::detail
