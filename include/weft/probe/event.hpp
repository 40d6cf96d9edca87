// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::inline WEFT_ON {

/// What an event is about; sets of areas are made with |.
enum class area : unsigned {
  none = 0,
  sched = 1,  // workers: runs, steals, parks, wakes
  wait = 2,   // operations: parked, committed, withdrawn, cancelled
  chan = 4,   // channels
  task = 8,   // tasks and groups: started, ended
  mem = 16,   // reclamation and pools
  sync = 32,  // locks and futures
  all = 63,
};

constexpr area operator|(area a, area b) noexcept {
  return static_cast<area>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr area operator&(area a, area b) noexcept {
  return static_cast<area>(static_cast<unsigned>(a) & static_cast<unsigned>(b));
}

/// One thing that happened. What a and b mean is up to the name.
struct event {
  time_point when{};
  area where = area::none;
  unsigned thread = 0;       // slot of the thread's record
  std::uint64_t number = 0;  // in its ring: tells the order of two events of one thread
  char const* name = "";
  std::uint64_t a = 0;
  std::uint64_t b = 0;
};

namespace detail {

// Low half: the areas kept in the rings. High half: those printed. A setting of the process, so on
// native in the model build too: where nothing is recorded an event is no step of a scenario.
extern native::atomic<unsigned> event_mask;

void emit_event(area where, char const* name, std::uint64_t a, std::uint64_t b) noexcept;

}  // namespace detail

/// Notes that `name` happened in `where`, if anybody asked for that area.
///
/// `name` is a string literal: the pointer is kept. Each thread keeps its last 1024 events in a
/// ring of its own; older ones are overwritten, and a reader is told how many it missed.
///
/// threads   any
/// blocks    never
/// cost      one relaxed load and a branch where the area is off; about 50 ns where it is on, most
///           of it for the clock; the first event of a thread allocates 48 KiB
inline void trace_event(area where, char const* name, std::uint64_t a = 0,
                        std::uint64_t b = 0) noexcept {
  unsigned const bits = static_cast<unsigned>(where) * 0x10001u;
  if (detail::event_mask.load(relaxed) & bits) [[unlikely]] {  // rlx hint: on or off soon is enough
    detail::emit_event(where, name, a, b);
  }
}

/// Chooses the areas whose events are kept in the rings; none at the start.
void record_events(area which) noexcept;
[[nodiscard]] area recorded_events() noexcept;

/// Chooses the areas whose events are printed on standard error as they happen.
///
/// At the start those that the environment names, as in WEFT_DEBUG=sched,wait or WEFT_DEBUG=all.
void print_events(area which) noexcept;
[[nodiscard]] area printed_events() noexcept;

/// The areas that a list like "sched,wait" names. What names no area is put in `unknown`.
[[nodiscard]] area parse_areas(std::string_view list, std::string& unknown);

/// "sched, wait, chan, task, mem, sync, all"
[[nodiscard]] char const* area_names() noexcept;

/// Reads the rings of all threads, each event once.
///
///     weft::event_reader reader;
///     std::vector<weft::event> events;
///     auto missed = reader.read(events);
///
/// Readers are independent: each has its own place in every ring.
///
/// threads   one at a time for each reader; writers go on meanwhile
/// cost      read() takes some 10 ns an event, and their sorting
class event_reader {
 public:
  /// Appends what was recorded since the last call, sorted by time, and returns how many events
  /// were overwritten, or being written, before they could be read. A new reader begins with the
  /// oldest event.
  ///
  /// throws    std::bad_alloc
  std::uint64_t read(std::vector<event>& out);

 private:
  std::vector<std::uint64_t> next_;  // by number of the probe block
  std::uint64_t dropped_ = 0;
};

}  // namespace weft::inline WEFT_ON
