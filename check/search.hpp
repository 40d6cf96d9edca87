// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "operation.hpp"

#include <array>
#include <cstdint>
#include <vector>

// Which executions are run: every one that differs, and few that do not.
//
// An execution is a sequence of choices: which thread does the next step, which store a load reads,
// whether a weak compare-exchange fails. The stack of `choice` holds the present one; `next()`
// changes the last choice that has something left and cuts off the rest.
//
// S1  Source sets. When a step is done, each earlier step it conflicts with, that nothing orders
//     before it, is a race: the other order must be tried. It is, where the earlier step was
//     chosen, by a thread that begins some execution of that other order (its initials), unless
//     one of those is tried there already.
// S2  Sleep sets. A thread whose next step was explored from a state need not be the first again
//     in what is explored after it there, until a step that step depends on has been done.
// S3  A load that is not sequentially consistent does not come before later stores: had it come
//     after them it could have read the same, stale, value. So a store is not ordered behind such
//     loads, a race of a store and a later load is not reversed (the load's choice of a store
//     covers it), and one of a load and a later store is, for the load to read that store. When a
//     store wakes a sleeping load, only stores from that one on are left for it to read; and a load
//     does not wake a sleeping store. Not so for the first load after a pause, which reads the
//     newest store only: where the thread that it reads from spins and writes in each round, an
//     outcome may be missed (doc/guide/checking.md says so to users).
// S4  A lock conflicts with the last lock of the same mutex, not with the unlock between (or the
//     wait for a condition, which unlocks): nobody can come between those two. With a bound on
//     preemptions it does: who comes between waits, and to go on from there costs none.
// S5  A thread that waits for a change of what it has read is awake from the first store that
//     brings one; its later steps are ordered behind that store if it is the only place it looked
//     at, else behind nothing: then a race may name a thread that could not run; any other initial
//     that could is taken, or all that could.
// S6  With a bound on preemptions, a race is also tried at the begin of the block of steps in which
//     the earlier step stands, and nobody sleeps (Coons, Musuvathi, McKinley 2013).
// S7  Where deadlines pass late only, the step that lets one thread go on keeps the deadlines of
//     all others from passing. A thread that could not run where a race has to be tried is tried
//     at the last choice before where it could.
//
// The proof of S1 and S2 is in the paper. S3 to S7 and this code are checked against brute force on
// thousands of random programs: test/check/differential.model.cpp.
//
// source: Abdulla, Aronis, Jonsson, Sagonas, Source sets: a foundation for optimal dynamic partial
// order reduction, JACM 2017; Coons and others, Bounded partial-order reduction, OOPSLA 2013
namespace weft::check::detail {

using thread_set = std::uint8_t;

constexpr thread_set just(unsigned thread) noexcept {
  return static_cast<thread_set>(1u << thread);
}
constexpr bool has(thread_set s, unsigned thread) noexcept { return (s >> thread & 1u) != 0; }

/// Threads that need not be run next, and from which store on their pending loads are still to be
/// tried where a store has half woken them (S2, S3).
struct sleepers {
  thread_set asleep = 0;
  std::array<std::uint16_t, max_threads> from{};
};

/// A place on the way where there was more than one way to go on.
struct choice {
  bool of_thread = false;
  // of a value
  std::uint8_t taken = 0, count = 0;
  // of a thread
  thread_set able = 0, wanted = 0, tried = 0;
  std::uint8_t thread = 0;
  std::uint8_t last = 0;          // who did the step before
  std::uint16_t preemptions = 0;  // before this choice
  std::uint32_t pending = 0;      // a digest of what they all were about to do
  sleepers rest;
};

/// A step that was done.
struct event {
  operation op;
  std::uint8_t thread = 0;
  std::uint32_t at = none;  // the choice of its thread, none: there was only one
  vector_clock past;        // its own and all events before it, as 1 + index
};

struct search_options {
  bool reduce = true;    // false: brute force
  int preemptions = -1;  // most of them; -1: any number
  bool late_timeouts = false;
};

/// The state of the exhaustive search.
class search {
 public:
  explicit search(search_options o) : options_(o) {}

  void begin_execution();
  /// Chooses among the threads of `able`; -1: whatever happens now was seen already.
  [[nodiscard]] int choose_thread(thread_set able, int last,
                                  std::array<operation, max_threads> const& next);
  /// Chooses a number below `count`.
  [[nodiscard]] unsigned choose_value(unsigned count);
  /// The oldest store that `thread`, about to load, still has to try.
  [[nodiscard]] unsigned load_from(unsigned thread) const noexcept { return now_.from[thread]; }

  /// Enters the step that `thread` has done. `read_from` is the event of the store that a load
  /// read, `able` and `next` are the other threads' pending steps.
  void done(unsigned thread, operation op, std::uint32_t read_from, memory& m,
            std::array<operation, max_threads> const& next);
  [[nodiscard]] std::uint32_t next_event() const noexcept {
    return static_cast<std::uint32_t>(events_.size());
  }
  /// What follows in `thread` comes after `event`, or after all that `other` has done.
  void order_after(unsigned thread, std::uint32_t event) noexcept;
  void order_after_thread(unsigned thread, unsigned other) noexcept;

  /// Goes on to the next execution; false if there is none.
  [[nodiscard]] bool next();
  /// True if the execution did not take the choices that led here before.
  [[nodiscard]] bool strayed() const noexcept { return strayed_; }

 private:
  void races(unsigned thread, operation const& op, std::uint32_t read_from, memory& m);
  void try_before(std::uint32_t earlier, unsigned thread, operation const& op,
                  vector_clock const& known);
  void try_where_able(std::uint32_t earlier, unsigned thread);
  [[nodiscard]] thread_set initials(std::uint32_t earlier, unsigned thread, operation const& op,
                                    vector_clock const& known);
  void want(choice& c, thread_set who, unsigned thread);
  [[nodiscard]] vector_clock join_past(unsigned thread, operation const& op,
                                       std::uint32_t read_from, memory& m) const;
  void fall_asleep_or_wake(unsigned thread, operation const& op, memory& m,
                           std::array<operation, max_threads> const& next);
  [[nodiscard]] static bool covers(vector_clock const& past, std::uint32_t event,
                                   unsigned thread) noexcept {
    return past.at[thread] > event;
  }

  search_options options_;
  std::vector<choice> stack_;
  std::size_t position_ = 0;
  std::size_t fresh_ = 0;  // choices from here on are new: before it, races are known
  std::vector<event> events_;
  std::vector<std::uint32_t> in_order_;  // events that are sequentially consistent
  std::vector<std::uint32_t> heavies_;
  std::vector<std::uint32_t> signals_;
  std::vector<std::uint32_t> between_, rest_;  // scratch
  std::array<vector_clock, max_threads> past_{};
  sleepers now_;
  std::uint32_t chosen_at_ = none;  // the choice that led to the step being done
  unsigned preemptions_ = 0;
  bool strayed_ = false;
};

}  // namespace weft::check::detail
