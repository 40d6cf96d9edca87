// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <source_location>
#include <string_view>

// Everything but the header-only lock-free templates is compiled twice: for real threads into
// `weft`, and for the model checker into a test library. The inline namespace keeps the two apart
// in the linker's eyes.
#if defined(WEFT_MODEL)
#define WEFT_ON on_model
#else
#define WEFT_ON on_native
#endif

namespace weft {

namespace check {
struct model;
}  // namespace check

// The orders by short names, so that an access and its tag fit on one line.
inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;
inline constexpr auto acq_rel = std::memory_order_acq_rel;
inline constexpr auto seq_cst = std::memory_order_seq_cst;

/// The monotonic clock everything in weft is timed by; nanoseconds.
using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = std::chrono::nanoseconds;

/// "No deadline".
inline constexpr time_point never = time_point::max();

/// The atoms of a real machine: what lock-free code may use of the processor and the system.
///
/// A structure is a template on an atoms policy, with this as its default; the model checker's
/// policy has the same members. Code on the alias weft::atoms is compiled once for each.
///
/// threads   every member, from any thread, at the same time
/// cost      atomic<T> is std::atomic<T>; nothing is added
struct native {
  /// True where queues and tables are as small, and searches as short, as they may be: in the
  /// checker, so that a scenario meets their limits.
  static constexpr bool tiny = false;

  template <class T>
  using atomic = std::atomic<T>;

  /// A plain variable that several threads access, one after the other: the checker proves that.
  template <class T>
  using var = T;

  /// A sequentially consistent fence: orders an earlier store before a later load.
  ///
  /// cost      one locked instruction on x86, half the price of mfence
  static void fence() noexcept;

  /// The cheap side of an asymmetric store-load pair; heavy() is the other.
  ///
  /// cost      a compiler barrier where the kernel has membarrier, else fence()
  static void light() noexcept;

  /// The dear side: every other running thread passes a full barrier before this returns.
  ///
  /// cost      one system call, microseconds
  static void heavy() noexcept;

  /// True if light() is free because the kernel has membarrier.
  [[nodiscard]] static bool asymmetric() noexcept;

  /// Tells the processor that this is a spin loop, so many times. In the checker: once.
  static void pause(unsigned times = 1) noexcept {
    for (unsigned i = 0; i < times; ++i) {
#if defined(__x86_64__) || defined(__i386__)
      __builtin_ia32_pause();
#elif defined(__aarch64__)
      asm volatile("yield");
#endif
    }
  }

  /// Gives the processor to another thread: a spin loop's last resort.
  static void yield() noexcept;

  /// Sleeps while `word` is `expected`, at most until `deadline`; may return early.
  ///
  /// blocks    the thread
  /// returns   false if the deadline passed
  static bool park(atomic<std::uint32_t> const& word, std::uint32_t expected,
                   time_point deadline = never) noexcept;

  /// Wakes one thread, or all, that sleep in park() on `word`.
  ///
  /// lifetime  `word` is only an address here: it may be gone already
  static void unpark_one(atomic<std::uint32_t> const* word) noexcept;
  static void unpark_all(atomic<std::uint32_t> const* word) noexcept;

  [[nodiscard]] static time_point now() noexcept { return clock::now(); }

  /// now() to within some milliseconds, for a fraction of its cost.
  [[nodiscard]] static time_point coarse_now() noexcept;

  /// A number below `below`, which may be any: the checker tries them all.
  [[nodiscard]] static std::uint32_t any(std::uint32_t below) noexcept {
    return any_number() % below;
  }

  static void* allocate(std::size_t bytes, std::size_t align = alignof(std::max_align_t)) {
    return ::operator new(bytes, std::align_val_t{align});
  }
  static void deallocate(void* p, std::size_t align = alignof(std::max_align_t)) noexcept {
    ::operator delete(p, std::align_val_t{align});
  }
  /// As allocate(), for what is never given back: no leak.
  static void* allocate_for_ever(std::size_t bytes,
                                 std::size_t align = alignof(std::max_align_t)) {
    return allocate(bytes, align);
  }

  /// The one T of the program, there from the start and never destroyed; in the checker, of an
  /// execution. Its default constructor is constexpr.
  template <class T>
  [[nodiscard]] static T& global() noexcept {
    return the_one<T>.value;
  }

  /// Ends the program: prints what happened, where, and what to do; then std::abort().
  [[noreturn]] static void die(std::string_view what, std::string_view cure,
                               std::source_location const& where) noexcept;

  /// A thread that was started: whoever did joins it, or lets it go.
  enum class thread : std::uintptr_t { none = 0 };

  /// Starts a thread that runs body(arg).
  ///
  /// throws    std::system_error if none can be had
  [[nodiscard]] static thread start(void (*body)(void*) noexcept, void* arg);
  static void join(thread t) noexcept;
  static void let_go(thread t) noexcept;

  /// The system's number of the calling thread, and the name it shows for it, of at most 15
  /// characters.
  [[nodiscard]] static int thread_number() noexcept;
  static void name_thread(char const* text) noexcept;

  /// Runs f(arg) when the calling thread ends; the last one added runs first.
  static void at_thread_exit(void (*f)(void*), void* arg) noexcept;

  /// A slot that each thread has its own copy of; the value is read and written, never its
  /// address, because an address of one thread must not survive into another.
  ///
  /// `Tag` names the slot. Trivial types only: nothing is destroyed at thread exit.
  template <class T, class Tag>
  struct thread_slot {
    static_assert(std::is_trivially_destructible_v<T>);
    [[gnu::noinline]] static T get() noexcept {
      return get_here();
    }
    /// As get(), for a function that is never inlined itself and needs the value once.
    static T get_here() noexcept {
      asm volatile("" ::: "memory");
      return value_;
    }
    [[gnu::noinline]] static void set(T v) noexcept {
      value_ = v;
      asm volatile("" ::: "memory");
    }

   private:
    static inline thread_local constinit T value_{};
  };

 private:
  // There before main() and never destroyed: threads may end after the statics of the program.
  template <class T>
  union immortal {
    constexpr immortal() noexcept : value() {}
    immortal(immortal const&) = delete;
    immortal& operator=(immortal const&) = delete;
    constexpr ~immortal() {}
    T value;
  };
  template <class T>
  static inline constinit immortal<T> the_one{};
  [[nodiscard, gnu::noinline]] static std::uint32_t any_number() noexcept;
};

inline namespace WEFT_ON {
#if defined(WEFT_MODEL)
using atoms = check::model;
#else
using atoms = native;
#endif
}  // namespace WEFT_ON

}  // namespace weft

#if defined(WEFT_MODEL)
#include <weft/check/model.hpp>
#endif
