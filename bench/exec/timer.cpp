// SPDX-License-Identifier: Apache-2.0
// Question  What does a timer cost that is cancelled before it expires?
// Method    100,000 timers between 10 and 110 s wait; a worker adds one and cancels it, at delays
//           spread over the same range.
// Rivals    Asio steady_timer on io_context with the concurrency hint 1; the handlers of what was
//           cancelled run 64 at a time.
// Reads as  ns per add and cancel; ratio > 1 where weft is cheaper.
#include "support/asio_side.hpp"
#include "support/timer_delays.hpp"
#include "support/weft_side.hpp"

#include <deque>

namespace {

constexpr std::uint64_t pending = 100'000;

struct idle_timer : weft::timer {
  idle_timer() noexcept : weft::timer(on_expiry) {}
  static bool due(weft::timer&) noexcept { return false; }
  static void fire(weft::timer&) noexcept {}
  static constexpr action on_expiry{due, fire};
};

struct many_timers {
  many_timers() {
    for (std::uint64_t i = 0; i < pending; ++i) {
      auto& t = waiting.emplace_back();
      t.when = start + bench::delay(i);
      on->arm(t);
    }
  }
  ~many_timers() {
    for (auto& t : waiting) on->disarm(t);
  }
  std::shared_ptr<weft::runtime> on = bench::workers(1);
  weft::time_point start = on->now();
  std::deque<idle_timer> waiting;
};

weft::task<> add_and_cancel(many_timers& among, std::uint64_t n) {
  idle_timer one;
  for (std::uint64_t i = 0; i < n; ++i) {
    one.when = among.start + bench::delay(pending + i);
    among.on->arm(one);
    among.on->disarm(one);
  }
  co_return;
}

bench::sample ours() {
  return bench::per_op([among = std::make_shared<many_timers>()](std::uint64_t n) {
    weft::sync_wait(add_and_cancel(*among, n), *among->on);
  });
}

bench::sample asio() { return bench::asio_side::timers(pending); }

const bench::add row{{
    .name = "exec.timer/asio",
    .target = 4,
    .ours = ours,
    .rival = asio,
}};

}  // namespace
