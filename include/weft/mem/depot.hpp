// SPDX-License-Identifier: Apache-2.0
#pragma once

// Batches of free blocks on their way from threads that have too many to threads that have none: a
// Treiber stack of shelves, and one of shelves that are empty. A shelf is no part of a block, so
// nobody reads a block that he does not own, and its memory may be given back.
//
// I1  A shelf is on one of the two stacks, or with the thread that took it off; no two threads take
//     it off at once. Each time a shelf is taken off, the tag in the head's word goes up: a thread
//     that read the head before sees another word when it compares, also if the same shelf is on
//     top again. It misses that only if the head changes 2^40 times, hours, while it stands still.
// I2  What a thread wrote into a shelf, and into the blocks on it, happens before whoever takes it
//     off: it was put on with release, the head is read with acquire, and all changes of the head
//     between them are read-modify-writes, which keep that release.
// I3  Shelves are never freed while the depot lives: a thread that is late may read `next` of one
//     that is off the stack by now. It is atomic, and I1 throws away what it read.
// I4  Nothing is lost for want of memory: blocks for which there is no shelf go to a list of their
//     own, through their own links. That one is pushed upon, or taken whole, so it needs no tag.
// Tests: depot_model.*, pool_model.*

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/mem/batch.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>

namespace weft::inline WEFT_ON::detail {

/// Where batches wait for a thread that needs one; the last that came goes first.
///
/// threads   put() and take() from any thread
/// blocks    never: some thread gets on, whoever stands still
/// cost      two exchanges of a word each; memory of 24 bytes for each batch there was at one time
/// source    Bonwick & Adams, "Magazines and Vmem", USENIX 2001; Treiber, IBM RJ 5118 (1986)
template <class Atoms>
class depot {
  template <class T>
  using atomic = typename Atoms::template atomic<T>;
  using word = std::uint64_t;

 public:
  constexpr depot() noexcept = default;
  depot(depot const&) = delete;
  depot& operator=(depot const&) = delete;
  /// The batches are the owner's to take out first.
  constexpr ~depot() {
    for (auto& s : segments_) {
      if (auto* p = s.load(relaxed)) Atoms::deallocate(p);  // rlx ordered: by the end of all use
    }
  }

  void put(batch b) noexcept {
    if (b.count == 0) return;
    word at = pop(empty_);
    if (at == 0) at = grow();
    if (at == 0) return put_without_shelf(b);
    blocks_.fetch_add(b.count, relaxed);  // rlx count
    shelf& s = shelf_at(at);
    s.top = b.top;
    s.count = b.count;
    push(full_, at, s);
  }

  /// What put() does where there is no memory for a shelf.
  void put_without_shelf(batch b) noexcept {
    blocks_.fetch_add(b.count, relaxed);  // rlx count
    stray(b);
  }

  /// An empty batch if there is none.
  batch take() noexcept {
    word const at = pop(full_);
    if (at == 0) return take_stray();
    shelf& s = shelf_at(at);
    batch const b{s.top, s.count};
    push(empty_, at, s);
    blocks_.fetch_sub(b.count, relaxed);  // rlx count
    return b;
  }

  /// How many blocks are here; a moment ago, if others put or take.
  [[nodiscard]] std::size_t blocks() const noexcept {
    return blocks_.load(relaxed);  // rlx ordered: by the caller
  }

 private:
  // The head of a stack: 24 bits name the shelf on top, from 1 on; 0: none. The rest is the tag.
  static constexpr word number = (word{1} << 24) - 1;
  static constexpr word one_pop = number + 1;
  static constexpr unsigned segment_count = 18;
  static constexpr unsigned most_strays = Atoms::tiny ? 1 : 32;  // in a batch of them
  static constexpr word first_segment = Atoms::tiny ? 1 : 64;

  struct shelf {
    atomic<std::uint32_t> next{0};
    typename Atoms::template var<free_block*> top{nullptr};
    typename Atoms::template var<unsigned> count{0};
  };

  // Segment k has first_segment << k shelves.
  shelf& shelf_at(word at) noexcept {
    word const i = at - 1;
    auto const k = static_cast<unsigned>(std::bit_width(i / first_segment + 1)) - 1;
    shelf* const segment = segments_[k].load(relaxed);  // rlx ordered: by the head, I2
    return segment[i - first_segment * ((word{1} << k) - 1)];
  }

  word pop(atomic<word>& head) noexcept {
    word h = head.load(acquire);  // sub depot.shelf
    while (word const at = h & number) {
      word const next = shelf_at(at).next.load(relaxed);  // rlx ordered: by the head, I1
      word const tag = (h & ~number) + one_pop;
      if (head.compare_exchange_weak(h, tag | next, relaxed,
                                     acquire)) {  // rlx ordered: I1, sub depot.shelf
        return at;
      }
    }
    return 0;
  }

  void push(atomic<word>& head, word first, shelf& last) noexcept {
    word h = head.load(relaxed);  // rlx cas
    do {
      last.next.store(static_cast<std::uint32_t>(h & number), relaxed);  // rlx ordered: by the head
    } while (!head.compare_exchange_weak(h, (h & ~number) | first, release,
                                         relaxed));  // pub depot.shelf -> pop
  }

  // A shelf of a new segment, the others of it for everybody; 0 if there is no memory.
  word grow() noexcept {
    for (;;) {
      unsigned k = 0;
      while (k < segment_count && segments_[k].load(relaxed))
        ++k;  // rlx hint: the exchange decides
      if (k == segment_count) return 0;
      auto const n = first_segment << k;
      shelf* made = nullptr;
      try {
        made = static_cast<shelf*>(Atoms::allocate_for_ever(n * sizeof(shelf)));
      } catch (std::bad_alloc const&) {
        return 0;
      }
      for (word i = 0; i < n; ++i) ::new (static_cast<void*>(made + i)) shelf;
      shelf* none = nullptr;
      word const first = first_segment * ((word{1} << k) - 1) + 1;
      if (segments_[k].compare_exchange_strong(none, made, relaxed,
                                               relaxed)) {  // rlx ordered: by the head, I2
        for (word i = 1; i + 1 < n; ++i) {
          made[i].next.store(static_cast<std::uint32_t>(first + i + 1),
                             relaxed);  // rlx ordered: by the head, I2
        }
        if (n > 1) push(empty_, first + 1, made[n - 1]);
        return first;
      }
      Atoms::deallocate(made);
      if (word const at = pop(empty_)) return at;
    }
  }

  void stray(batch b) noexcept {
    free_block* last = b.top;
    while (--b.count != 0) last = last->next;
    free_block* seen = strays_.load(relaxed);  // rlx cas
    do {
      last->next = seen;
    } while (!strays_.compare_exchange_weak(seen, b.top, release,
                                            relaxed));  // pub depot.stray -> take_stray
  }

  // Some of the strays as a batch; the rest stay.
  batch take_stray() noexcept {
    if (!strays_.load(relaxed)) return {};                  // rlx ordered: by who put them
    free_block* rest = strays_.exchange(nullptr, acquire);  // sub depot.stray
    batch b;
    while (rest && b.count < most_strays) {
      free_block* const next = rest->next;
      b.push(rest);
      rest = next;
    }
    if (rest) {
      batch others{rest, 1};
      for (auto* p = rest; p->next; p = p->next) ++others.count;
      stray(others);
    }
    blocks_.fetch_sub(b.count, relaxed);  // rlx count
    return b;
  }

  alignas(cache_line) atomic<word> full_{0};
  alignas(cache_line) atomic<word> empty_{0};
  atomic<std::size_t> blocks_{0};
  atomic<free_block*> strays_{nullptr};
  std::array<atomic<shelf*>, segment_count> segments_{};
};

}  // namespace weft::inline WEFT_ON::detail
