// SPDX-License-Identifier: Apache-2.0
#include <weft/data/run_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace {

using queue = weft::basic_run_queue<int, weft::native, 8>;

struct jobs {
  std::array<int, 64> all{};
  int* operator()(std::size_t i) { return &all[i]; }
};

TEST(run_queue, is_first_in_first_out_and_holds_its_capacity) {
  queue q;
  jobs job;
  EXPECT_EQ(q.pop(), nullptr);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(q.push(job(i)));
  EXPECT_FALSE(q.push(job(8)));
  EXPECT_EQ(q.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(q.pop(), job(i));
  EXPECT_EQ(q.pop(), nullptr);
  EXPECT_EQ(q.size(), 0u);
}

TEST(run_queue, goes_round) {
  queue q;
  jobs job;
  std::size_t in = 0, out = 0;
  for (; in < 5; ++in) EXPECT_TRUE(q.push(job(in)));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(q.pop(), job(out++ % 64));
    EXPECT_TRUE(q.push(job(in++ % 64)));
  }
  EXPECT_EQ(q.size(), 5u);
}

TEST(run_queue, a_thief_takes_the_older_half_rounded_up) {
  jobs job;
  for (std::size_t n = 0; n <= 8; ++n) {
    queue from, into;
    for (std::size_t i = 0; i < n; ++i) EXPECT_TRUE(from.push(job(i)));
    int* const now = from.steal_into(into);
    EXPECT_EQ(now != nullptr, n != 0);
    auto const taken = into.size() + (now ? 1u : 0u);
    EXPECT_EQ(taken, (n + 1) / 2);
    EXPECT_EQ(from.size(), n / 2);
    std::vector<int*> all;
    while (int* j = into.pop()) all.push_back(j);
    if (now) all.push_back(now);
    while (int* j = from.pop()) all.push_back(j);
    ASSERT_EQ(all.size(), n);
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(all[i], job(i));
  }
}

TEST(run_queue, a_thief_with_too_little_room_takes_nothing) {
  queue from, into;
  jobs job;
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(from.push(job(i)));
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(into.push(job(8 + i)));
  EXPECT_EQ(from.steal_into(into), nullptr);
  EXPECT_NE(into.pop(), nullptr);
  EXPECT_NE(from.steal_into(into), nullptr);
  EXPECT_EQ(into.size(), 7u);
}

TEST(run_queue, gives_its_older_half_away) {
  queue q;
  jobs job;
  for (std::size_t i = 0; i < 8; ++i) EXPECT_TRUE(q.push(job(i)));
  std::vector<int*> given;
  EXPECT_TRUE(q.give_half([&](int* j) { given.push_back(j); }));
  EXPECT_EQ(given, (std::vector{job(0), job(1), job(2), job(3)}));
  EXPECT_EQ(q.pop(), job(4));
  EXPECT_TRUE(q.push(job(8)));
}

}  // namespace
