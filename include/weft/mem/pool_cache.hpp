// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/backoff.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/thread.hpp>
#include <weft/mem/batch.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>

namespace weft::inline WEFT_ON::detail {

/// The free blocks one thread keeps of a pool, its count readable by others.
template <class Atoms>
struct magazine {
  typename Atoms::template var<free_block*> top{nullptr};
  typename Atoms::template atomic<unsigned> count{0};

  [[nodiscard]] unsigned size() const noexcept {
    return count.load(relaxed);  // rlx owner
  }
  void push(void* p) noexcept {
    auto* b = static_cast<free_block*>(p);
    b->next = top;
    top = b;
    count.store(size() + 1, relaxed);  // rlx owner
  }
  void* pop() noexcept {
    free_block* const b = top;
    top = b->next;
    count.store(size() - 1, relaxed);  // rlx owner
    return b;
  }
  void put(batch b) noexcept {
    top = b.top;
    count.store(b.count, relaxed);  // rlx owner
  }
  batch take() noexcept {
    batch const b{top, size()};
    put({});
    return b;
  }
};

/// What one thread keeps of one pool: two magazines, so that it does not go to the depot at every
/// call where it is on the edge between full and empty. The pool and the thread may end in any
/// order: whoever is second frees it.
template <class Atoms>
struct alignas(cache_line) pool_cache {
  enum class phase : unsigned { free, attached, busy, dead };

  magazine<Atoms> loaded;
  magazine<Atoms> spare;  // empty or full
  void* pool = nullptr;
  void (*leave)(pool_cache&) noexcept = nullptr;
  typename Atoms::template atomic<phase> state{phase::attached};
  typename Atoms::template var<pool_cache*> next{nullptr};  // in the pool's list

  [[nodiscard]] std::size_t held() const noexcept { return loaded.size() + spare.size(); }

  [[nodiscard]] bool try_attach() noexcept {
    auto seen = phase::free;
    return state.load(relaxed) == seen &&  // rlx ordered: by who left
           state.compare_exchange_strong(seen, phase::attached, acquire,
                                         relaxed);  // sub pool.cache
  }
  /// Moves it from `attached` to `busy`; else it is free or dead.
  [[nodiscard]] bool close() noexcept {
    basic_backoff<Atoms> pause;
    for (;;) {
      auto seen = phase::attached;
      if (state.compare_exchange_strong(seen, phase::busy, acquire, acquire)) {  // sub pool.cache
        return true;
      }
      if (seen != phase::busy) return false;
      pause();
    }
  }
  void open(phase as) noexcept {
    state.store(as, release);  // pub pool.cache -> try_attach, close
  }
  [[nodiscard]] bool dead() const noexcept {
    return state.load(acquire) == phase::dead;  // sub pool.cache
  }
  static void destroy(pool_cache* c) noexcept {
    c->~pool_cache();
    Atoms::deallocate(c, alignof(pool_cache));
  }
};

/// The calling thread's caches by the number of their pool, a hash table with probing. Numbers go
/// up by `step`, the bytes of an entry, and are never used again, so an entry of a pool that has
/// ended is found by nobody.
template <class Atoms>
class pool_caches {
  using cache = pool_cache<Atoms>;
  struct entry {
    std::uint64_t pool = 0;
    cache* mine = nullptr;
  };
  struct table {
    std::size_t mask;  // of a pool's number: where in the entries, in bytes
    std::size_t used;
    entry& at(std::uint64_t i) noexcept {
      auto* const entries = reinterpret_cast<std::byte*>(this + 1);
      return *reinterpret_cast<entry*>(entries + (i & mask));
    }
    [[nodiscard]] std::size_t size() const noexcept { return mask / sizeof(entry) + 1; }
  };
  static_assert(sizeof(table) % alignof(entry) == 0);
  static_assert(std::has_single_bit(sizeof(entry)));
  struct tag;
  using here = typename Atoms::template thread_slot<table*, tag>;

 public:
  static constexpr std::uint64_t step = sizeof(entry);

  /// For a function that is never inlined itself, and asks once.
  [[nodiscard]] static cache* find(std::uint64_t pool) noexcept {
    table* const t = here::get_here();
    if (!t) [[unlikely]]
      return nullptr;
    for (std::uint64_t i = pool;; i += step) {
      entry const& e = t->at(i);
      if (e.pool == pool) [[likely]] {
        if (!e.mine) __builtin_unreachable();
        return e.mine;
      }
      if (e.pool == 0) return nullptr;
    }
  }

  /// throws    std::bad_alloc, and then nothing has changed
  [[gnu::noinline]] static void add(std::uint64_t pool, cache* mine) {
    table* t = here::get_here();
    if (!t || 2 * (t->used + 1) > t->size()) {
      table* const old = t;
      t = grown(old);
      if (!old) {
        try {
          on_exit();
        } catch (...) {
          Atoms::deallocate(t);
          throw;
        }
      } else {
        Atoms::deallocate(old);
      }
      here::set(t);
    }
    insert(*t, {pool, mine});
  }

 private:
  static void insert(table& t, entry e) noexcept {
    std::uint64_t i = e.pool;
    while (t.at(i).pool != 0) i += step;
    t.at(i) = e;
    ++t.used;
  }

  // A table with room for one more, of what in `old` still lives.
  static table* grown(table* old) {
    std::size_t live = 1;
    for (std::size_t i = 0; old && i < old->size(); ++i) {
      entry const& e = old->at(i * step);
      if (e.pool != 0 && !e.mine->dead()) ++live;
    }
    std::size_t size = Atoms::tiny ? 2 : 16;
    while (size < 4 * live) size *= 2;
    auto* const t =
        ::new (Atoms::allocate(sizeof(table) + size * sizeof(entry))) table{(size - 1) * step, 0};
    for (std::size_t i = 0; i < size; ++i) ::new (static_cast<void*>(&t->at(i * step))) entry;
    for (std::size_t i = 0; old && i < old->size(); ++i) {
      entry const& e = old->at(i * step);
      if (e.pool == 0) continue;
      if (e.mine->dead()) {
        cache::destroy(e.mine);
      } else {
        insert(*t, e);
      }
    }
    return t;
  }

  static void on_exit() {
    if constexpr (std::is_same_v<Atoms, native>) {
      this_thread()->at_exit([](thread_record&, void*) noexcept { leave_all(); }, nullptr);
    } else {
      Atoms::at_thread_exit([](void*) noexcept { leave_all(); }, nullptr);
    }
  }
  [[gnu::noinline]] static void leave_all() noexcept {
    table* const t = here::get_here();
    here::set(nullptr);
    for (std::size_t i = 0; i < t->size(); ++i) {
      entry const& e = t->at(i * step);
      if (e.pool == 0) continue;
      if (e.mine->close()) {
        e.mine->leave(*e.mine);
      } else {
        cache::destroy(e.mine);
      }
    }
    Atoms::deallocate(t);
  }
};

}  // namespace weft::inline WEFT_ON::detail
