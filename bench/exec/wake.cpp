// SPDX-License-Identifier: Apache-2.0
// Question  How long does it take to wake a sleeping worker?
// Method    A thread posts a job to a runtime of one worker, whose worker sleeps, and the job reads
//           the clock. Before each post the thread spins until the worker is asleep, and 20 us more
//           for the kernel's part of it; that is not counted.
// Rivals    A thread that waits on std::condition_variable, woken in the same way.
// Reads as  ns from the post to the first line of the job, the median of 400; ratio > 1 where weft
//           is faster.
#include "support/weft_side.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

std::uint64_t how_many() { return bench::current().quick ? 10 : 400; }

void spin_for(clock::duration d) {
  for (auto const end = clock::now() + d; clock::now() < end;) weft::atoms::pause();
}

struct stamp : weft::job {
  stamp() noexcept : job(take) {}
  static void take(weft::job& j) noexcept {
    static_cast<stamp&>(j).at.store(clock::now(), std::memory_order_release);
  }
  std::atomic<clock::time_point> at{clock::time_point{}};
};

// The median: a wake that the kernel put behind another program says nothing about either side.
template <class Prepare, class Wake>
double median_delay(std::atomic<clock::time_point>& at, Prepare prepare, Wake wake) {
  std::vector<double> delays(how_many());
  for (double& delay : delays) {
    prepare();
    spin_for(20us);
    at.store({}, std::memory_order_relaxed);
    auto const begin = clock::now();
    wake();
    clock::time_point seen;
    while ((seen = at.load(std::memory_order_acquire)) == clock::time_point{}) weft::atoms::pause();
    delay = std::chrono::duration<double, std::nano>(seen - begin).count();
  }
  std::ranges::nth_element(delays, delays.begin() + delays.size() / 2);
  return delays[delays.size() / 2];
}

bench::sample ours() {
  return [on = bench::workers(1), job = std::make_shared<stamp>()] {
    return median_delay(
        job->at,
        [&] {
          while (on->stats().idle == 0) weft::atoms::pause();
        },
        [&] { on->post(*job); });
  };
}

class waiting_thread {
 public:
  ~waiting_thread() { wake(2); }
  void until_asleep() {
    for (;; weft::atoms::pause()) {
      std::scoped_lock hold{lock_};
      if (asleep_) return;
    }
  }
  void wake(int why = 1) {
    {
      std::scoped_lock hold{lock_};
      told_ = why;
    }
    ready_.notify_one();
  }
  std::atomic<clock::time_point> at{clock::time_point{}};

 private:
  void run() {
    for (std::unique_lock hold{lock_};;) {
      asleep_ = true;
      ready_.wait(hold, [this] { return told_ != 0; });
      at.store(clock::now(), std::memory_order_release);
      asleep_ = false;
      if (std::exchange(told_, 0) == 2) return;
    }
  }
  std::mutex lock_;
  std::condition_variable ready_;
  bool asleep_ = false;
  int told_ = 0;
  std::jthread thread_{[this] { run(); }};
};

bench::sample condition_variable() {
  return [other = std::make_shared<waiting_thread>()] {
    return median_delay(other->at, [&] { other->until_asleep(); }, [&] { other->wake(); });
  };
}

const bench::add row{{
    .name = "exec.wake/condvar",
    .target = 0.9,
    .ours = ours,
    .rival = condition_variable,
}};

}  // namespace
