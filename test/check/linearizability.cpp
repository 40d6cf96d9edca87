// SPDX-License-Identifier: Apache-2.0
#include <weft/check/linearizability.hpp>
#include <weft/check/specifications.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "simulated.hpp"
#include "support/seed.hpp"

namespace {

namespace check = weft::check;
using check::answer;
using check::linearizable;
using testing::Test;
using weft_test::generator;

using queue = check::queue_spec<int>;
using stack = check::stack_spec<int>;
using nothing = std::nullopt_t;

// Calls that overlap: all are invoked, then all return.
template <class Spec>
struct script {
  explicit script(unsigned clients) : h(clients, 16) {}
  template <class Op>
  void call(unsigned client, Op op, check::result_of<Spec, Op> result = {}) {
    auto me = h.client(client);
    me.returned(me.invoke(op), result);
  }
  check::history<Spec> h;
};

TEST(linearizability, calls_that_overlap_may_take_effect_in_either_order) {
  script<queue> s(3);
  auto a = s.h.client(0), b = s.h.client(1);
  auto one = a.invoke(queue::push{1});
  auto two = b.invoke(queue::push{2});
  a.returned(one, {});
  b.returned(two, {});
  s.call(2, queue::pop{}, 2);
  s.call(2, queue::pop{}, 1);
  EXPECT_TRUE(linearizable(s.h));
}

TEST(linearizability, a_call_that_returned_comes_before_one_invoked_later) {
  script<queue> s(3);
  s.call(0, queue::push{1});
  s.call(1, queue::push{2});
  s.call(2, queue::pop{}, 2);
  auto const j = linearizable(s.h);
  EXPECT_EQ(j.said(), answer::no);
  EXPECT_FALSE(j);
}

TEST(linearizability, a_client_keeps_its_own_order) {
  script<queue> s(1);
  s.call(0, queue::push{1});
  s.call(0, queue::pop{}, std::nullopt);
  EXPECT_FALSE(linearizable(s.h));
}

TEST(linearizability, an_empty_history_is_linearizable) {
  check::history<queue> h(2, 0);
  EXPECT_TRUE(linearizable(h));
}

TEST(linearizability, begins_from_the_state_it_is_given) {
  check::history<check::register_spec<int>> h(1, 1);
  h.client(0).call(check::register_spec<int>::read{}, [] { return 7; });
  EXPECT_FALSE(linearizable(h));
  EXPECT_TRUE(linearizable(h, check::register_spec<int>(7)));
}

TEST(linearizability, a_call_that_never_returned_may_have_had_its_effect) {
  script<queue> s(2);
  (void)s.h.client(0).invoke(queue::push{1});
  s.call(1, queue::pop{}, 1);
  EXPECT_TRUE(linearizable(s.h));
}

TEST(linearizability, a_call_that_never_returned_may_have_had_none) {
  script<queue> s(2);
  (void)s.h.client(0).invoke(queue::push{1});
  s.call(1, queue::pop{}, std::nullopt);
  s.call(1, queue::pop{}, std::nullopt);
  EXPECT_TRUE(linearizable(s.h));
}

TEST(linearizability, a_call_that_never_returned_has_no_effect_before_it_was_invoked) {
  script<queue> s(2);
  s.call(1, queue::pop{}, 1);
  (void)s.h.client(0).invoke(queue::push{1});
  EXPECT_FALSE(linearizable(s.h));
}

TEST(linearizability, a_call_that_never_returned_has_its_effect_once) {
  script<queue> s(2);
  (void)s.h.client(0).invoke(queue::push{1});
  s.call(1, queue::pop{}, 1);
  s.call(1, queue::pop{}, 1);
  EXPECT_FALSE(linearizable(s.h));
}

TEST(linearizability, a_lost_pop_explains_one_missing_value_and_not_two) {
  script<queue> one(2);
  one.call(0, queue::push{1});
  one.call(0, queue::push{2});
  (void)one.h.client(1).invoke(queue::pop{});
  one.call(0, queue::pop{}, 2);
  EXPECT_TRUE(linearizable(one.h));
  script<queue> two(2);
  two.call(0, queue::push{1});
  two.call(0, queue::push{2});
  (void)two.h.client(1).invoke(queue::pop{});
  two.call(0, queue::pop{}, std::nullopt);
  EXPECT_FALSE(linearizable(two.h));
}

TEST(linearizability, a_client_goes_on_after_a_call_that_threw) {
  check::history<queue> h(1, 3);
  auto me = h.client(0);
  EXPECT_THROW(me.call(queue::push{1}, [] { throw 1; }), int);
  EXPECT_EQ(me.call(queue::pop{}, [] { return std::optional(1); }), 1);
  EXPECT_TRUE(linearizable(h));
  me.call(queue::pop{}, [] { return std::optional(1); });
  EXPECT_FALSE(linearizable(h));
}

// Objects of the user's own. One that is nothing but the sequential object, without a hash.
struct plain_queue {
  struct push {
    int value;
  };
  struct pop {};
  using operations = std::variant<push, pop>;
  void apply(push p) { items.push_back(p.value); }
  std::optional<int> apply(pop) {
    if (items.empty()) return std::nullopt;
    int const v = items.front();
    items.erase(items.begin());
    return v;
  }
  bool operator==(plain_queue const&) const = default;
  std::vector<int> items;
};

// One whose results its state does not always determine.
struct dice {
  struct roll {
    using result = int;
  };
  struct seen {};
  using operations = std::variant<roll, seen>;
  bool apply(roll, int r) {
    sum += r;
    return r >= 1 && r <= 6;
  }
  int apply(seen) const { return sum; }
  bool operator==(dice const&) const = default;
  int sum = 0;
};

TEST(linearizability, results_that_the_state_does_not_determine) {
  check::history<dice> h(2, 8);
  auto me = h.client(0);
  for (int const r : {3, 6, 1}) me.call(dice::roll{}, [&] { return r; });
  me.call(dice::seen{}, [] { return 10; });
  EXPECT_TRUE(linearizable(h));
  me.call(dice::roll{}, [] { return 7; });
  EXPECT_FALSE(linearizable(h));
}

TEST(linearizability, a_lost_call_whose_effect_the_specification_does_not_say_is_an_error) {
  check::history<dice> h(1, 8);
  (void)h.client(0).invoke(dice::roll{});
  h.client(0).call(dice::seen{}, [] { return 1; });
  try {
    (void)linearizable(h);
    FAIL() << "nothing was said";
  } catch (std::logic_error const& e) {
    EXPECT_NE(std::string(e.what()).find("a call of roll never returned, and dice does not say"),
              std::string::npos)
        << e.what();
  }
}

// Values that can be neither hashed nor printed.
struct opaque_value {
  int v;
  bool operator==(opaque_value const&) const = default;
};

TEST(linearizability, values_need_nothing_but_to_be_compared) {
  using items = check::queue_spec<opaque_value>;
  check::history<items> h(1, 100);
  auto me = h.client(0);
  for (int i = 0; i < 20; ++i) me.call(items::push{{i}}, [] {});
  for (int i = 0; i < 20; ++i) {
    me.call(items::pop{}, [i] { return std::optional(opaque_value{i}); });
  }
  EXPECT_TRUE(linearizable(h));
  me.call(items::pop{}, [] { return std::optional(opaque_value{0}); });
  auto const j = linearizable(h);
  EXPECT_EQ(j.said(), answer::no);
  EXPECT_NE(j.text().find("client 0: pop() returned ?; here it returns nothing"), std::string::npos)
      << j.text();
}

TEST(linearizability, each_key_is_judged_by_itself) {
  using map = check::map_spec<std::string, int>;
  check::history<map> h(2, 8);
  auto a = h.client(0), b = h.client(1);
  a.call(map::put{"x", 1}, [] {});
  b.call(map::put{"y", 2}, [] {});
  a.call(map::find{"x"}, [] { return std::optional(1); });
  b.call(map::find{"y"}, [] { return std::optional(2); });
  EXPECT_TRUE(linearizable(h));
  a.call(map::find{"y"}, [] { return std::optional(1); });
  auto const j = linearizable(h);
  EXPECT_EQ(j.said(), answer::no);
  EXPECT_NE(j.text().find("with key y"), std::string::npos) << j.text();
  EXPECT_EQ(j.text().find("(x"), std::string::npos) << j.text();
}

TEST(linearizability, many_keys_of_many_overlapping_calls_are_no_matter) {
  using set = check::set_spec<int>;
  constexpr unsigned clients = 12;
  check::history<set> h(clients, 100);
  for (int k = 0; k < 100; ++k) {
    std::vector<check::recorder<set, check::real_time>::open_call<set::insert>> open;
    open.reserve(clients);
    for (unsigned c = 0; c < clients; ++c) open.push_back(h.client(c).invoke(set::insert{k}));
    for (unsigned c = 0; c < clients; ++c) h.client(c).returned(open[c], c == 5);
  }
  EXPECT_TRUE(linearizable(h, {}, {.steps = 50}));
}

TEST(linearizability, gives_up_at_its_limit_and_says_what_to_do) {
  using deque = check::deque_spec<int>;
  check::history<deque> h(10, 4);
  std::vector<check::recorder<deque, check::real_time>::open_call<deque::push_back>> open;
  open.reserve(10);
  for (unsigned c = 0; c < 10; ++c) open.push_back(h.client(c).invoke(deque::push_back{int(c)}));
  for (unsigned c = 0; c < 10; ++c) h.client(c).returned(open[c], {});
  h.client(0).call(deque::pop_front{}, [] { return std::optional(11); });
  auto const j = linearizable(h, {}, {.steps = 100});
  EXPECT_EQ(j.said(), answer::undecided);
  EXPECT_FALSE(j);
  EXPECT_NE(j.text().find("let fewer calls overlap"), std::string::npos) << j.text();
}

TEST(linearizability, a_refutation_tells_the_best_order_and_what_cannot_follow) {
  script<queue> s(2);
  s.call(0, queue::push{1});
  auto me = s.h.client(1);
  auto const open = me.invoke(queue::push{2});
  s.call(0, queue::push{3});
  me.returned(open, {});
  s.call(0, queue::pop{}, 3);
  s.call(0, queue::push{4});
  EXPECT_EQ(linearizable(s.h).text(),
            "not linearizable: no order of these calls of queue_spec<int> gives each of them its "
            "result\n"
            "The best order places 3 of 5 (# in the drawing): push(1), push(3), push(2)\n"
            "Nothing can follow (!):\n"
            "  client 0: pop() returned 3; here it returns 1\n"
            "when  client 0    client 1\n"
            "   1  push(1)\n"
            "   2  = done  #1\n"
            "   3              push(2)\n"
            "   4  push(3)     |\n"
            "   5  = done  #2  |\n"
            "   6              = done  #3\n"
            "   7  pop()\n"
            "   8  = 3  !\n");
}

template <class Spec>
void agrees_with_brute_force(unsigned rounds, std::size_t most_calls,
                             Spec const& initial = Spec()) {
  generator random(weft_test::seed());
  unsigned yes = 0, no = 0;
  for (unsigned round = 0; round < rounds; ++round) {
    weft_test::shape like;
    like.clients = 2 + weft_test::below(random, 3);
    like.calls_each = 1 + random() % (most_calls / like.clients);
    like.lost = weft_test::below(random, 8);
    check::history<Spec> h(like.clients, like.calls_each);
    auto const ask = weft_test::pushes_and_pops<Spec>(40 + weft_test::below(random, 30));
    if constexpr (std::is_same_v<check::result_of<Spec, typename Spec::push>, check::done>) {
      if (random() % 2) {
        weft_test::sloppy<Spec> const wrong(random, !std::is_same_v<Spec, stack>);
        weft_test::simulate(h, like, random, wrong, ask, weft_test::wrong_value{});
      }
    }
    if (h.size() == 0) {
      like.lies = weft_test::below(random, 12);
      weft_test::simulate(h, like, random, initial, ask, weft_test::wrong_value{});
    }
    auto const j = linearizable(h, initial);
    bool const expected = weft_test::brute_force(h, initial);
    ASSERT_EQ(static_cast<bool>(j), expected) << "round " << round << '\n' << j.text();
    ASSERT_NE(j.said(), answer::undecided);
    ++(expected ? yes : no);
  }
  std::printf("%u linearizable, %u not, no difference to trying all orders\n", yes, no);
  EXPECT_GT(yes, rounds / 10);
  EXPECT_GT(no, rounds / 25);
}

TEST(linearizability, random_queues_are_judged_as_by_trying_all_orders) {
  agrees_with_brute_force<queue>(4000, 8);
  agrees_with_brute_force<queue>(1000, 10);
}
TEST(linearizability, random_stacks_are_judged_as_by_trying_all_orders) {
  agrees_with_brute_force<stack>(4000, 8);
  agrees_with_brute_force<stack>(1000, 10);
}
TEST(linearizability, random_plain_objects_are_judged_as_by_trying_all_orders) {
  agrees_with_brute_force<plain_queue>(4000, 8);
  agrees_with_brute_force<plain_queue>(1000, 10);
}
TEST(linearizability, random_bounded_queues_are_judged_as_by_trying_all_orders) {
  agrees_with_brute_force(4000, 8, check::bounded_queue_spec<int>(2));
  agrees_with_brute_force(1000, 10, check::bounded_queue_spec<int>(3));
}

}  // namespace
