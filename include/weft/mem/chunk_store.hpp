// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/error.hpp>
#include <weft/base/list.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/mem/batch.hpp>
#include <weft/mem/pages.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <new>
#include <type_traits>

namespace weft::inline WEFT_ON::detail {

[[noreturn]] inline void die_not_of_pool() noexcept {
  die("an object was released to a pool that it is not of",
      "release it to the pool that gave it, or let the pool's deleter find that");
}

/// Chunks of blocks, and which of the blocks are here. A chunk whose blocks are all here is given
/// back to the system, but for a few: four, and one for each four that are in use.
///
/// threads   every member, from any thread
/// blocks    spins on a lock that is held for a batch of blocks
template <class Atoms>
class chunk_store {
  template <class T>
  using atomic = typename Atoms::template atomic<T>;
  template <class T>
  using var = typename Atoms::template var<T>;

 public:
  struct chunk : list_hook<chunk> {
    void* owner = nullptr;
    var<free_block*> home{nullptr};  // blocks that were out and came back
    var<unsigned> cut{0};            // so many have been out, or are
    var<unsigned> here{0};
  };

  chunk_store(block_shape const& shape, void* owner) noexcept : shape_(shape), owner_(owner) {}
  chunk_store(chunk_store const&) = delete;
  chunk_store& operator=(chunk_store const&) = delete;
  /// Every block is here.
  ~chunk_store() { give_back(shrink(0)); }

  /// A batch of blocks of one chunk, at most shape.travelling of them and at least one.
  ///
  /// throws    std::bad_alloc
  [[nodiscard]] batch take() {
    for (;;) {
      {
        std::scoped_lock hold{lock_};
        chunk* c = partial_.front();
        if (!c) c = whole_.front();
        if (c) return cut(*c);
      }
      chunk* const made = make();  // not under the lock
      std::scoped_lock hold{lock_};
      wholes_ = wholes_ + 1;
      whole_.push_back(*made);
      auto const n = chunks_.load(relaxed) + 1;                // rlx owner: under the lock
      chunks_.store(n, relaxed);                               // rlx owner: under the lock
      peak_.store(std::max(peak_.load(relaxed), n), relaxed);  // rlx owner: under the lock
    }
  }

  void put(batch b) noexcept {
    if (b.count == 0) return;
    chunk* unused = nullptr;
    {
      std::scoped_lock hold{lock_};
      out_.store(out_.load(relaxed) - b.count, relaxed);  // rlx owner: under the lock
      while (b.count != 0) bring_home(b.pop());
      unused = shrink_locked(most_wholes());
    }
    give_back(unused);
  }

  /// Gives back to the system what it can, but for `keep` chunks.
  void trim(std::size_t keep) noexcept { give_back(shrink(keep)); }

  [[nodiscard]] static chunk& chunk_of(void const* block, std::size_t chunk_bytes) noexcept {
    auto const at = reinterpret_cast<std::uintptr_t>(block) & ~(chunk_bytes - 1);
    return *reinterpret_cast<chunk*>(at);
  }

  [[nodiscard]] block_shape const& shape() const noexcept { return shape_; }
  /// Blocks that are not here.
  [[nodiscard]] std::size_t out() const noexcept {
    return out_.load(relaxed);  // rlx ordered: by the caller
  }
  [[nodiscard]] std::size_t chunks() const noexcept {
    return chunks_.load(relaxed);  // rlx ordered: by the caller
  }
  [[nodiscard]] std::size_t peak() const noexcept {
    return peak_.load(relaxed);  // rlx ordered: by the caller
  }
  [[nodiscard]] std::size_t given() const noexcept {
    return given_.load(relaxed);  // rlx ordered: by the caller
  }

 private:
  [[nodiscard]] std::size_t most_wholes() const noexcept {
    auto const used = chunks_.load(relaxed) - wholes_;  // rlx owner: under the lock
    return (Atoms::tiny ? 0 : 4) + used / 4;
  }

  chunk* make() {
    auto* const c = ::new (take_pages<Atoms>(shape_.chunk_bytes)) chunk;
    c->owner = owner_;
    c->here = shape_.capacity;
    return c;
  }

  batch cut(chunk& c) noexcept {
    if (c.here == shape_.capacity) {
      wholes_ = wholes_ - 1;
      whole_.erase(c);
      partial_.push_back(c);
    }
    batch b;
    unsigned here = c.here;
    unsigned cut = c.cut;
    free_block* home = c.home;
    // Fresh ones from the far end on, so that the thread uses them in the order of addresses.
    auto const fresh = std::min({shape_.capacity - cut, shape_.travelling, home ? 0u : ~0u});
    auto* const first = reinterpret_cast<std::byte*>(&c) + shape_.offset;
    for (unsigned i = fresh; i-- > 0;) b.push(first + (cut + i) * shape_.bytes);
    while (home && b.count < shape_.travelling) {
      free_block* const next = home->next;
      b.push(home);
      home = next;
    }
    here -= b.count;
    c.cut = cut + fresh;
    c.home = home;
    c.here = here;
    if (here == 0) partial_.erase(c);
    out_.store(out_.load(relaxed) + b.count, relaxed);  // rlx owner: under the lock
    return b;
  }

  void bring_home(free_block* b) noexcept {
    chunk& c = chunk_of(b, shape_.chunk_bytes);
    if (c.owner != owner_) die_not_of_pool();
    unsigned const here = c.here + 1;
    c.here = here;
    b->next = c.home;
    c.home = b;
    if (here == 1) partial_.push_back(c);
    if (here != shape_.capacity) return;
    wholes_ = wholes_ + 1;
    c.home = nullptr;
    c.cut = 0;
    partial_.erase(c);
    whole_.push_back(c);
  }

  chunk* shrink(std::size_t keep) noexcept {
    std::scoped_lock hold{lock_};
    return shrink_locked(keep);
  }
  // Chunks to give back, linked by their owner's place.
  chunk* shrink_locked(std::size_t keep) noexcept {
    chunk* unused = nullptr;
    while (wholes_ > keep) {
      wholes_ = wholes_ - 1;
      chunk* const c = whole_.pop_front();
      c->owner = unused;
      unused = c;
      chunks_.store(chunks_.load(relaxed) - 1, relaxed);  // rlx owner: under the lock
      given_.store(given_.load(relaxed) + 1, relaxed);    // rlx owner: under the lock
    }
    return unused;
  }
  void give_back(chunk* unused) noexcept {
    while (chunk* const c = unused) {
      unused = static_cast<chunk*>(c->owner);
      c->~chunk();
      give_pages<Atoms>(c, shape_.chunk_bytes);
    }
  }

  block_shape const shape_;
  void* const owner_;
  std::conditional_t<std::is_same_v<Atoms, atoms>, spin_lock, basic_spin_lock<Atoms>> lock_;
  list<chunk> partial_;  // some blocks are here
  list<chunk> whole_;    // all are
  var<std::size_t> wholes_{0};
  atomic<std::size_t> out_{0};
  atomic<std::size_t> chunks_{0};
  atomic<std::size_t> peak_{0};
  atomic<std::size_t> given_{0};
};

}  // namespace weft::inline WEFT_ON::detail
