// SPDX-License-Identifier: Apache-2.0
// Proof that no count is lost or torn.
//
// I1  A block has one writer at a time: the thread that set `taken`. The exit hook's release store
//     of false and the next owner's acquire exchange order the two owners' accesses.
// I2  So load, add and store of a number, though not one atomic step, lose nothing; and a 64-bit
//     atomic is never read in halves.
// I3  Blocks are pushed to the list before their first use and never leave it; nothing sets a
//     number back. Each number grows only, hence so does the sum as one thread sees it; and what
//     happened before a read, an addition included, that read does not miss.
// I4  A thread without a block (no memory) adds to `spill` by atomic addition, which needs no I1.
// Tests: counter_model.*, counter.*
#include <weft/probe/counter.hpp>

#include <weft/base/error.hpp>
#include <weft/base/spin_lock.hpp>

#include "probe/for_ever.hpp"

#include <mutex>

namespace weft::inline WEFT_ON {
namespace {

struct book {
  atoms::atomic<detail::probe_block*> newest_block{nullptr};
  std::array<atoms::atomic<std::uint64_t>, detail::probe_block::most_counters> spill{};

  spin_lock enlist_lock;
  atoms::atomic<counter*> newest_counter{nullptr};
  unsigned slots = 0;  // under the lock; slot 0 means "not enlisted"
};

book& all() noexcept { return atoms::global<book>(); }

void give_back(detail::probe_block& b) noexcept {
  b.taken.store(false, release);                  // pub probe.block -> enter
}

void leave(thread_record& t, void* arg) noexcept {
  t.set(room::probe, nullptr);
  give_back(*static_cast<detail::probe_block*>(arg));
}

detail::probe_block* take_block() noexcept {
  for (auto* b = detail::all_probe_blocks(); b; b = b->next) {
    if (!b->taken.load(relaxed) &&                // rlx hint: the exchange decides
        !b->taken.exchange(true, acquire)) {      // sub probe.block
      return b;
    }
  }
  auto* b = detail::make_for_ever<detail::probe_block>();
  if (!b) return nullptr;
  b->taken.store(true, relaxed);                  // rlx init
  b->next = detail::all_probe_blocks();
  do {
    b->number = b->next ? b->next->number + 1 : 0;
  } while (!all().newest_block.compare_exchange_weak(
      b->next, b, release, acquire));  // pub probe.blocks -> all_probe_blocks, sub probe.blocks
  return b;
}

}  // namespace

namespace detail {

probe_block* all_probe_blocks() noexcept {
  return all().newest_block.load(acquire);        // sub probe.blocks
}

probe_block* enter_probe(thread_record& t) noexcept {
  if (auto* b = probe_block_of(t)) return b;
  auto* b = take_block();
  if (!b) return nullptr;
  try {
    t.at_exit(leave, b);
  } catch (...) {
    give_back(*b);
    return nullptr;
  }
  t.set(room::probe, b);
  return b;
}

}  // namespace detail

void counter::enlist() noexcept {
  bool full = false;
  {
    std::scoped_lock hold{all().enlist_lock};
    if (slot_.load(relaxed) != 0) return;         // rlx owner: under the lock
    full = all().slots + 1 == detail::probe_block::most_counters;
    if (!full) {
      slot_.store(++all().slots, relaxed);        // rlx init
      next_ = all().newest_counter.load(relaxed);  // rlx owner: under the lock
      all().newest_counter.store(this, release);  // pub probe.counters -> all_counters
    }
  }
  if (full) {
    detail::die("more than 511 counters are in use",
                "a counter is an object of static storage, one for each kind of event");
  }
}

void counter::add_slowly(std::uint64_t n) noexcept {
  enlist();
  unsigned const slot = slot_.load(relaxed);      // rlx init: enlist() set it or saw it set
  if (auto* block = detail::enter_probe(*this_thread())) {
    auto& mine = block->counts[slot];
    mine.store(mine.load(relaxed) + n, relaxed);  // rlx owner
  } else {
    all().spill[slot].fetch_add(n, relaxed);      // rlx count
  }
}

std::uint64_t counter::read() const noexcept {
  unsigned const slot = slot_.load(relaxed);      // rlx init: 0 or final
  if (slot == 0) return 0;
  std::uint64_t sum = all().spill[slot].load(relaxed);  // rlx ordered: by the caller, I3
  for (auto* b = detail::all_probe_blocks(); b; b = b->next) {
    sum += b->counts[slot].load(relaxed);         // rlx ordered: by the caller, I3
  }
  return sum;
}

counter const* all_counters() noexcept {
  return all().newest_counter.load(acquire);      // sub probe.counters
}

}  // namespace weft::inline WEFT_ON
