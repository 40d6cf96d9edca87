// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/event.hpp>

#include <weft/probe/counter.hpp>
#include <weft/probe/ring.hpp>

#include "probe/for_ever.hpp"
#include "probe/standard_error.hpp"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <tuple>
#include <utility>

namespace weft::inline WEFT_ON {

namespace detail {

struct event_store {
  basic_event_ring<atoms::tiny ? 2 : 1024, 5, atoms> ring;
};

constinit native::atomic<unsigned> event_mask{0};

}  // namespace detail

namespace {

constinit counter events_dropped{"probe.events_dropped",
                                 "events lost because there was no memory for a thread's ring"};

struct named_area {
  std::string_view name;
  area bit;
};
constexpr named_area areas[]{{"sched", area::sched}, {"wait", area::wait}, {"chan", area::chan},
                             {"task", area::task},   {"mem", area::mem},   {"sync", area::sync},
                             {"all", area::all}};

constexpr unsigned printed_shift = 16;

void set_half(unsigned shift, area which) noexcept {
  unsigned old = detail::event_mask.load(relaxed);            // rlx cas
  unsigned const keep = ~(0xffffu << shift);
  while (!detail::event_mask.compare_exchange_weak(
      old, (old & keep) | static_cast<unsigned>(which) << shift, relaxed, relaxed)) {  // rlx cas
  }
}

area half(unsigned shift) noexcept {
  return static_cast<area>(detail::event_mask.load(relaxed) >> shift & 0xffffu);  // rlx hint
}

detail::event_store* store_of(thread_record& t) noexcept {
  auto* block = detail::enter_probe(t);
  if (!block) return nullptr;
  auto* store = block->events.load(relaxed);                  // rlx owner
  if (!store) {
    store = detail::make_for_ever<detail::event_store>();
    block->events.store(store, release);                      // pub probe.events -> read
  }
  return store;
}

time_point const start = native::now();

void print(event const& e) noexcept {
  std::string_view where = "?";
  for (auto& a : areas) {
    if (a.bit == e.where) where = a.name;
  }
  auto const since = std::chrono::duration<double>(e.when - start).count();
  char line[256];
  int const n = std::snprintf(line, sizeof line,
                              "weft %.6f t%u %.*s %s %" PRIu64 " %" PRIu64 "\n", since, e.thread,
                              static_cast<int>(where.size()), where.data(), e.name, e.a, e.b);
  if (n <= 0) return;
  auto const length = std::min(static_cast<std::size_t>(n), sizeof line - 1);
  line[length - 1] = '\n';  // also where a long name was cut off
  write_standard_error({line, length});
}

bool read_environment() noexcept {
  char const* asked = std::getenv("WEFT_DEBUG");
  if (!asked) return false;
  try {
    std::string unknown;
    print_events(parse_areas(asked, unknown));
    if (!unknown.empty()) {
      write_standard_error("weft: WEFT_DEBUG: no area is called '" + unknown +
                           "'; the areas are " + area_names() + "\n");
    }
  } catch (std::bad_alloc const&) {  // nothing is printed then
  }
  return true;
}
[[maybe_unused]] bool const environment_read = read_environment();

}  // namespace

namespace detail {

void emit_event(area where, char const* name, std::uint64_t a, std::uint64_t b) noexcept {
  thread_record& t = *this_thread();
  event const e{atoms::now(), where, t.slot(), 0, name, a, b};
  if ((recorded_events() & where) != area::none) {
    if (auto* store = store_of(t)) {
      store->ring.push({static_cast<std::uint64_t>(e.when.time_since_epoch().count()),
                        static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(name)), a, b,
                        static_cast<std::uint64_t>(where) << 32 | e.thread});
    } else {
      events_dropped.add();
    }
  }
  if ((printed_events() & where) != area::none) print(e);
}

}  // namespace detail

void record_events(area which) noexcept { set_half(0, which); }
area recorded_events() noexcept { return half(0); }
void print_events(area which) noexcept { set_half(printed_shift, which); }
area printed_events() noexcept { return half(printed_shift); }

area parse_areas(std::string_view list, std::string& unknown) {
  area found = area::none;
  while (!list.empty()) {
    auto const word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    auto const* it = std::find_if(std::begin(areas), std::end(areas),
                                  [&](auto& a) { return a.name == word; });
    if (it != std::end(areas)) {
      found = found | it->bit;
    } else if (!word.empty()) {
      if (!unknown.empty()) unknown += ',';
      unknown += word;
    }
  }
  return found;
}

char const* area_names() noexcept { return "sched, wait, chan, task, mem, sync, all"; }

std::uint64_t event_reader::read(std::vector<event>& out) {
  auto const old_size = static_cast<std::ptrdiff_t>(out.size());
  std::uint64_t const dropped = events_dropped.read();
  std::uint64_t missed = dropped - std::exchange(dropped_, dropped);
  for (auto* b = detail::all_probe_blocks(); b; b = b->next) {
    auto* store = b->events.load(acquire);                    // sub probe.events
    if (!store) continue;
    if (next_.size() <= b->number) next_.resize(b->number + 1);
    auto& next = next_[b->number];
    missed += store->ring.read(next, [&](auto& words) {
      event e;
      e.number = next;
      e.when = time_point(duration(static_cast<std::int64_t>(words[0])));
      e.name = reinterpret_cast<char const*>(static_cast<std::uintptr_t>(words[1]));
      e.a = words[2];
      e.b = words[3];
      e.where = static_cast<area>(words[4] >> 32);
      e.thread = static_cast<unsigned>(words[4]);
      out.push_back(e);
    });
  }
  std::sort(out.begin() + old_size, out.end(), [](event const& x, event const& y) {
    return std::tie(x.when, x.thread, x.number) < std::tie(y.when, y.thread, y.number);
  });
  return missed;
}

}  // namespace weft::inline WEFT_ON
