// SPDX-License-Identifier: Apache-2.0
#include <weft/check/linearizability.hpp>
#include <weft/check/monitor.hpp>
#include <weft/check/opacity.hpp>
#include <weft/check/specifications.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "support/duration.hpp"
#include "support/seed.hpp"

namespace {

using namespace std::chrono_literals;
namespace check = weft::check;
using check::answer;

using queue = check::queue_spec<int>;
using stack = check::stack_spec<int>;

template <class F>
void together(unsigned threads, F f) {
  std::barrier start(threads);
  std::vector<std::thread> all;
  for (unsigned t = 0; t < threads; ++t) {
    all.emplace_back([&, t] {
      start.arrive_and_wait();
      f(t);
    });
  }
  for (auto& t : all) t.join();
}

// What is under test is locked, so that the thread sanitizer has nothing to say; `torn` looks and
// takes under two locks, so that two may take the same.
class container {
 public:
  container(bool first_out, bool torn) : first_out_(first_out), torn_(torn) {}

  void push(int v) {
    std::lock_guard lock(mutex_);
    items_.push_back(v);
  }
  std::optional<int> pop() {
    std::optional<int> v;
    {
      std::lock_guard lock(mutex_);
      if (items_.empty()) return v;
      v = first_out_ ? items_.front() : items_.back();
      if (!torn_) take();
    }
    if (torn_) {
      std::this_thread::yield();
      std::lock_guard lock(mutex_);
      if (!items_.empty()) take();
    }
    return v;
  }

 private:
  void take() {
    if (first_out_) items_.pop_front();
    else items_.pop_back();
  }
  std::mutex mutex_;
  std::deque<int> items_;
  bool first_out_, torn_;
};

template <class Spec>
void burst(check::history<Spec>& h, container& c, unsigned threads, unsigned calls, unsigned seed) {
  together(threads, [&](unsigned t) {
    auto me = h.client(t);
    std::minstd_rand random(seed + t);
    for (unsigned i = 0; i < calls; ++i) {
      if (random() % 2) {
        auto const v = static_cast<int>(t * calls + i);
        me.call(typename Spec::push{v}, [&] { c.push(v); });
      } else {
        me.call(typename Spec::pop{}, [&] { return c.pop(); });
      }
    }
  });
}

template <class Spec>
void bursts() {
  auto seed = static_cast<unsigned>(weft_test::seed());
  constexpr unsigned threads = 4, calls = 25;
  auto const end = std::chrono::steady_clock::now() + weft_test::duration(200ms);
  check::history<Spec> h(threads, calls);
  unsigned rounds = 0;
  do {
    container good(std::is_same_v<Spec, queue>, false);
    h.clear();
    burst(h, good, threads, calls, seed += threads);
    auto const j = check::linearizable(h);
    ASSERT_TRUE(j) << j.text();
    auto const m = check::monitor(h);
    ASSERT_TRUE(m) << m.text();
    ++rounds;
  } while (std::chrono::steady_clock::now() < end);
  bool found = false, noticed = false;
  unsigned wrong = 0;
  for (; wrong < 10'000 && !(found && noticed); ++wrong) {
    container torn(std::is_same_v<Spec, queue>, true);
    h.clear();
    burst(h, torn, threads, calls, seed += threads);
    found |= check::linearizable(h).said() == answer::no;
    noticed |= check::monitor(h).said() == answer::no;
  }
  std::printf("%u bursts of the right one; the torn one was found after %u\n", rounds, wrong);
  EXPECT_TRUE(found);
  EXPECT_TRUE(noticed);
}

TEST(history_race, bursts_on_a_queue) { bursts<queue>(); }
TEST(history_race, bursts_on_a_stack) { bursts<stack>(); }

template <class Spec>
void soak() {
  auto const seed = static_cast<unsigned>(weft_test::seed());
  constexpr unsigned threads = 4, calls = 50'000;
  check::history<Spec> h(threads, calls);
  container good(std::is_same_v<Spec, queue>, false);
  burst(h, good, threads, calls, seed);
  EXPECT_EQ(h.size(), threads * calls);
  auto const j = check::monitor(h);
  EXPECT_TRUE(j) << j.text();
}

TEST(history_race, a_soak_of_a_queue) { soak<queue>(); }
TEST(history_race, a_soak_of_a_stack) { soak<stack>(); }

TEST(history_race, a_long_history_of_a_set_key_by_key) {
  using set = check::set_spec<int>;
  auto const seed = static_cast<unsigned>(weft_test::seed());
  constexpr unsigned threads = 4, calls = 25'000;
  check::history<set> h(threads, calls + 1);
  std::mutex mutex;
  std::set<int> s;
  together(threads, [&](unsigned t) {
    auto me = h.client(t);
    std::minstd_rand random(seed + t);
    for (unsigned i = 0; i < calls; ++i) {
      int const k = static_cast<int>(random() % 16);
      switch (random() % 3) {
        case 0:
          me.call(set::insert{k}, [&] {
            std::lock_guard lock(mutex);
            return s.insert(k).second;
          });
          break;
        case 1:
          me.call(set::erase{k}, [&] {
            std::lock_guard lock(mutex);
            return s.erase(k) != 0;
          });
          break;
        default:
          me.call(set::contains{k}, [&] {
            std::lock_guard lock(mutex);
            return s.contains(k);
          });
      }
    }
  });
  EXPECT_TRUE(check::linearizable(h));
  h.client(0).call(set::contains{3}, [&] { return !s.contains(3); });
  EXPECT_EQ(check::linearizable(h).said(), answer::no);
}

// Two threads hand a turn to each other: whoever has it comes after whoever had it.
TEST(history_race, a_call_that_returned_before_another_began_is_ordered_before_it) {
  constexpr unsigned rounds = 20'000;
  check::history<queue> h(2, rounds);
  std::atomic<unsigned> turn{0};
  together(2, [&](unsigned t) {
    auto me = h.client(t);
    for (unsigned i = t; i < 2 * rounds; i += 2) {
      while (turn.load(std::memory_order_acquire) != i) std::this_thread::yield();
      me.call(queue::push{0}, [] {});
      turn.store(i + 1, std::memory_order_release);
    }
  });
  for (unsigned i = 0; i + 1 < 2 * rounds; ++i) {
    auto const& earlier = h.calls(i % 2)[i / 2];
    auto const& later = h.calls((i + 1) % 2)[(i + 1) / 2];
    ASSERT_TRUE(check::real_time::precedes(earlier.returned, later.invoked)) << i;
  }
}

// Transactions under one lock; `torn` gives the lock back between two reads.
void transact(check::transaction_history<>& h, bool torn, unsigned seed) {
  std::mutex mutex;
  std::array<int, 3> values{};
  std::atomic<int> fresh{0};
  together(3, [&](unsigned t) {
    std::minstd_rand random(seed + t);
    for (int i = 0; i < 20; ++i) {
      std::unique_lock lock(mutex, std::defer_lock);
      auto attempt = h.begin(t);
      lock.lock();
      for (int v = 0; v < 3; ++v) {
        attempt.read(v, [&] { return values[static_cast<std::size_t>(v)]; });
        if (torn && t == 0) {
          lock.unlock();
          std::this_thread::yield();
          lock.lock();
        }
      }
      if (t == 0 || random() % 4 == 0) continue;  // aborted, by being destroyed
      std::array<int, 3> written{};
      for (int v = 0; v < 3; ++v) {
        written[static_cast<std::size_t>(v)] = ++fresh;
        attempt.write(v, written[static_cast<std::size_t>(v)], [] {});
      }
      attempt.commit([&] {
        values = written;
        lock.unlock();
        return true;
      });
    }
  });
}

TEST(history_race, transactions_under_a_lock_are_opaque_and_torn_ones_are_not) {
  auto seed = static_cast<unsigned>(weft_test::seed());
  auto const end = std::chrono::steady_clock::now() + weft_test::duration(200ms);
  check::transaction_history<> h(3, 20, 120);
  do {
    h.clear();
    transact(h, false, seed += 3);
    auto const j = check::opaque(h);
    ASSERT_TRUE(j) << j.text();
  } while (std::chrono::steady_clock::now() < end);
  unsigned rounds = 0;
  for (bool found = false; !found; ++rounds) {
    ASSERT_LT(rounds, 10'000u);
    h.clear();
    transact(h, true, seed += 3);
    found = check::opaque(h).said() == answer::no;
    auto const committed = check::strictly_serializable(h);  // the torn ones all abort
    ASSERT_TRUE(committed) << committed.text();
  }
  std::printf("the torn ones were found after %u rounds\n", rounds);
}

}  // namespace
