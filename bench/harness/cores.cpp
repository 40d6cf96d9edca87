// SPDX-License-Identifier: Apache-2.0
#include "cores.hpp"

#include <sched.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <thread>

#include "sampler.hpp"
#include "stats.hpp"

namespace bench {
namespace {

constexpr int batches = 9;
constexpr std::uint32_t trips = 1000;

struct pair {
  int first = -1;
  int last = -1;
};

pair outermost_processors() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  pair found;
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) return found;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    if (found.first < 0) found.first = cpu;
    found.last = cpu;
  }
  return found;
}

// Best effort: unpinned threads give a figure too, only a less steady one.
void pin_this_thread(int cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET(cpu, &only);
  (void)::sched_setaffinity(0, sizeof only, &only);
}

struct alignas(128) word {
  std::atomic<std::uint32_t> value{0};
};

void answer(word& shared, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    while (shared.value.load(std::memory_order_acquire) != 2 * i + 1) {  // sub bench.ball
    }
    shared.value.store(2 * i + 2, std::memory_order_release);  // pub bench.ball -> ask
  }
}

void ask(word& shared, std::uint32_t from, std::uint32_t count) {
  for (std::uint32_t i = from; i < from + count; ++i) {
    shared.value.store(2 * i + 1, std::memory_order_release);            // pub bench.ball -> answer
    while (shared.value.load(std::memory_order_acquire) != 2 * i + 2) {  // sub bench.ball
    }
  }
}

}  // namespace

double word_round_trip() {
  const pair cpu = outermost_processors();
  if (cpu.first == cpu.last) return std::numeric_limits<double>::infinity();
  word shared;
  std::array<double, batches - 1> spent{};
  std::jthread far_end{[&] {
    pin_this_thread(cpu.last);
    answer(shared, batches * trips);
  }};
  std::jthread near_end{[&] {
    pin_this_thread(cpu.first);
    ask(shared, 0, trips);  // warms up, and lets the other thread reach its processor
    for (std::uint32_t i = 1; i < batches; ++i)
      spent[i - 1] = nanoseconds_of([&] { ask(shared, i * trips, trips); }) / trips;
  }};
  near_end.join();
  far_end.join();
  return median(spent);
}

std::string_view state_of(double round_trip) {
  return round_trip < far_round_trip ? "near" : "far";
}

}  // namespace bench
