// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <latch>
#include <memory>
#include <numeric>
#include <ranges>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

std::vector<long> up_to(long n) {
  std::vector<long> v(static_cast<std::size_t>(n));
  std::iota(v.begin(), v.end(), 0L);
  return v;
}

weft::runtime::options four() {
  weft::runtime::options o;
  o.workers = 4;  // more than the machine may have: orders that it would not show
  return o;
}

struct parallel : testing::TestWithParam<std::size_t> {
  weft::runtime on{four()};
  weft::parallel_options how{.grain = GetParam(), .on = &on};
};
INSTANTIATE_TEST_SUITE_P(chunks, parallel, testing::Values(0, 1, 7, 100'000));

TEST_P(parallel, for_each_calls_once_with_each) {
  std::vector<std::atomic<int>> seen(10'000);
  weft::parallel_for_each(seen, [](std::atomic<int>& s) { ++s; }, how);
  for (auto const& s : seen) EXPECT_EQ(s, 1);
}

TEST_P(parallel, map_keeps_the_order) {
  auto const squares = weft::parallel_map(up_to(10'000), [](long x) { return x * x; }, how);
  ASSERT_EQ(squares.size(), 10'000u);
  for (long i = 0; i < 10'000; ++i) EXPECT_EQ(squares[static_cast<std::size_t>(i)], i * i);
}

// Bits share words, and what has no default cannot be made before its value is there.
TEST_P(parallel, map_gives_what_has_no_place_to_be_made_in) {
  struct name {
    explicit name(long of) : text(std::make_unique<std::string>(std::to_string(of))) {}
    std::unique_ptr<std::string> text;
  };
  auto const names = weft::parallel_map(up_to(1000), [](long x) { return name(x); }, how);
  ASSERT_EQ(names.size(), 1000u);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(*names[i].text, std::to_string(i));
  auto const odd = weft::parallel_map(up_to(1000), [](long x) { return x % 2 != 0; }, how);
  for (std::size_t i = 0; i < 1000; ++i) EXPECT_EQ(odd[i], i % 2 != 0);
}

TEST_P(parallel, filter_keeps_the_order) {
  auto const some = weft::parallel_filter(up_to(1000), [](long x) { return x % 100 == 1; }, how);
  EXPECT_THAT(some, ElementsAre(1, 101, 201, 301, 401, 501, 601, 701, 801, 901));
}

TEST_P(parallel, reduce_needs_no_commutative_operation_and_begins_once) {
  std::string expected = "begin";
  for (int i = 0; i < 500; ++i) expected += std::to_string(i % 10);
  auto digits = weft::parallel_map(up_to(500), [](long x) { return std::to_string(x % 10); }, how);
  EXPECT_EQ(weft::parallel_reduce(digits, std::string("begin"), std::plus{}, how), expected);
  EXPECT_EQ(weft::parallel_reduce(std::vector<int>{}, 7L, std::plus{}, how), 7);
}

TEST_P(parallel, any_range_with_numbers_will_do) {
  auto const numbers = std::views::iota(0, 1000);
  EXPECT_EQ(weft::parallel_reduce(numbers, 0L, std::plus{}, how), 499'500);
  std::deque<int> const d{3, 1, 2};
  EXPECT_THAT(weft::parallel_map(d, [](int x) { return x + 1; }, how), ElementsAre(4, 2, 3));
  std::vector<bool> bits{true, false, true};
  EXPECT_THAT(weft::parallel_filter(bits, [](bool b) { return b; }, how), ElementsAre(true, true));
}

TEST_P(parallel, the_first_error_is_thrown_when_nobody_runs_any_more) {
  std::atomic<int> running{0};
  auto const fails = [&](long x) {
    struct one {
      explicit one(std::atomic<int>& count) : n(count) { ++n; }
      ~one() { --n; }
      std::atomic<int>& n;
    } const here{running};
    if (x % 1000 == 999) throw std::runtime_error("at " + std::to_string(x % 1000));
  };
  for (int i = 0; i < 100; ++i) {
    try {
      weft::parallel_for_each(up_to(5000), fails, how);
      FAIL();
    } catch (std::runtime_error const& e) {
      EXPECT_STREQ(e.what(), "at 999");
    }
    EXPECT_EQ(running, 0);
  }
}

TEST_P(parallel, works_within_itself) {
  auto const sum_up_to = [&](long n) {
    return weft::parallel_reduce(up_to(n), 0L, std::plus{}, how);
  };
  auto const sums = weft::parallel_map(up_to(200), sum_up_to, how);
  for (long n = 0; n < 200; ++n) EXPECT_EQ(sums[static_cast<std::size_t>(n)], n * (n - 1) / 2);
}

TEST_P(parallel, works_in_a_task) {
  auto const body = [this]() -> weft::task<long> {
    auto const squares = weft::parallel_map(up_to(1000), [](long x) { return x * x; }, how);
    co_return weft::parallel_reduce(squares, 0L, std::plus{}, how);
  };
  EXPECT_EQ(weft::sync_wait(body(), on), 332'833'500);
}

TEST(parallel_calls, share_the_work) {
  weft::runtime on(four());
  // Each waits for another: one thread alone would never come to an end.
  std::latch both(2);
  std::atomic<int> n{0};
  weft::parallel_for_each(std::views::iota(0, 2), [&](int) { ++n, both.arrive_and_wait(); },
                          {.grain = 1, .on = &on});
  EXPECT_EQ(n, 2);
}

TEST(parallel_calls, in_a_task_do_not_hold_up_its_worker_while_others_finish) {
  weft::runtime::options two;
  two.workers = 2;
  weft::runtime on(two);
  auto const body = [&](weft::group& g) -> weft::task<> {
    std::latch both(2), freed(1);
    std::thread::id const mine = std::this_thread::get_id();
    // Both workers are in the loop; the caller is done first, and only a task can free the other.
    // A task of the group may run only where the caller waits.
    weft::parallel_for_each(std::views::iota(0, 2),
                            [&](int) {
                              both.arrive_and_wait();
                              if (std::this_thread::get_id() == mine) {
                                (void)g.spawn(
                                    [](std::latch& l) -> weft::task<> {
                                      l.count_down();
                                      co_return;
                                    },
                                    std::ref(freed));
                              } else {
                                freed.wait();
                              }
                            },
                            {.grain = 1, .on = &on});
    co_return;
  };
  weft::sync_wait(weft::with_group(body), on);
}

TEST(parallel_calls, stop_at_the_next_chunk_when_their_scope_is_cancelled) {
  weft::runtime on(four());
  std::atomic<int> calls{0};
  auto const body = [&]() -> weft::task<> {
    weft::parallel_for_each(std::views::iota(0, 1000),
                            [&](int) {
                              if (++calls == 10) weft::this_scope().cancel("enough");
                              // A call within sees it too.
                              if (weft::is_cancelled()) {
                                EXPECT_THROW(
                                    weft::parallel_for_each(std::views::iota(0, 3), [](int) {}),
                                    weft::cancelled);
                              }
                            },
                            {.grain = 1, .on = &on});
    ADD_FAILURE() << "went on";
    co_return;
  };
  try {
    weft::sync_wait(body(), on);
    FAIL();
  } catch (weft::cancelled const& c) {
    EXPECT_EQ(c.reason(), "enough");
  }
  EXPECT_GE(calls, 10);
  EXPECT_LE(calls, 10 + 4);
}

TEST(parallel_calls, under_a_shield_go_on) {
  weft::runtime on(four());
  std::atomic<int> calls{0};
  auto const body = [&]() -> weft::task<int> {
    weft::this_scope().cancel("later");
    weft::shield until_done;
    weft::parallel_for_each(std::views::iota(0, 1000), [&](int) { ++calls; },
                            {.grain = 1, .on = &on});
    co_return calls.load();
  };
  try {
    (void)weft::sync_wait(body(), on);
  } catch (weft::cancelled const&) {  // at its end, where the shield is down
  }
  EXPECT_EQ(calls, 1000);
}

TEST(parallel_calls, of_one_worker_or_one_element_use_no_other_thread) {
  std::set<std::thread::id> threads;
  auto const note = [&](int) { threads.insert(std::this_thread::get_id()); };
  weft::parallel_for_each(std::views::single(1), note);
  EXPECT_THAT(threads, ElementsAre(std::this_thread::get_id()));
  weft::runtime::options one;
  one.workers = 1;
  weft::runtime on(one);
  threads.clear();
  auto const body = [&]() -> weft::task<> {
    weft::parallel_for_each(std::views::iota(0, 1000), note, {.grain = 1, .on = &on});
    co_return;
  };
  weft::sync_wait(body(), on);
  EXPECT_EQ(threads.size(), 1u);
}

TEST(parallel_calls, may_be_made_by_many_threads) {
  weft::runtime on(four());
  std::vector<std::jthread> callers;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        right +=
            weft::parallel_reduce(up_to(100), 0L, std::plus{}, {.grain = 3, .on = &on}) == 4950;
      }
    });
  }
  callers.clear();
  EXPECT_EQ(right, 8 * 200);
}

}  // namespace
