// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>

#if defined(WEFT_CHECK_STD)
#error weft/check/history.hpp between weft/check/std.hpp and std_end.hpp: include it after these, \
or recording a call would be a step of the schedule
#endif

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEFT_CHECK_UNDER_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define WEFT_CHECK_UNDER_TSAN 1
#endif

// When does a call come before another one? When it returned before the other was invoked; and
// what "before" is, depends on where the calls ran.
namespace weft::check {

/// An order of calls: gives a stamp to each invocation and return, and compares them.
///
/// A stamp has a number `when`, which grows in the order of recording. Where precedes() compares
/// nothing else, `by_when` is true: the calls are then intervals on one line of time.
template <class O>
concept call_order = std::default_initializable<O> && requires(O o, typename O::stamp s) {
  { o.now() } noexcept -> std::same_as<typename O::stamp>;
  { O::precedes(s, s) } -> std::same_as<bool>;  // a return, an invocation
  { s.when } -> std::convertible_to<std::uint64_t>;
  { O::by_when } -> std::convertible_to<bool>;
};

/// The order of real threads: one shared counter, drawn from at each invocation and return.
///
/// A call is ordered before another only if its return happens-before the other's invocation, so a
/// structure that synchronises by release and acquire alone is never blamed for a stale read.
/// Under the thread sanitizer the counter synchronises nothing, lest it hide the races of what is
/// tested.
///
/// threads   now(), from any thread
/// cost      a read-modify-write of a shared cache line
class real_time {
 public:
  static constexpr bool by_when = true;
  struct stamp {
    std::uint64_t when = 0;
  };

  [[nodiscard]] stamp now() noexcept { return {next_.fetch_add(1, ticket)}; }

  [[nodiscard]] static bool precedes(stamp const& returned, stamp const& invoked) noexcept {
    return returned.when < invoked.when;
  }

 private:
  // A std::atomic and not one of the atoms: recording must be no step of the model's schedule.
  // The order: what a call does lies between its two tickets, so nothing of it may move above the
  // first (acquire) or below the second (release).
#if defined(WEFT_CHECK_UNDER_TSAN)
  static constexpr auto ticket = std::memory_order_relaxed;
#else
  static constexpr auto ticket = std::memory_order_acq_rel;
#endif
  alignas(cache_line) std::atomic<std::uint64_t> next_{1};
};

/// The order inside a model checker: happens-before, told by vector clocks.
///
/// There a load may read what is stale long after the newer store, as on a real machine whose
/// threads have not synchronised, and the checker runs one of many schedules that differ only in
/// the order of independent steps. The order in which calls happen to be run therefore means
/// nothing; a call precedes another if its return happens-before the other's invocation.
///
/// `Clock` tells of the thread that runs. `threads`: a constant, how many there may be; `thread()`:
/// its index; `step()`: counts one more step of it, so that nobody can know of a return who knows
/// only of what came before it; `known(t)`: how many steps of thread t happened-before now, with
/// its own.
///
/// threads   of one OS thread
/// source    Ou, Demsky: Checking concurrent data structures under the C/C++11 memory model,
///           PPoPP 2017; Dang and others: Compass, PLDI 2022 (histories ordered by happens-before)
template <class Clock>
class happens_before {
 public:
  static constexpr bool by_when = false;
  struct stamp {
    std::uint64_t when = 0;
    std::uint32_t thread = 0;
    std::array<std::uint32_t, Clock::threads> known{};
  };

  [[nodiscard]] stamp now() noexcept {
    stamp s;
    Clock::step();
    s.when = ++count_;
    s.thread = Clock::thread();
    for (unsigned t = 0; t < Clock::threads; ++t) s.known[t] = Clock::known(t);
    return s;
  }

  [[nodiscard]] static bool precedes(stamp const& returned, stamp const& invoked) noexcept {
    return returned.known[returned.thread] <= invoked.known[returned.thread] &&
           returned.when < invoked.when;
  }

 private:
  std::uint64_t count_ = 0;
};

}  // namespace weft::check
