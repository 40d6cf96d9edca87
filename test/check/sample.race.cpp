// SPDX-License-Identifier: Apache-2.0
// The samples on the native atoms and real threads: what the checker has shown for a few steps, for
// many.
#include <support/duration.hpp>

#include <check/sample/dekker.hpp>
#include <check/sample/deque.hpp>
#include <check/sample/pin.hpp>
#include <check/sample/queue.hpp>
#include <check/sample/ring.hpp>
#include <check/sample/slot_stack.hpp>
#include <check/sample/spin_lock.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <numeric>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

// Runs each body again and again, beside the others, until the time is over.
void beside_each_other(std::vector<std::function<void()>> const& bodies) {
  auto const end = clock::now() + weft_test::duration(100ms);
  std::vector<std::jthread> threads;
  for (auto const& body : bodies) {
    threads.emplace_back([&body, end] {
      do {
        for (int i = 0; i < 100; ++i) body();
      } while (clock::now() < end);
    });
  }
}

TEST(sample_race, a_slot_has_one_owner) {
  constexpr std::uint32_t slots = 3;
  sample::slot_stack<long, slots> s;
  for (std::uint32_t i = 0; i < slots; ++i) s.push(i);
  std::atomic<long> uses = 0;
  auto const use = [&] {
    auto const slot = s.pop();
    if (slot == s.none) return;
    s[slot] = s[slot] + 1;
    s.push(slot);
    ++uses;
  };
  beside_each_other({use, use, use, use});
  long sum = 0;
  for (std::uint32_t i = 0; i < slots; ++i) sum += s[i];
  EXPECT_EQ(sum, uses);
}

TEST(sample_race, a_ring_keeps_the_order) {
  sample::ring<long, 4> r;
  long pushed = 0, popped = 0, wrong = 0;
  beside_each_other({[&] { pushed += r.push(pushed) ? 1 : 0; },
                     [&] {
                       if (auto const item = r.pop()) wrong += *item == popped++ ? 0 : 1;
                     }});
  while (r.pop()) ++popped;
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(popped, pushed);
}

TEST(sample_race, a_queue_loses_nothing) {
  sample::queue<long, 4> q;
  std::atomic<long> number = 0, in = 0, out = 0;
  auto const push = [&] {
    long const item = ++number;
    if (q.push(item)) in += item;
  };
  auto const pop = [&] {
    if (auto const item = q.pop()) out += *item;
  };
  beside_each_other({push, push, pop, pop});
  while (auto const item = q.pop()) out += *item;
  EXPECT_EQ(in, out);
}

TEST(sample_race, an_item_of_a_deque_is_taken_once) {
  sample::deque<long, 4> d;
  long next = 1, pushed = 0, popped = 0;
  std::atomic<long> stolen = 0;
  auto const steal = [&] { stolen += d.steal().value_or(0); };
  beside_each_other({[&] {
                       for (int i = 0; i < 2; ++i, ++next) pushed += d.push(next) ? next : 0;
                       for (int i = 0; i < 2; ++i) popped += d.pop().value_or(0);
                     },
                     steal, steal});
  while (auto const item = d.pop()) popped += *item;
  EXPECT_EQ(popped + stolen, pushed);
}

template <sample::barrier Barrier>
void readers_find_what_is_whole() {
  struct object {
    explicit object(long v) : one(v), other(-v) {}
    ~object() { one = other = 1; }
    std::atomic<long> one, other;
  };
  sample::pinned<object, 2, Barrier> p(new object(0));
  std::atomic<long> wrong = 0;
  auto const read = [&](unsigned reader) {
    return [&, reader] {
      typename decltype(p)::pin const here(p, reader);
      auto const* const o = here.get();
      if (o->one + o->other != 0) ++wrong;
    };
  };
  long next = 0;
  beside_each_other({read(0), read(1), [&] { delete p.replace(new object(++next)); }});
  delete p.replace(nullptr);
  EXPECT_EQ(wrong, 0);
}
TEST(sample_race, readers_are_waited_for) {
  readers_find_what_is_whole<sample::barrier::fences>();
  readers_find_what_is_whole<sample::barrier::asymmetric>();
}

TEST(sample_race, one_thread_at_a_time_holds_a_lock) {
  sample::spin_lock<> lock;
  long held = 0;
  std::atomic<long> times = 0;
  auto const hold = [&] {
    lock.lock();
    ++held;
    lock.unlock();
    ++times;
  };
  auto const try_to = [&] {
    if (!lock.try_lock()) return;
    ++held;
    lock.unlock();
    ++times;
  };
  beside_each_other({hold, hold, try_to});
  EXPECT_EQ(held, times);
}

TEST(sample_race, dekkers_lock_is_one) {
  sample::dekker<> lock;
  long held = 0;
  std::array<long, 2> times{};
  auto const hold = [&](unsigned me) {
    return [&, me] {
      for (int i = 0; i < 10; ++i) {
        lock.lock(me);
        ++held;
        lock.unlock(me);
        ++times[me];
      }
      // With fewer processors than threads the other one would spin for its turn.
      std::this_thread::yield();
    };
  };
  beside_each_other({hold(0), hold(1)});
  EXPECT_EQ(held, std::accumulate(times.begin(), times.end(), 0L));
}

}  // namespace
