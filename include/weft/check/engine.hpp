// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <bit>
#include <chrono>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <source_location>
#include <string_view>
#include <type_traits>

// What the headers of the checker say to its library. An object under test carries a handle; the
// library knows the rest. None of this is for use outside the checker's own headers.
namespace weft::check::detail {

using order = std::memory_order;
using site = std::source_location;

/// The bytes of any value an atomic may hold: up to sixteen, the rest zero.
struct word {
  std::uint64_t low = 0, high = 0;
  friend constexpr bool operator==(word const&, word const&) = default;
};

template <class T>
inline constexpr bool fits_word = std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(word);

template <class T>
constexpr word to_word(T const& v) noexcept {
  static_assert(fits_word<T>,
                "weft::check: an atomic holds a trivially copyable type of at most "
                "16 bytes");
  if constexpr (std::is_enum_v<T>) {
    return to_word(static_cast<std::underlying_type_t<T>>(v));
  } else if constexpr (std::is_same_v<T, bool>) {
    return {v ? 1u : 0u, 0};
  } else if constexpr (std::is_integral_v<T>) {
    return {static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(v)), 0};
  } else if constexpr (std::is_floating_point_v<T> && sizeof(T) == 8) {
    return {std::bit_cast<std::uint64_t>(v), 0};
  } else {
    if constexpr (std::is_pointer_v<T>) {
      if (v == nullptr) return {};
    }
    word w;
    std::memcpy(static_cast<void*>(&w), &v, sizeof v);
    return w;
  }
}

template <class T>
T from_word(word const& w) noexcept {
  T v;
  std::memcpy(static_cast<void*>(&v), &w, sizeof v);
  return v;
}

/// How a value is shown in a trace.
enum class shape : std::uint8_t { number, negative, boolean, pointer, bytes };

template <class T>
constexpr shape shape_of() noexcept {
  if constexpr (std::is_same_v<T, bool>) return shape::boolean;
  if constexpr (std::is_pointer_v<T>) return shape::pointer;
  if constexpr (std::is_enum_v<T>) return shape::number;
  if constexpr (std::is_integral_v<T>) return std::is_signed_v<T> ? shape::negative : shape::number;
  return shape::bytes;
}

/// What every modelled object carries: which of the execution's places it is.
///
/// An object made before an execution, a static one for instance, is entered at its first use in
/// each execution, with the value it was made with.
struct handle {
  word initial{};
  std::uint8_t size = 0;
  shape looks = shape::number;
  mutable std::uint32_t execution = 0;  // which one `place` belongs to; 0: none
  mutable std::uint32_t place = 0;
};

/// True in a thread of a scenario.
[[nodiscard]] bool inside() noexcept;

void make(handle const& h, site where);
void unmake(handle const& h, site where) noexcept;
word load(handle const& h, order o, site where);
void store(handle const& h, word v, order o, site where);
word update(handle const& h, order o, word (*change)(word old, void* with), void* with, site where);
bool compare_exchange(handle const& h, word& expected, word desired, order done, order failed,
                      bool weak, site where);
void wait(handle const& h, word old, order o, site where);
void notify(handle const& h, bool all, site where);
void fence(order o, site where);

/// Every other thread passes a full fence before this returns, as by membarrier. If it `settles`,
/// a signal that was sent before is handled before the next step of its thread, as by Linux, and
/// what the threads did before it happens before what the caller does next.
void heavy(bool settles, site where);
/// The body of a spin loop: the thread goes on when something it has read has changed.
void pause(site where);

bool park(handle const& h, word expected, bool timed, std::int64_t deadline, site where);
void unpark(handle const* h, bool all, site where);
[[nodiscard]] std::int64_t now(site where);

void lock(handle const& mutex, site where);
[[nodiscard]] bool try_lock(handle const& mutex, site where);
void unlock(handle const& mutex, site where);
/// False if the deadline passed first. The mutex is held again in any case.
bool wait_condition(handle const& condition, handle const& mutex, bool timed, std::int64_t deadline,
                    site where);
void notify_condition(handle const& condition, bool all, site where);

/// Reads and writes of plain data: checked for races and for freed memory, no scheduling points.
void plain_read(void const* at, std::size_t size, site where);
void plain_write(void const* at, std::size_t size, site where);

/// What is kept `for_ever` is no leak.
void* allocate(std::size_t size, std::size_t align, bool for_ever, site where);
void deallocate(void* p, site where) noexcept;

std::uint32_t start_thread(std::function<void()> body, site where);
void join_thread(std::uint32_t thread, site where);
[[nodiscard]] std::uint32_t this_thread(site where);
/// `handler` runs in that thread before one of its next steps, or at its end.
void signal(std::uint32_t thread, std::function<void()> handler, site where);
/// Ends the handler that runs and goes back to where `to` was set, in the same thread.
[[noreturn]] void leave_handler(sigjmp_buf& to, site where);

void at_thread_exit(void (*f)(void*), void* arg) noexcept;
[[nodiscard]] std::uint32_t any(std::uint32_t below, site where) noexcept;
[[noreturn]] void die(std::string_view what, std::string_view cure, site where) noexcept;

/// A number for a kind of thread-local slot or of global object.
[[nodiscard]] std::uint32_t new_number() noexcept;
/// The execution's global object of that number, made at its first use as if before the start.
[[nodiscard]] void* global(std::uint32_t number, std::size_t size, std::size_t align,
                           void (*make)(void*)) noexcept;
/// The calling thread's word of that number; zero at first.
[[nodiscard]] word slot(std::uint32_t number) noexcept;
void set_slot(std::uint32_t number, word v) noexcept;

}  // namespace weft::check::detail
