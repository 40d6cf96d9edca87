// SPDX-License-Identifier: Apache-2.0
// Question  What does a reader that stands still for a second cost those who go on?
// Method    One thread sleeps inside a protected section, with a node guarded. Another pushes and
//           pops on Michael and Scott's queue for that second. pin_peak: the most nodes that were
//           made and not freed, looked at each millisecond. pin_rate: pushes and pops a second.
//           weft: the sleeper holds a plain pin, for which no bound is promised: it is here to be
//           seen beside the others.
// Rivals    xenium's schemes, ck_epoch and liburcu's memb flavour, as in the other rows. Of them
//           only hazard pointers bound what one sleeper holds back.
// Reads as  nodes, and pairs a second; ratio > 1 where weft holds back less, or does more.
#include "workload.hpp"

#include <algorithm>
#include <chrono>

namespace {

using bench::sample;

struct tally {
  static inline std::atomic<std::int64_t> alive{0};
  tally() { alive.fetch_add(1, std::memory_order_relaxed); }
  tally(tally const&) = delete;
  tally& operator=(tally const&) = delete;
  ~tally() { alive.fetch_sub(1, std::memory_order_relaxed); }
};

// The scheme, with its nodes counted.
template <class S>
struct counted : S {
  template <class N>
  struct base : S::template base<N>, tally {};
};

struct seen {
  double peak = 0;
  double rate = 0;
};

template <class Plain>
seen stalled() {
  using S = counted<Plain>;
  struct node : S::template base<node> {};
  typename S::template cell<node> at{};
  at.store(typename S::template word<node>{new node}, std::memory_order_release);
  bench::queue<S> all;
  std::atomic<bool> inside{false};
  std::atomic<bool> over{false};
  std::atomic<std::uint64_t> pairs{0};
  std::thread sleeper{[&] {
    typename S::thread me;
    typename S::region in{me};
    typename S::template guard<node> held;
    held.acquire(at, std::memory_order_acquire);
    inside.store(true, std::memory_order_release);
    inside.notify_one();
    over.wait(false, std::memory_order_acquire);
  }};
  inside.wait(false, std::memory_order_acquire);
  std::thread worker{[&] {
    typename S::thread me;
    std::uint64_t value = 0;
    std::uint64_t n = 0;
    while (!over.load(std::memory_order_relaxed)) {
      all.push(me, ++n);
      all.pop(me, value);
    }
    if (value == 0) throw std::logic_error{"nothing was popped"};
    pairs.store(n, std::memory_order_relaxed);
  }};
  auto const length = std::chrono::milliseconds{bench::current().quick ? 50 : 1000};
  auto const from = std::chrono::steady_clock::now();
  seen s;
  while (std::chrono::steady_clock::now() - from < length) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});  // what is measured takes its time
    s.peak = std::max(s.peak, static_cast<double>(tally::alive.load(std::memory_order_relaxed)));
  }
  over.store(true, std::memory_order_release);
  over.notify_all();
  auto const took = std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  worker.join();
  sleeper.join();
  s.rate = static_cast<double>(pairs.load(std::memory_order_relaxed)) / took;
  delete at.load(std::memory_order_relaxed).get();
  return s;
}

struct peak {
  template <class S>
  static sample of() {
    return [] { return stalled<S>().peak; };
  }
};
struct rate {
  template <class S>
  static sample of() {
    return [] { return stalled<S>().rate; };
  }
};

bool const added = [] {
  bench::compare<peak, bench::weft_pins>("mem.stall.pin_peak", [](bench::row& r) {
    r.unit = "nodes";
    r.own_process = true;
  });
  bench::compare<rate, bench::weft_pins>("mem.stall.pin_rate", [](bench::row& r) {
    r.unit = "op/s";
    r.good = bench::better::larger;
    r.own_process = true;
  });
  return true;
}();

}  // namespace
