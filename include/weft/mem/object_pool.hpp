// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/error.hpp>
#include <weft/mem/pool_core.hpp>
#include <weft/mem/pool_usage.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace weft {

/// How a pool is made.
struct pool_options {
  std::size_t most = 0;   // objects in use at one time; 0: no bound
  std::string name = {};  // for messages; empty: "object_pool<T>"
};

/// As many objects of a bounded pool are in use as it may have.
class pool_full : public error {
 public:
  pool_full(std::string const& name, std::size_t most)
      : error(errc::busy, name + " is full: all " + std::to_string(most) +
                              " objects are in use; release one, use try_acquire(), or raise "
                              "pool_options::most") {}
};

/// Objects of one type that come and go often, on any thread.
///
///     weft::object_pool<node> pool;
///     node* n = pool.acquire(1, 2);       // constructs a node
///     pool.release(n);                    // destroys it, on this thread or another
///     auto own = pool.make(3, 4);         // a std::unique_ptr that releases it
///     guard.retire(n, pool.deleter());    // released when no reader is left
///
/// Each thread keeps up to 64 free places for itself; what it has too much of travels, 32 at a
/// time, to threads that have none. A place is no larger than its object, and its memory holds
/// nothing but objects of this pool while the pool has it. Memory comes from the system in chunks
/// of at least 64 KiB; a chunk whose places are all free is given back, but for four of them and
/// one more for each four in use: after a burst the memory is gone without a call. What threads
/// keep for themselves can each hold a chunk back: trim() in such a thread gives that up too.
///
/// With pool_options::most the objects in use are counted: never more of them, and never a refusal
/// while one is free. The count costs an atomic increment and decrement on a shared line.
///
/// Under the address, memory and thread sanitizers each object has memory of its own from operator
/// new, so that a use after release is reported.
///
/// threads   every member, from any thread; a thread that ends leaves its free places to the others
/// blocks    no; once in 32 calls it may spin on a lock that is held for 32 places
/// cost      acquire and release 6 ns together, bounded 17, where malloc and free take 12
/// throws    std::bad_alloc, and what T's constructor throws
/// lifetime  every object has been released when the pool ends, else the program dies and says how
///           many there are; threads that used it may end before or after it
/// source    Bonwick & Adams, "Magazines and Vmem", USENIX 2001
template <class T, class Atoms = native>
class basic_object_pool {
  static_assert(std::is_object_v<T> && !std::is_array_v<T> && !std::is_const_v<T>,
                "a pool is of objects that can be made and destroyed");
  static_assert(std::is_nothrow_destructible_v<T>, "what a pool destroys must not throw");
  using core = detail::pool_core<Atoms>;

 public:
  using options = pool_options;

  basic_object_pool() : basic_object_pool(options{}) {}
  explicit basic_object_pool(options how)
      : name_(how.name.empty() ? type_name() : std::move(how.name)),
        most_(how.most),
        core_(shape, how.most, name_) {}
  basic_object_pool(basic_object_pool const&) = delete;
  basic_object_pool& operator=(basic_object_pool const&) = delete;

  /// Releases an object to the pool that it is of: for std::unique_ptr, and for retire().
  struct returned {
    void operator()(T* object) const noexcept {
      std::destroy_at(object);
      core::of(object, shape).give(object);
    }
  };
  [[nodiscard]] static returned deleter() noexcept { return {}; }

  /// Owns an object of a pool.
  using unique = std::unique_ptr<T, returned>;

  /// A new object, made of `args`.
  ///
  /// throws    pool_full, std::bad_alloc, and what the constructor throws
  template <class... Args>
  [[nodiscard]] T* acquire(Args&&... args) {
    return made(allocate(), std::forward<Args>(args)...);
  }
  /// The same; nullptr if a bounded pool is full.
  template <class... Args>
  [[nodiscard]] T* try_acquire(Args&&... args) {
    void* const at = try_allocate();
    return at ? made(at, std::forward<Args>(args)...) : nullptr;
  }
  /// As acquire(), owned.
  template <class... Args>
  [[nodiscard]] unique make(Args&&... args) {
    return unique{acquire(std::forward<Args>(args)...)};
  }

  /// Destroys an object of this pool. A null pointer is ignored.
  void release(T* object) noexcept {
    if (!object) return;
    std::destroy_at(object);
    core_.give(object);
  }

  /// Storage for one object, whose life is the caller's to begin and end.
  ///
  /// throws    pool_full, std::bad_alloc
  [[nodiscard]] void* allocate() {
    void* const at = core_.take();
    if (!at) [[unlikely]]
      throw pool_full{name_, most_};
    return at;
  }
  [[nodiscard]] void* try_allocate() { return core_.take(); }
  /// Gives back what allocate() or try_allocate() gave. A null pointer is ignored.
  void deallocate(void* storage) noexcept {
    if (storage) core_.give(storage);
  }

  /// Gives all memory back to the system that no object in use, and no other thread's free places,
  /// keep: for a thread that will not use the pool for long.
  void trim() noexcept { core_.trim(); }

  /// How many objects are in use; exact while nobody acquires or releases.
  [[nodiscard]] std::size_t in_use() const noexcept { return core_.in_use(); }
  [[nodiscard]] pool_usage usage() const noexcept { return core_.usage(); }
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

 private:
  static constexpr detail::block_shape shape = [] {
    using chunk = typename detail::chunk_store<Atoms>::chunk;
    auto const align = std::max({alignof(T), alignof(detail::free_block), alignof(chunk)});
    auto const up = [](std::size_t n, std::size_t to) { return (n + to - 1) / to * to; };
    detail::block_shape s;
    s.bytes = up(std::max(sizeof(T), sizeof(detail::free_block)),
                 std::max(alignof(T), alignof(detail::free_block)));
    s.offset = up(sizeof(chunk), align);
    // At least 16 places in a chunk, and at most 32 KiB on the way at a time.
    s.chunk_bytes = Atoms::tiny
                        ? std::bit_ceil(s.offset + 4 * s.bytes)
                        : std::bit_ceil(std::max(std::size_t{64} << 10, s.offset + 16 * s.bytes));
    s.capacity = static_cast<unsigned>((s.chunk_bytes - s.offset) / s.bytes);
    if (Atoms::tiny) s.capacity = 4;
    auto const fit = (std::size_t{32} << 10) / s.bytes;
    s.travelling = Atoms::tiny ? 2 : static_cast<unsigned>(std::clamp<std::size_t>(fit, 2, 32));
    return s;
  }();

  template <class... Args>
  T* made(void* at, Args&&... args) {
    if constexpr (std::is_nothrow_constructible_v<T, Args...>) {
      return ::new (at) T(std::forward<Args>(args)...);
    } else {
      try {
        return ::new (at) T(std::forward<Args>(args)...);
      } catch (...) {
        core_.give(at);
        throw;
      }
    }
  }

  static std::string type_name() {
    // "... [T = node, Atoms = weft::native]" or "... [with T = node; Atoms = ...]"
    std::string_view f = __PRETTY_FUNCTION__;
    auto const from = f.find("T = ");
    if (from == std::string_view::npos) return "object_pool";
    f.remove_prefix(from + 4);
    auto const end = std::min(f.find(", Atoms = "), f.find("; Atoms = "));
    return "object_pool<" + std::string{f.substr(0, end)} + ">";
  }

  std::string const name_;
  std::size_t const most_;
  core core_;
};

inline namespace WEFT_ON {
template <class T>
using object_pool = basic_object_pool<T, atoms>;
}  // namespace WEFT_ON

}  // namespace weft
