// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/check/atomic.hpp>
#include <weft/check/mutex.hpp>
#include <weft/check/var.hpp>

#include <new>
#include <string_view>

namespace weft::check {

/// The atoms of the checker: what weft::native is to a processor, this is to a scenario.
///
/// A structure that is a template on an atoms policy runs its real code under the checker when it
/// is made with this one. The members are those of weft::native.
///
/// threads   every member, from any thread of a scenario
struct model {
  using site = std::source_location;

  static constexpr bool tiny = true;

  template <class T>
  using atomic = check::atomic<T>;
  template <class T>
  using var = check::var<T>;

  static void fence(site where = site::current()) noexcept {
    detail::fence(std::memory_order_seq_cst, where);
  }
  /// Nothing: what the cheap side leaves to the dear one is exactly what this does not do.
  static void light() noexcept {}
  static void heavy(site where = site::current()) noexcept { detail::heavy(false, where); }
  /// heavy(), and behind it no signal that was sent before is on its way.
  static void settle(site where = site::current()) noexcept { detail::heavy(true, where); }
  [[nodiscard]] static bool asymmetric() noexcept { return true; }

  static void pause(unsigned = 1, site where = site::current()) noexcept { detail::pause(where); }
  static void yield(site where = site::current()) noexcept { detail::pause(where); }

  static bool park(atomic<std::uint32_t> const& word, std::uint32_t expected,
                   time_point deadline = never, site where = site::current()) noexcept {
    return detail::park(word.known_as(), detail::to_word(expected), deadline != never,
                        deadline.time_since_epoch().count(), where);
  }
  static void unpark_one(atomic<std::uint32_t> const* word, site where = site::current()) noexcept {
    detail::unpark(&word->known_as(), false, where);
  }
  static void unpark_all(atomic<std::uint32_t> const* word, site where = site::current()) noexcept {
    detail::unpark(&word->known_as(), true, where);
  }

  /// The execution's own clock: it stands still until a wait with a deadline gives up.
  [[nodiscard]] static time_point now(site where = site::current()) noexcept {
    return time_point{time_point::duration{detail::now(where)}};
  }
  [[nodiscard]] static time_point coarse_now(site where = site::current()) noexcept {
    return now(where);
  }

  /// Runs handler(arg) in the thread of that number, before one of its next steps.
  static void interrupt(int thread, void (*handler)(void*), void* arg,
                        site where = site::current()) noexcept {
    detail::signal(static_cast<std::uint32_t>(thread), [=] { handler(arg); }, where);
  }
  /// In the handler: goes back to where `to` was set by sigsetjmp.
  [[noreturn]] static void leave_interrupt(sigjmp_buf& to, site where = site::current()) noexcept {
    detail::leave_handler(to, where);
  }

  /// Each number below `below`, one after the other.
  [[nodiscard]] static std::uint32_t any(std::uint32_t below,
                                         site where = site::current()) noexcept {
    return detail::any(below, where);
  }

  static void* allocate(std::size_t bytes, std::size_t align = alignof(std::max_align_t),
                        site where = site::current()) {
    return detail::allocate(bytes, align, false, where);
  }
  static void deallocate(void* p, std::size_t = alignof(std::max_align_t),
                         site where = site::current()) noexcept {
    detail::deallocate(p, where);
  }
  static void* allocate_for_ever(std::size_t bytes, std::size_t align = alignof(std::max_align_t),
                                 site where = site::current()) {
    return detail::allocate(bytes, align, true, where);
  }

  /// The one T of an execution: as if it had always been there.
  template <class T>
  [[nodiscard]] static T& global() noexcept {
    static std::uint32_t const mine = detail::new_number();
    auto const make = [](void* at) { ::new (at) T(); };
    return *static_cast<T*>(detail::global(mine, sizeof(T), alignof(T), make));
  }

  /// Fails the scenario with what happened and what to do.
  [[noreturn]] static void die(std::string_view what, std::string_view cure,
                               site const& where) noexcept {
    detail::die(what, cure, where);
  }

  enum class thread : std::uintptr_t { none = 0 };

  [[nodiscard]] static thread start(void (*body)(void*) noexcept, void* arg,
                                    site where = site::current()) {
    return static_cast<thread>(detail::start_thread([=] { body(arg); }, where));
  }
  static void join(thread t, site where = site::current()) noexcept {
    detail::join_thread(static_cast<std::uint32_t>(t), where);
  }
  /// Nothing: the scenario ends when every thread has.
  static void let_go(thread) noexcept {}

  [[nodiscard]] static int thread_number(site where = site::current()) noexcept {
    return static_cast<int>(detail::this_thread(where));
  }
  static void name_thread(char const*) noexcept {}

  /// Runs f(arg) when the calling thread of the scenario ends, the last one added first.
  static void at_thread_exit(void (*f)(void*), void* arg) noexcept {
    detail::at_thread_exit(f, arg);
  }

  /// One value a thread of the scenario; starts as T{} in each execution.
  template <class T, class Tag>
  struct thread_slot {
    static_assert(std::is_trivially_destructible_v<T> && detail::fits_word<T>);
    static T get() noexcept { return detail::from_word<T>(detail::slot(number())); }
    static T get_here() noexcept { return get(); }
    static void set(T v) noexcept { detail::set_slot(number(), detail::to_word(v)); }

   private:
    static std::uint32_t number() noexcept {
      static std::uint32_t const mine = detail::new_number();
      return mine;
    }
  };
};

}  // namespace weft::check
