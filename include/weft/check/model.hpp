// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/check/atomic.hpp>
#include <weft/check/var.hpp>

namespace weft::check {

/// The atoms of the checker: what weft::native is to a processor, this is to a scenario.
///
/// A structure that is a template on an atoms policy runs its real code under the checker when it
/// is made with this one. The members are those of weft::native.
///
/// threads   every member, from any thread of a scenario
struct model {
  using site = std::source_location;

  template <class T>
  using atomic = check::atomic<T>;
  template <class T>
  using var = check::var<T>;

  static void fence(site where = site::current()) noexcept {
    detail::fence(std::memory_order_seq_cst, where);
  }
  /// Nothing: what the cheap side leaves to the dear one is exactly what this does not do.
  static void light() noexcept {}
  static void heavy(site where = site::current()) noexcept { detail::heavy(where); }
  [[nodiscard]] static bool asymmetric() noexcept { return true; }

  static void pause(site where = site::current()) noexcept { detail::pause(where); }
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

  static void* allocate(std::size_t bytes, std::size_t align = alignof(std::max_align_t),
                        site where = site::current()) {
    return detail::allocate(bytes, align, where);
  }
  static void deallocate(void* p, std::size_t = alignof(std::max_align_t),
                         site where = site::current()) noexcept {
    detail::deallocate(p, where);
  }

  /// One value a thread of the scenario; starts as T{} in each execution.
  template <class T, class Tag>
  struct thread_slot {
    static_assert(std::is_trivially_destructible_v<T> && detail::fits_word<T>);
    static T get() noexcept { return detail::from_word<T>(detail::slot(number())); }
    static void set(T v) noexcept { detail::set_slot(number(), detail::to_word(v)); }

   private:
    static std::uint32_t number() noexcept {
      static std::uint32_t const mine = detail::new_slot_number();
      return mine;
    }
  };
};

}  // namespace weft::check
