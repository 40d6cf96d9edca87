// SPDX-License-Identifier: Apache-2.0
#include <weft/check/linearizability.hpp>
#include <weft/check/monitor.hpp>
#include <weft/check/specifications.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "simulated.hpp"
#include "support/seed.hpp"

namespace {

namespace check = weft::check;
using check::answer;
using check::monitor;
using weft_test::generator;

using queue = check::queue_spec<int>;
using stack = check::stack_spec<int>;

// One client after the other, unless calls are left open.
template <class Spec>
struct script {
  check::history<Spec> h{4, 32};

  void push(unsigned client, int v) {
    h.client(client).call(typename Spec::push{v}, [] {});
  }
  void pop(unsigned client, std::optional<int> r) {
    h.client(client).call(typename Spec::pop{}, [&] { return r; });
  }
  auto begin_push(unsigned client, int v) {
    return h.client(client).invoke(typename Spec::push{v});
  }
  auto begin_pop(unsigned client) { return h.client(client).invoke(typename Spec::pop{}); }
  void end(unsigned client, auto open, auto result) { h.client(client).returned(open, result); }
  void end(unsigned client, auto open) { h.client(client).returned(open, check::done{}); }

  answer said() const { return monitor(h).said(); }
  [[nodiscard]] bool mentions(char const* words) const {
    return monitor(h).text().find(words) != std::string::npos;
  }
};

TEST(monitor, passes_a_queue_that_is_one) {
  script<queue> s;
  auto const one = s.begin_push(0, 1);
  auto const pop = s.begin_pop(1);
  s.push(2, 2);
  s.end(1, pop, std::optional(2));
  s.end(0, one);
  s.pop(3, 1);
  s.pop(3, std::nullopt);
  EXPECT_EQ(s.said(), answer::yes);
}

TEST(monitor, a_value_that_was_never_pushed) {
  script<queue> s;
  s.pop(0, 7);
  EXPECT_EQ(s.said(), answer::no);
  EXPECT_TRUE(s.mentions("7 was popped, but never pushed"));
}

TEST(monitor, a_value_that_was_popped_twice) {
  script<stack> s;
  s.push(0, 7);
  s.pop(0, 7);
  s.pop(1, 7);
  EXPECT_EQ(s.said(), answer::no);
  EXPECT_TRUE(s.mentions("7 was popped twice"));
}

TEST(monitor, a_value_that_was_popped_before_it_was_pushed) {
  script<queue> s;
  s.pop(0, 7);
  s.push(1, 7);
  EXPECT_EQ(s.said(), answer::no);
  EXPECT_TRUE(s.mentions("7 was popped before it was pushed"));
}

TEST(monitor, a_value_may_be_popped_while_it_is_pushed) {
  script<stack> s;
  auto const push = s.begin_push(0, 7);
  s.pop(1, 7);
  s.end(0, push);
  EXPECT_EQ(s.said(), answer::yes);
}

TEST(monitor, a_value_pushed_twice_is_a_fault_of_the_test) {
  script<queue> s;
  s.pop(0, 7);  // before and after: not "popped twice"
  s.push(1, 7);
  s.pop(0, 7);
  s.push(1, 7);
  EXPECT_EQ(s.said(), answer::undecided);
  EXPECT_TRUE(s.mentions("7 was pushed twice, and a monitor needs distinct values"));
}

TEST(monitor, values_of_a_queue_in_the_wrong_order) {
  script<queue> s;
  s.push(0, 1);
  s.push(1, 2);
  s.pop(2, 2);
  s.pop(2, 1);
  EXPECT_EQ(monitor(s.h).text(),
            "not a history of queue_spec<int>: 2 was pushed after the other value, but popped "
            "before it\n"
            "when  client 0  client 1  client 2\n"
            "   1  push(1)\n"
            "   2  = done\n"
            "   3            push(2)\n"
            "   4            = done\n"
            "   5                      pop()\n"
            "   6                      = 2\n"
            "   7                      pop()\n"
            "   8                      = 1\n");
}

TEST(monitor, pushes_or_pops_that_overlap_may_be_in_either_order) {
  script<queue> pushes;
  auto const one = pushes.begin_push(0, 1);
  pushes.push(1, 2);
  pushes.end(0, one);
  pushes.pop(2, 2);
  pushes.pop(2, 1);
  EXPECT_EQ(pushes.said(), answer::yes);
  script<queue> pops;
  pops.push(0, 1);
  pops.push(0, 2);
  auto const first = pops.begin_pop(1);
  pops.pop(2, 2);
  pops.end(1, first, std::optional(1));
  EXPECT_EQ(pops.said(), answer::yes);
}

TEST(monitor, a_value_of_a_queue_that_was_overtaken_and_never_popped) {
  script<queue> s;
  s.push(0, 1);
  s.push(0, 2);
  s.pop(1, 2);
  EXPECT_EQ(s.said(), answer::no);
  script<queue> lost = {};
  lost.push(0, 1);
  lost.push(0, 2);
  (void)lost.begin_pop(2);  // it may have popped 1
  lost.pop(1, 2);
  EXPECT_EQ(lost.said(), answer::yes);
}

TEST(monitor, a_pop_that_finds_nothing_while_values_take_turns_in_being_there) {
  for (bool const gap : {false, true}) {
    script<queue> s;
    s.push(0, 1);
    auto const nothing = s.begin_pop(3);
    if (gap) s.pop(1, 1);
    s.push(0, 2);
    if (!gap) s.pop(1, 1);
    s.end(3, nothing, std::optional<int>());
    s.pop(1, 2);
    EXPECT_EQ(s.said(), gap ? answer::yes : answer::no);
    EXPECT_EQ(s.mentions("a pop found nothing"), !gap);
  }
}

TEST(monitor, values_of_a_stack_that_cannot_be_nested) {
  script<stack> s;
  s.push(0, 1);
  s.push(0, 2);
  s.pop(1, 1);
  s.pop(1, 2);
  EXPECT_EQ(s.said(), answer::no);
  EXPECT_TRUE(s.mentions("cannot be nested"));
}

TEST(monitor, shows_of_many_values_of_a_stack_only_those_that_matter) {
  script<stack> s;
  s.push(0, 10);
  s.push(0, 11);
  s.push(0, 1);
  s.push(0, 2);
  s.push(0, 12);
  s.pop(1, 12);
  s.pop(1, 1);
  s.pop(1, 2);
  s.pop(1, 11);
  auto const text = monitor(s.h).text();
  EXPECT_NE(text.find("push(1)"), std::string::npos) << text;
  EXPECT_NE(text.find("push(2)"), std::string::npos) << text;
  for (auto const* other : {"push(10)", "push(11)", "push(12)"}) {
    EXPECT_EQ(text.find(other), std::string::npos) << text;
  }
}

TEST(monitor, values_left_on_a_stack_lie_below_those_that_were_popped) {
  script<stack> left;
  left.push(0, 1);
  left.push(0, 2);
  left.push(0, 3);
  left.pop(0, 3);
  EXPECT_EQ(left.said(), answer::yes);
  script<stack> taken;
  taken.push(0, 1);
  taken.push(0, 2);
  taken.pop(0, 1);  // from under 2, which is still there
  EXPECT_EQ(taken.said(), answer::no);
}

// Half of the histories are of a correct object, some calls of which lie, half of a wrong one. Each
// is judged by the search too, without what a monitor knows.
template <class Spec>
void compared_with_the_search(unsigned rounds, unsigned lost) {
  generator random(weft_test::seed());
  unsigned right = 0, wrong = 0, caught = 0, by_order = 0, by_nothing = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    weft_test::shape like;
    like.clients = 2 + weft_test::below(random, 3);
    like.calls_each = 1 + random() % 6;
    like.lost = lost;
    check::history<Spec> h(like.clients, like.calls_each);
    auto const ask = weft_test::pushes_and_pops<Spec>(40 + weft_test::below(random, 30));
    if (random() % 2) {
      like.lies = random() % 2 ? 5 + weft_test::below(random, 10) : 0;
      weft_test::simulate(h, like, random, Spec(), ask, weft_test::wrong_value{});
    } else {
      weft_test::sloppy<Spec> const object(random, std::is_same_v<Spec, queue>);
      weft_test::simulate(h, like, random, object, ask, weft_test::wrong_value{});
    }
    std::vector<check::detail::owned_call<Spec, check::real_time>> calls;
    for (unsigned c = 0; c < h.clients(); ++c) {
      for (auto const& one : h.calls(c)) calls.push_back({&one, c});
    }
    auto const exact = check::detail::judge<Spec, check::real_time>(calls, Spec(), {}, "");
    auto const quick = monitor(h);
    ASSERT_NE(exact.said(), answer::undecided);
    ASSERT_NE(quick.said(), answer::undecided);
    if (exact) {
      ++right;
      ASSERT_TRUE(quick) << "rejected, and linearizable; round " << round << '\n' << quick.text();
    } else {
      ++wrong;
      caught += !quick;
      by_order += quick.text().find("before it\n") != std::string::npos ||
                  quick.text().find("nested") != std::string::npos;
      by_nothing += quick.text().find("found nothing") != std::string::npos;
      if (lost == 0) {
        ASSERT_FALSE(quick) << "missed; round " << round << '\n' << exact.text();
      }
    }
  }
  std::printf(
      "%u linearizable, none rejected; %u not, %u caught: %u by order, %u by nothing found\n",
      right, wrong, caught, by_order, by_nothing);
  EXPECT_GT(right, rounds / 4);
  EXPECT_GT(by_order, rounds / 150);
  EXPECT_GT(by_nothing, rounds / 150);
  EXPECT_GT(caught, wrong / 2);
}

TEST(monitor, of_queues_agrees_with_the_search) { compared_with_the_search<queue>(10000, 0); }
TEST(monitor, of_stacks_agrees_with_the_search) { compared_with_the_search<stack>(10000, 0); }
TEST(monitor, of_queues_never_rejects_what_lost_calls_explain) {
  compared_with_the_search<queue>(5000, 6);
}
TEST(monitor, of_stacks_never_rejects_what_lost_calls_explain) {
  compared_with_the_search<stack>(5000, 6);
}

// A history too long for the search, with one pair of values exchanged at the end.
template <class Spec>
void half_a_million(char const* what) {
  constexpr std::size_t each = 125'000;
  for (bool const wrong : {false, true}) {
    generator random(weft_test::seed());
    check::history<Spec> h(4, each + 4);
    weft_test::simulate(h, {4, each, 0, 0}, random, Spec(), weft_test::pushes_and_pops<Spec>(50),
                        weft_test::wrong_value{});
    if (wrong) {
      auto me = h.client(1);
      me.call(typename Spec::push{-1}, [] {});
      me.call(typename Spec::push{-2}, [] {});
      bool const fifo = std::is_same_v<Spec, queue>;
      me.call(typename Spec::pop{}, [&] { return std::optional(fifo ? -2 : -1); });
    }
    auto const begin = std::chrono::steady_clock::now();
    auto const j = monitor(h);
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
    std::printf("%s of %zu calls: %.0f ns a call\n", what, h.size(),
                took.count() / static_cast<double>(h.size()) * 1e9);
    EXPECT_EQ(j.said(), wrong ? answer::no : answer::yes) << j.text();
  }
}

TEST(monitor, a_long_history_of_a_queue) { half_a_million<queue>("queue"); }
TEST(monitor, a_long_history_of_a_stack) { half_a_million<stack>("stack"); }

}  // namespace
