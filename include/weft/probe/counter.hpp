// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/thread.hpp>

#include <array>
#include <cstdint>
#include <utility>

namespace weft::inline WEFT_ON {

namespace detail {

struct event_store;

/// What probe keeps for one thread: a number for each counter, and its ring of events.
///
/// A block is never freed: when its thread ends the next one goes on counting in it, so the sum
/// over all blocks is the sum over all threads that ever were.
struct probe_block {
  static constexpr unsigned most_counters = atoms::tiny ? 8 : 512;

  alignas(cache_line) std::array<atoms::atomic<std::uint64_t>, most_counters> counts{};
  alignas(cache_line) atoms::atomic<event_store*> events{nullptr};
  atoms::atomic<bool> taken{false};
  probe_block* next = nullptr;
  unsigned number = 0;  // dense from 0
};

/// Newest of all blocks; walk them with next.
[[nodiscard]] probe_block* all_probe_blocks() noexcept;

/// Gives the calling thread its block; null if there is no memory for one.
[[nodiscard]] probe_block* enter_probe(thread_record& t) noexcept;

[[nodiscard]] inline probe_block* probe_block_of(thread_record& t) noexcept {
  return static_cast<probe_block*>(t.get(room::probe));
}

}  // namespace detail

/// A named number that only grows: how often something happened, over all threads.
///
///     constinit weft::counter steals{"exec.steals", "jobs taken from another worker"};
///     steals.add();
///
/// Each thread adds to a number of its own, so counting costs no traffic between processors. A
/// counter is an object of static storage; it is listed from its first add() on, or from enlist().
/// There is room for 511 counters in a program; one more is a mistake and ends it.
///
/// threads   every member, from any thread
/// cost      add() takes 1 to 2 ns: a call, four loads and a store to the thread's own line; the
///           first one of a thread allocates 4 KiB. read() takes a load for each thread
/// lifetime  to the end of the program: it is never taken off the list
class counter {
 public:
  constexpr counter(char const* name, char const* help) noexcept : name_(name), help_(help) {}
  counter(counter const&) = delete;
  counter& operator=(counter const&) = delete;

  void add(std::uint64_t n = 1) noexcept {
    auto* block = detail::probe_block_of(*this_thread());
    unsigned const slot = slot_.load(relaxed);     // rlx init: 0 or final
    if (!block || slot == 0) [[unlikely]] return add_slowly(n);
    auto& mine = block->counts[slot];
    mine.store(mine.load(relaxed) + n, relaxed);   // rlx owner: nobody else writes the block
  }

  /// The sum over all threads: what happened before this call in the sense of the memory model is
  /// in it, and of two reads by one thread the second is not smaller.
  [[nodiscard]] std::uint64_t read() const noexcept;

  /// Puts the counter on the list although nothing was counted yet.
  void enlist() noexcept;

  [[nodiscard]] char const* name() const noexcept { return name_; }
  [[nodiscard]] char const* help() const noexcept { return help_; }
  [[nodiscard]] counter const* next() const noexcept { return next_; }

 private:
  void add_slowly(std::uint64_t n) noexcept;

  char const* name_;
  char const* help_;
  atoms::var<counter*> next_{};
  atoms::atomic<unsigned> slot_{0};
};

/// Newest of all listed counters, or null; walk them with next().
[[nodiscard]] counter const* all_counters() noexcept;

/// Calls f(counter const&) for every listed counter.
template <class F>
void for_each_counter(F&& f) {
  for (auto* c = all_counters(); c; c = c->next()) f(std::as_const(*c));
}

}  // namespace weft::inline WEFT_ON
