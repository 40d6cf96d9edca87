// SPDX-License-Identifier: Apache-2.0
#pragma once

// Who owns a block
//
// I1  A block is in one place: in use, in a magazine of one thread, in the depot, or at home in its
//     chunk. Only its owner moves it: a thread its own magazines, whoever takes a batch from the
//     depot that batch, whoever holds the store's lock what is at home.
// I2  What its last owner did with a block happens before the next one's use: both were the same
//     thread, or it went through the depot, or through the lock of the store.
// I3  A chunk is given back when all its blocks are at home; then nobody has one, and the depot
//     reads no block (depot I2), so nobody touches the chunk again.
// I4  A cache is the thread's while `attached`. The thread that leaves and the pool that ends each
//     move it from there to `busy` before they empty it, so they take turns: if the pool is first
//     it leaves the cache `dead`, and the thread frees it; if the thread is first it leaves it
//     `free`, for another thread or for the pool's end.
// I5  So when the pool has emptied every cache and the depot, what is still not at home is in use.
// I6  At most options.most blocks are in use: each is counted by a compare-and-exchange before it
//     is handed out, and again after it came back.
// Tests: pool_model.*, object_pool.*, object_pool_race.*

#include <weft/base/atoms.hpp>
#include <weft/base/error.hpp>
#include <weft/mem/chunk_store.hpp>
#include <weft/mem/depot.hpp>
#include <weft/mem/pool_cache.hpp>
#include <weft/mem/pool_usage.hpp>
#include <weft/mem/sanitized.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

namespace weft::inline WEFT_ON::detail {

/// The pool without the type of its objects.
template <class Atoms>
class pool_core {
  using cache = pool_cache<Atoms>;
  using caches = pool_caches<Atoms>;
  template <class T>
  using atomic = typename Atoms::template atomic<T>;

 public:
  static constexpr bool alone = pools_step_aside && std::is_same_v<Atoms, native>;

  /// `name` is for messages, and outlives the pool.
  pool_core(block_shape const& shape, std::size_t most, std::string_view name)
      : number_(next_number()),
        most_(most),
        travelling_(shape.travelling),
        name_(name),
        store_(shape, this) {}
  pool_core(pool_core const&) = delete;
  pool_core& operator=(pool_core const&) = delete;
  ~pool_core() {
    cache* c = caches_.load(relaxed);  // rlx ordered: by the end of all use
    while (c) {
      cache* const next = c->next;
      if (c->close()) {
        send_home(*c);
        c->open(cache::phase::dead);
      } else {
        cache::destroy(c);
      }
      c = next;
    }
    empty_depot();
    if (auto const n = alone ? in_use() : store_.out(); n != 0) die_in_use(n);
  }

  /// A block; nullptr if as many as allowed are in use.
  ///
  /// throws    std::bad_alloc
  [[nodiscard]] void* take() {
    if ((most_ != 0 || alone) && !count_one()) return nullptr;
    try {
      if constexpr (alone) return take_alone();
      return take_here();
    } catch (...) {
      uncount_one();
      throw;
    }
  }

  void give(void* p) noexcept {
    if constexpr (alone) {
      give_alone(p);
    } else {
      give_here(p);
    }
    uncount_one();
  }

  /// The pool that a block is of.
  [[nodiscard]] static pool_core& of(void const* p, block_shape const& shape) noexcept {
    if constexpr (alone) {
      return *static_cast<pool_core* const*>(p)[-1];
    } else {
      auto& chunk = chunk_store<Atoms>::chunk_of(p, shape.chunk_bytes);
      return *static_cast<pool_core*>(chunk.owner);
    }
  }

  [[nodiscard]] std::size_t in_use() const noexcept {
    if constexpr (alone) return counted_.load(relaxed);  // rlx count
    auto const out = store_.out();
    auto const free = depot_.blocks() + kept().blocks;
    return out > free ? out - free : 0;
  }

  [[nodiscard]] pool_usage usage() const noexcept {
    pool_usage u;
    auto const of_threads = kept();
    u.in_use = in_use();
    u.cached = of_threads.blocks;
    u.threads = of_threads.threads;
    u.waiting = depot_.blocks();
    auto const each = store_.shape().chunk_bytes;
    u.bytes = store_.chunks() * each;
    u.peak_bytes = store_.peak() * each;
    u.bytes_given = store_.given() * each;
    return u;
  }

  [[gnu::noinline]] void trim() noexcept {
    if (cache* const c = caches::find(number_)) send_home(*c);
    empty_depot();
    store_.trim(0);
  }

 private:
  static std::uint64_t next_number() noexcept {
    struct numbers {
      atomic<std::uint64_t> last{0};
    };
    auto& last = Atoms::template global<numbers>().last;
    return (last.fetch_add(1, relaxed) + 1) * caches::step;  // rlx cas: each gets its own
  }

  bool count_one() noexcept {
    std::size_t n = counted_.load(relaxed);  // rlx cas
    do {
      if (most_ != 0 && n >= most_) return false;
    } while (!counted_.compare_exchange_weak(n, n + 1, relaxed, relaxed));  // rlx count
    return true;
  }
  void uncount_one() noexcept {
    if (most_ != 0 || alone) counted_.fetch_sub(1, relaxed);  // rlx count
  }

  [[nodiscard, gnu::noinline]] void* take_here() {
    cache* const c = caches::find(number_);
    if (c && c->loaded.top) [[likely]]
      return c->loaded.pop();
    return refill(c);
  }
  [[gnu::noinline]] void give_here(void* p) noexcept {
    cache* const c = caches::find(number_);
    if (c && c->loaded.size() < travelling_) [[likely]]
      return c->loaded.push(p);
    overflow(c, p);
  }

  [[gnu::noinline]] void* refill(cache* c) {
    if (!c) c = attach();
    if (c->loaded.top) return c->loaded.pop();
    batch b = c->spare.take();
    if (b.count == 0) b = depot_.take();
    if (b.count == 0) b = store_.take();
    c->loaded.put(b);
    return c->loaded.pop();
  }

  [[gnu::noinline]] void overflow(cache* c, void* p) noexcept {
    if (!c) {
      try {
        c = attach();
      } catch (std::bad_alloc const&) {  // no memory for a cache: the block is not lost
        batch one;
        one.push(p);
        return store_.put(one);
      }
    }
    if (c->loaded.size() >= travelling_) {
      pass_on(c->spare.take());
      c->spare.put(c->loaded.take());
    }
    c->loaded.push(p);
  }

  // To the depot, as long as it holds at most a quarter of what is out; what is more goes home, and
  // one batch of the depot with it, so that it shrinks as use does.
  void pass_on(batch b) noexcept {
    if (b.count == 0) return;
    std::size_t const few = Atoms::tiny ? 1 : 4;
    auto const most =
        std::clamp<std::size_t>(store_.out() / 4, few * travelling_, 64ul * travelling_);
    auto const there = depot_.blocks();
    if (there < most) return depot_.put(b);
    store_.put(b);
    if (there > most) store_.put(depot_.take());
  }

  void empty_depot() noexcept {
    for (batch b = depot_.take(); b.count != 0; b = depot_.take()) store_.put(b);
  }

  void send_home(cache& c) noexcept {
    store_.put(c.loaded.take());
    store_.put(c.spare.take());
  }

  cache* attach() {
    cache* c = caches_.load(acquire);  // sub pool.caches
    while (c && !c->try_attach()) c = c->next;
    if (!c) {
      c = ::new (Atoms::allocate(sizeof(cache), alignof(cache))) cache;
      c->pool = this;
      c->leave = leave;
      cache* first = caches_.load(relaxed);  // rlx cas
      do {
        c->next = first;
      } while (!caches_.compare_exchange_weak(first, c, release,
                                              relaxed));  // pub pool.caches -> attach, usage
    }
    try {
      caches::add(number_, c);
    } catch (...) {
      c->open(cache::phase::free);
      throw;
    }
    return c;
  }

  static void leave(cache& c) noexcept {
    static_cast<pool_core*>(c.pool)->send_home(c);
    c.open(cache::phase::free);
  }

  struct by_threads {
    std::size_t blocks = 0;
    std::size_t threads = 0;
  };
  [[nodiscard]] by_threads kept() const noexcept {
    by_threads sum;
    for (cache* c = caches_.load(acquire); c; c = c->next) {  // sub pool.caches
      sum.blocks += c->held();
      ++sum.threads;
    }
    return sum;
  }

  // Under a sanitizer: memory of its own for each block, with the pool's address in front.
  void* take_alone() {
    auto const& s = store_.shape();
    auto* const at = static_cast<std::byte*>(Atoms::allocate(s.offset + s.bytes, alignment(s)));
    void* const p = at + s.offset;
    static_cast<pool_core**>(p)[-1] = this;
    return p;
  }
  void give_alone(void* p) noexcept {
    auto const& s = store_.shape();
    if (static_cast<pool_core**>(p)[-1] != this) die_not_of_pool();
    Atoms::deallocate(static_cast<std::byte*>(p) - s.offset, alignment(s));
  }
  static std::size_t alignment(block_shape const& s) noexcept { return s.offset & -s.offset; }

  [[noreturn]] void die_in_use(std::size_t n) const noexcept {
    std::string const what = std::string{name_} + " is destroyed while " + std::to_string(n) +
                             (n == 1 ? " of its objects is in use" : " of its objects are in use");
    die(what, "release every object first, or give the pool a longer life than what uses it");
  }

  std::uint64_t const number_;
  std::size_t const most_;
  unsigned const travelling_;
  std::string_view const name_;
  alignas(cache_line) atomic<std::size_t> counted_{0};  // in use, where that is bounded
  alignas(cache_line) atomic<cache*> caches_{nullptr};
  chunk_store<Atoms> store_;
  depot<Atoms> depot_;
};

}  // namespace weft::inline WEFT_ON::detail
