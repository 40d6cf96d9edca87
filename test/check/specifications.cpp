// SPDX-License-Identifier: Apache-2.0
#include <weft/check/linearizability.hpp>
#include <weft/check/specifications.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

namespace {

namespace check = weft::check;
using maybe = std::optional<int>;
constexpr auto nothing = std::nullopt;

TEST(specifications, a_queue_gives_the_first_first) {
  using q = check::queue_spec<int>;
  q s;
  EXPECT_EQ(s.apply(q::pop{}), nothing);
  s.apply(q::push{1});
  s.apply(q::push{2});
  EXPECT_FALSE(s.apply(q::pop{}, maybe(2)));
  EXPECT_FALSE(s.apply(q::pop{}, nothing));
  EXPECT_TRUE(s.apply(q::pop{}, maybe(1)));
  EXPECT_EQ(s.apply(q::pop{}), 2);
  EXPECT_TRUE(s.apply(q::pop{}, nothing));
}

TEST(specifications, a_stack_gives_the_last_first) {
  using t = check::stack_spec<int>;
  t s;
  EXPECT_TRUE(s.apply(t::pop{}, nothing));
  s.apply(t::push{1});
  s.apply(t::push{2});
  EXPECT_FALSE(s.apply(t::pop{}, maybe(1)));
  EXPECT_TRUE(s.apply(t::pop{}, maybe(2)));
  EXPECT_EQ(s.apply(t::pop{}), 1);
  EXPECT_EQ(s.apply(t::pop{}), nothing);
}

TEST(specifications, a_bounded_queue_refuses_what_it_has_no_room_for) {
  using b = check::bounded_queue_spec<int>;
  b s(2);
  EXPECT_TRUE(s.apply(b::push{1}));
  EXPECT_TRUE(s.apply(b::push{2}));
  EXPECT_FALSE(s.apply(b::push{3}));
  EXPECT_EQ(s.apply(b::pop{}), 1);
  EXPECT_TRUE(s.apply(b::push{4}));
  EXPECT_EQ(s.apply(b::pop{}), 2);
  EXPECT_EQ(s.apply(b::pop{}), 4);
  EXPECT_EQ(s.apply(b::pop{}), nothing);
}

TEST(specifications, a_deque_has_two_ends_and_stealing_may_fail) {
  using d = check::deque_spec<int>;
  d s;
  s.apply(d::push_back{2});
  s.apply(d::push_back{3});
  s.apply(d::push_front{1});
  EXPECT_TRUE(s.apply(d::steal{}, nothing));  // lost a race
  EXPECT_FALSE(s.apply(d::steal{}, maybe(3)));
  EXPECT_FALSE(s.apply(d::pop_front{}, nothing));
  EXPECT_FALSE(s.apply(d::pop_back{}, maybe(1)));
  EXPECT_TRUE(s.apply(d::steal{}, maybe(1)));
  EXPECT_EQ(s.apply(d::pop_back{}), 3);
  EXPECT_EQ(s.apply(d::pop_front{}), 2);
  EXPECT_EQ(s.apply(d::pop_back{}), nothing);
  EXPECT_EQ(s.apply(d::steal{}), nothing);
}

TEST(specifications, a_register_holds_one_value) {
  using r = check::register_spec<std::string>;
  r s("a");
  EXPECT_EQ(s.apply(r::read{}), "a");
  s.apply(r::write{"b"});
  EXPECT_EQ(s.apply(r::exchange{"c"}), "b");
  EXPECT_FALSE(s.apply(r::compare_exchange{"b", "d"}));
  EXPECT_TRUE(s.apply(r::compare_exchange{"c", "d"}));
  EXPECT_TRUE(s.apply(r::compare_exchange_weak{"d", "e"}, false));  // for no reason
  EXPECT_EQ(s.apply(r::read{}), "d");
  EXPECT_FALSE(s.apply(r::compare_exchange_weak{"x", "e"}, true));
  EXPECT_TRUE(s.apply(r::compare_exchange_weak{"d", "e"}, true));
  EXPECT_EQ(s.apply(r::read{}), "e");
}

TEST(specifications, a_counter_counts) {
  using c = check::counter_spec;
  c s(5);
  s.apply(c::add{2});
  EXPECT_EQ(s.apply(c::fetch_add{-3}), 7);
  EXPECT_EQ(s.apply(c::read{}), 4);
}

TEST(specifications, a_map_and_a_set_know_their_keys) {
  using m = check::map_spec<int, char>;
  m map;
  EXPECT_TRUE(map.apply(m::insert{1, 'a'}));
  EXPECT_FALSE(map.apply(m::insert{1, 'b'}));
  EXPECT_EQ(map.apply(m::find{1}), 'a');
  map.apply(m::put{1, 'c'});
  EXPECT_EQ(map.apply(m::find{1}), 'c');
  EXPECT_TRUE(map.apply(m::erase{1}));
  EXPECT_FALSE(map.apply(m::erase{1}));
  EXPECT_EQ(map.apply(m::find{1}), nothing);
  using t = check::set_spec<int>;
  t set;
  for (int const k : {5, 3}) EXPECT_TRUE(set.apply(t::insert{k}));
  EXPECT_TRUE(set.apply(t::contains{3}));
  EXPECT_FALSE(set.apply(t::insert{5}));
  EXPECT_TRUE(set.apply(t::insert{4}));
  EXPECT_TRUE(set.apply(t::erase{5}));
  EXPECT_FALSE(set.apply(t::erase{5}));
  EXPECT_FALSE(set.apply(t::contains{5}));
}

template <class Spec>
void told_apart(Spec const& a, Spec const& b) {
  static_assert(check::specification<Spec>);
  EXPECT_FALSE(a == b);
  EXPECT_NE(a.digest(), b.digest());
  EXPECT_TRUE(a == Spec(a));
  EXPECT_EQ(a.digest(), Spec(a).digest());
}

TEST(specifications, states_that_differ_are_told_apart) {
  using q = check::queue_spec<int>;
  q one, two;
  one.apply(q::push{1});
  one.apply(q::push{2});
  two.apply(q::push{2});
  two.apply(q::push{1});
  told_apart(one, two);
  told_apart(q(), one);
  told_apart(check::register_spec<int>(1), check::register_spec<int>(2));
  told_apart(check::counter_spec(1), check::counter_spec(2));
  using t = check::set_spec<int>;
  t some, other;
  some.apply(t::insert{1});
  other.apply(t::insert{2});
  told_apart(some, other);
  using m = check::map_spec<int, int>;
  m there, elsewhere;
  there.apply(m::put{1, 2});
  elsewhere.apply(m::put{2, 1});
  told_apart(there, elsewhere);
}

TEST(specifications, keys_and_no_keys) {
  using check::detail::has_key;
  using map = check::map_spec<int, int>;
  using set = check::set_spec<int>;
  using q = check::queue_spec<int>;
  static_assert(has_key<map, map::operations> && has_key<set, set::operations>);
  static_assert(!has_key<q, q::operations>);
  EXPECT_EQ(map::key(map::put{7, 1}), 7);
  EXPECT_EQ(set::key(set::erase{8}), 8);
}

}  // namespace
