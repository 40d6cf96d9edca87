// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/cache_line.hpp>
#include <weft/data/run_queue.hpp>
#include <weft/exec/timer_wheel.hpp>

namespace weft::inline WEFT_ON::detail {

class scheduler;

/// One worker: a thread's queue, its slot for the job woken last, its timers and its futex word.
///
/// threads   fields are the owner's; `next_up`, `ring`, `token` and `wheel` are for everybody
struct alignas(cache_line) worker {
  enum : std::uint32_t { asleep = 0, told = 1, polling = 2 };

  worker(scheduler& s, unsigned i, time_point start) noexcept : home(&s), index(i), wheel(start) {}

  scheduler* home;
  unsigned index;
  unsigned tick = 0;      // jobs since the last check
  unsigned check_at = 1;  // of timers, events and injection
  time_point checked{};
  unsigned streak = 0;      // jobs run from next_up in a row
  unsigned regions = 0;     // blocking regions that it is in, one inside the other
  bool searching = false;
  bool spare = false;       // stands in for one that blocks
  bool started = false;     // of a spare: it has a thread, or is being given one
  std::uint32_t random = 0;
  atoms::atomic<std::uint64_t> jobs{0}, steals{0}, parks{0};
  atoms::thread thread = atoms::thread::none;

  basic_run_queue<job, atoms, atoms::tiny ? 4 : 256> ring;
  alignas(cache_line) atoms::atomic<job*> next_up{nullptr};
  alignas(cache_line) atoms::atomic<std::uint32_t> token{asleep};
  alignas(cache_line) timer_wheel wheel;
};

}  // namespace weft::inline WEFT_ON::detail
