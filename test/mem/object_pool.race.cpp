// SPDX-License-Identifier: Apache-2.0
// Threads that pass objects round, come and go, and trim: no object is ever two threads', and none
// is lost.
#include <weft/base/spin_lock.hpp>
#include <weft/mem/object_pool.hpp>

#include <support/seed.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace {

struct node {
  std::uint64_t canary;
  std::array<std::uint64_t, 6> filler;
  std::uint64_t echo;
  explicit node(std::uint64_t n) : canary(n), filler{n, n, n, n, n, n}, echo(n) {}
  [[nodiscard]] bool whole() const {
    for (auto const f : filler) {
      if (f != canary) return false;
    }
    return echo == canary;
  }
};

struct shelf {
  weft::spin_lock lock;
  node* held = nullptr;
};

class storm {
 public:
  explicit storm(std::size_t most) : pool(weft::pool_options{.most = most}) {}
  weft::object_pool<node> pool;
  std::array<shelf, 128> shelves;
  std::atomic<bool> good{true};
  std::atomic<std::uint64_t> refused{0};

  void work(std::uint32_t seed, int turns, bool trims) {
    std::minstd_rand random(seed);
    for (int i = 0; i < turns; ++i) {
      node* mine = pool.try_acquire(random());
      if (!mine) ++refused;
      auto& s = shelves[random() % shelves.size()];
      {
        std::scoped_lock hold{s.lock};
        std::swap(mine, s.held);
      }
      if (mine) {
        if (!mine->whole()) good = false;
        pool.release(mine);
      }
      if (trims && random() % 1000 == 0) pool.trim();
    }
  }
  void end() {
    for (auto& s : shelves) {
      if (s.held && !s.held->whole()) good = false;
      pool.release(std::exchange(s.held, nullptr));
    }
  }
};

TEST(object_pool_race, threads_that_pass_objects_round) {
  auto const seed = weft_test::seed();
  for (std::size_t const most : {std::size_t{0}, std::size_t{60}}) {
    storm s{most};
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] { s.work(static_cast<std::uint32_t>(seed + i), 20000, i == 0); });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(s.refused != 0, most != 0);
    s.end();
    EXPECT_TRUE(s.good);
    EXPECT_EQ(s.pool.in_use(), 0u);
    s.pool.trim();
    EXPECT_EQ(s.pool.usage().bytes, 0u);
  }
}

TEST(object_pool_race, threads_that_come_and_go) {
  auto const seed = weft_test::seed();
  storm s{0};
  std::vector<std::thread> lines;
  for (unsigned line = 0; line < 4; ++line) {
    lines.emplace_back([&, line] {
      for (unsigned i = 0; i < 100; ++i) {
        std::thread([&] {
          s.work(static_cast<std::uint32_t>(seed + line * 1000 + i), 200, false);
        }).join();
      }
    });
  }
  for (auto& t : lines) t.join();
  s.end();
  EXPECT_TRUE(s.good);
  EXPECT_EQ(s.pool.in_use(), 0u);
  EXPECT_LE(s.pool.usage().threads, 5u);
}

// Each pool ends while threads that used it end.
TEST(object_pool_race, pools_that_end_beside_threads) {
  for (int round = 0; round < 300; ++round) {
    std::vector<std::thread> threads;
    {
      weft::object_pool<node> pool;
      std::atomic<int> done{0};
      for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
          pool.release(pool.acquire(1u));
          done.fetch_add(1);
          done.notify_one();
        });
      }
      for (int n = done; n != 3; n = done) done.wait(n);
    }
    for (auto& t : threads) t.join();
  }
}

}  // namespace
