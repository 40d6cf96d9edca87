// SPDX-License-Identifier: Apache-2.0
// R1 to R3 of check/sample/ring.hpp, Q1 to Q3 of check/sample/queue.hpp.
#include "mutants.hpp"

#include <check/sample/queue.hpp>
#include <check/sample/ring.hpp>

#include <weft/check/model.hpp>

#include <array>
#include <optional>

#include "sample_variants.hpp"

namespace {

namespace check = weft::check;
using check::model, check::mutation, check::threads;

template <template <class, std::uint32_t, class> class Queue>
void round_and_round(threads& run) {
  constexpr int items = 3;
  Queue<int, 2, model> q;
  run(
      [&] {
        for (int i = 1; i <= items; ++i) {
          while (!q.push(i)) model::pause();
        }
      },
      [&] {
        for (int i = 1; i <= items; ++i) {
          auto item = q.pop();
          for (; !item; item = q.pop()) model::pause();
          check::expect_equal(*item, i);
        }
      });
  check::expect(!q.pop(), "more came out than went in");
}

// Each tries once: full and empty are answers, too.
template <template <class, std::uint32_t, class> class Queue>
void full_and_empty(threads& run) {
  Queue<int, 2, model> q;
  int pushed = 0, popped = 0;
  run(
      [&] {
        for (int i = 1; i <= 3; ++i) {
          if (q.push(pushed + 1)) ++pushed;
        }
      },
      [&] {
        for (int i = 1; i <= 2; ++i) {
          if (auto const item = q.pop()) check::expect_equal(*item, ++popped);
        }
      });
  check::expect(pushed >= 2, "it was not full");
  while (auto const item = q.pop()) check::expect_equal(*item, ++popped);
  check::expect_equal(popped, pushed);
}

template <template <class, std::uint32_t, class> class Queue>
void two_producers_two_consumers(threads& run) {
  Queue<int, 2, model> q;
  std::array<int, 3> times{};
  auto const push = [&q](int i) { return [&q, i] { check::expect(q.push(i), "there is room"); }; };
  auto const pop = [&] {
    if (auto const item = q.pop()) ++times[static_cast<unsigned>(*item)];
  };
  run(push(1), push(2), pop, pop);
  while (auto const item = q.pop()) ++times[static_cast<unsigned>(*item)];
  check::expect_equal(times[0], 0);
  check::expect_equal(times[1], 1);
  check::expect_equal(times[2], 1);
}

template <template <class, std::uint32_t, class> class Ring>
std::vector<check::scenario> of_ring() {
  return {{"ring: round and round", round_and_round<Ring>, {.at_least = 40}},
          {"ring: full and empty", full_and_empty<Ring>, {.at_least = 10}}};
}

template <template <class, std::uint32_t, class> class Queue>
std::vector<check::scenario> of_queue() {
  return {{"queue: round and round", round_and_round<Queue>, {.at_least = 500}},
          {"queue: full and empty", full_and_empty<Queue>, {.at_least = 30}},
          {"queue: two producers, two consumers",
           two_producers_two_consumers<Queue>,
           {.at_least = 2000}}};
}

TEST(sample_ring, exhausted) { weft_test::exhaust(of_ring<sample::ring>()); }

TEST(sample_ring, mutants) {
  weft_test::hunt(
      of_ring<sample::ring>(),
      {{"push does not release the item", mutation::weaken, "tail_.store(tail + 1, release)"},
       {"pop does not acquire the item", mutation::weaken, "tail_.load(acquire)"},
       {"pop does not release the place", mutation::weaken, "head_.store(head + 1, release)"},
       {"push does not acquire the place", mutation::weaken, "head_.load(acquire)"},
       {.name = "full is seen one item late", .variant = of_ring<overfull::ring>()},
       {.name = "an item is announced, then written", .variant = of_ring<announced_early::ring>()},
       {.name = "a place is given back, then read", .variant = of_ring<given_back_early::ring>()}});
}

TEST(sample_ring, audit) { weft_test::audit(of_ring<sample::ring>(), "check/sample/ring.hpp"); }

TEST(sample_queue, exhausted) { weft_test::exhaust(of_queue<sample::queue>()); }

TEST(sample_queue, mutants) {
  weft_test::hunt(
      of_queue<sample::queue>(),
      {{"push does not release the item", mutation::weaken, "turn.store(n + 1, release)"},
       {"pop does not acquire the item", mutation::weaken, "turn.load(acquire)", "pop"},
       {"pop does not release the cell", mutation::weaken, "turn.store(n + Capacity, release)"},
       {"push does not acquire the cell", mutation::weaken, "turn.load(acquire)", "push"},
       {"push claims by a load and a store", mutation::tear, "tail_.compare_exchange_weak"},
       {"pop claims by a load and a store", mutation::tear, "head_.compare_exchange_weak"},
       {.name = "pop gives the cell the wrong turn", .variant = of_queue<wrong_turn::queue>()},
       {.name = "push claims a cell that holds an item", .variant = of_queue<unlooked::queue>()},
       {.name = "an item is announced, then written", .variant = of_queue<turned_early::queue>()}});
}

TEST(sample_queue, audit) { weft_test::audit(of_queue<sample::queue>(), "check/sample/queue.hpp"); }

}  // namespace
