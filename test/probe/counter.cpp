// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/counter.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

bool listed(weft::counter const& which) {
  bool found = false;
  weft::for_each_counter([&](weft::counter const& c) { found |= &c == &which; });
  return found;
}

constinit weft::counter plain{"test.plain", "counted by one thread"};
TEST(counter, counts_and_is_listed_from_its_first_use) {
  EXPECT_EQ(plain.read(), 0u);
  EXPECT_FALSE(listed(plain));
  plain.add();
  plain.add(41);
  EXPECT_EQ(plain.read(), 42u);
  EXPECT_TRUE(listed(plain));
  EXPECT_EQ(std::string(plain.name()), "test.plain");
  EXPECT_EQ(std::string(plain.help()), "counted by one thread");
}

constinit weft::counter idle{"test.idle", "never counted"};
TEST(counter, can_be_listed_before_anything_was_counted) {
  idle.enlist();
  idle.enlist();
  EXPECT_TRUE(listed(idle));
  EXPECT_EQ(idle.read(), 0u);
  int times = 0;
  weft::for_each_counter([&](weft::counter const& c) { times += &c == &idle; });
  EXPECT_EQ(times, 1);
}

constinit weft::counter crowd{"test.crowd", "counted by many short threads"};
TEST(counter, threads_that_come_and_go_lose_nothing) {
  constexpr int rounds = 40, threads = 8, adds = 500;
  for (int r = 0; r < rounds; ++r) {
    std::vector<std::thread> all;
    for (int t = 0; t < threads; ++t) {
      all.emplace_back([] {
        for (int i = 0; i < adds; ++i) crowd.add();
      });
    }
    for (auto& t : all) t.join();
    ASSERT_EQ(crowd.read(), std::uint64_t(r + 1) * threads * adds);
  }
}

constinit weft::counter late{"test.late", "counted by exit hooks"};
TEST(counter, an_exit_hook_may_count_after_probe_has_left_the_thread) {
  auto blocks = [] {
    int n = 0;
    for (auto* b = weft::detail::all_probe_blocks(); b; b = b->next) ++n;
    return n;
  };
  for (int i = 0; i < 10; ++i) {
    std::thread([] {
      weft::this_thread()->at_exit([](weft::thread_record&, void*) noexcept { late.add(); },
                                   nullptr);  // runs last
      late.add();
    }).join();
  }
  int const before = blocks();
  for (int i = 0; i < 10; ++i) {
    std::thread([] { late.add(2); }).join();
  }
  EXPECT_EQ(late.read(), 40u);
  EXPECT_EQ(blocks(), before) << "a block of a thread that ended is used again";
}

constinit weft::counter rising{"test.rising", "read while counted"};
TEST(counter, read_never_goes_back) {
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int t = 0; t < 4; ++t) {
    writers.emplace_back([&] {
      while (!stop) {
        std::thread([] {
          for (int i = 0; i < 100; ++i) rising.add(3);
        }).join();
      }
    });
  }
  std::uint64_t last = 0;
  bool good = true;
  for (int i = 0; i < 20000; ++i) {
    auto const now = rising.read();
    good &= now >= last && now % 3 == 0;
    last = now;
  }
  stop = true;
  for (auto& t : writers) t.join();
  EXPECT_TRUE(good);
  EXPECT_EQ(rising.read() % 300, 0u);
}

}  // namespace
