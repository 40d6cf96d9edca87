// SPDX-License-Identifier: Apache-2.0
#include <weft/check/history.hpp>
#include <weft/check/linearizability.hpp>
#include <weft/check/show.hpp>
#include <weft/check/specifications.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace {

namespace check = weft::check;
using queue = check::queue_spec<int>;

TEST(history, keeps_what_was_asked_and_answered_in_the_order_of_each_client) {
  check::history<queue> h(2, 4);
  auto a = h.client(0), b = h.client(1);
  a.call(queue::push{1}, [] {});
  b.call(queue::pop{}, [] { return std::optional(1); });
  a.call(queue::pop{}, []() -> std::optional<int> { return std::nullopt; });
  ASSERT_EQ(h.calls(0).size(), 2u);
  ASSERT_EQ(h.calls(1).size(), 1u);
  EXPECT_EQ(h.size(), 3u);
  EXPECT_EQ(std::get<0>(h.calls(0)[0].what).op.value, 1);
  EXPECT_EQ(std::get<1>(h.calls(1)[0].what).result, std::optional<std::optional<int>>(1));
  EXPECT_EQ(std::get<1>(h.calls(0)[1].what).result.value(), std::nullopt);
  EXPECT_LT(h.calls(0)[0].invoked.when, h.calls(0)[0].returned.when);
  EXPECT_LT(h.calls(0)[0].returned.when, h.calls(1)[0].invoked.when);
}

TEST(history, a_call_lasts_while_its_function_runs) {
  check::history<queue> h(2, 4);
  auto a = h.client(0), b = h.client(1);
  a.call(queue::push{1}, [&] { b.call(queue::push{2}, [] {}); });
  auto const& outer = h.calls(0)[0];
  auto const& inner = h.calls(1)[0];
  EXPECT_LT(outer.invoked.when, inner.invoked.when);
  EXPECT_LT(inner.returned.when, outer.returned.when);
  using order = check::real_time;
  EXPECT_FALSE(order::precedes(outer.returned, inner.invoked));
  EXPECT_FALSE(order::precedes(inner.returned, outer.invoked));
}

TEST(history, gives_back_what_the_function_returned) {
  using reg = check::register_spec<long>;
  check::history<reg> h(1, 4);
  auto me = h.client(0);
  EXPECT_EQ(me.call(reg::read{}, [] { return 7; }), 7);  // an int, recorded as long
  EXPECT_EQ(me.call(reg::write{1}, [] { return std::string("beside"); }), "beside");
  static_assert(std::is_void_v<decltype(me.call(reg::write{1}, [] {}))>);
  EXPECT_EQ(std::get<0>(h.calls(0)[0].what).result, 7L);
}

TEST(history, a_call_that_threw_has_not_returned) {
  check::history<queue> h(1, 4);
  auto me = h.client(0);
  EXPECT_THROW(me.call(queue::pop{}, []() -> std::optional<int> { throw std::runtime_error("x"); }),
               std::runtime_error);
  EXPECT_FALSE(h.calls(0)[0].has_returned());
  me.call(queue::pop{}, [] { return std::optional(1); });
  EXPECT_TRUE(h.calls(0)[1].has_returned());
}

TEST(history, the_ends_of_a_call_may_be_recorded_apart) {
  check::history<queue> h(1, 4);
  auto me = h.client(0);
  auto const open = me.invoke(queue::pop{});
  EXPECT_FALSE(h.calls(0)[0].has_returned());
  me.returned(open, 3);
  EXPECT_TRUE(h.calls(0)[0].has_returned());
}

TEST(history, recording_moves_nothing_and_clear_keeps_the_room) {
  constexpr std::size_t room = 100;
  check::history<queue> h(1, room);
  auto me = h.client(0);
  check::history<queue>::call_type const* at = nullptr;
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < room; ++i) {
      me.call(queue::push{1}, [] {});
      if (!at) at = h.calls(0).data();
      ASSERT_EQ(h.calls(0).data(), at);
    }
    h.clear();
    EXPECT_EQ(h.size(), 0u);
  }
}

template <class E, class F>
std::string message(F f) {
  try {
    f();
  } catch (E const& e) {
    return e.what();
  }
  return "nothing was thrown";
}

TEST(history, says_when_it_is_full_and_what_to_do) {
  check::history<queue> h(3, 2);
  auto me = h.client(2);
  for (int i = 0; i < 2; ++i) me.call(queue::push{i}, [] {});
  bool ran = false;
  EXPECT_EQ(
      message<std::length_error>([&] { me.call(queue::push{2}, [&] { ran = true; }); }),
      "weft::check: client 2 of a history has no room for more than 2 calls: make the history "
      "with more, or clear() it between rounds");
  EXPECT_FALSE(ran);
}

TEST(history, says_which_clients_there_are) {
  check::history<queue> h(3, 2);
  EXPECT_EQ(message<std::out_of_range>([&] { (void)h.client(3); }),
            "weft::check: a history has no client 3, it was made for 3: count them from 0, or make "
            "it for more");
  EXPECT_NE(message<std::out_of_range>([&] { (void)h.calls(4); }), "nothing was thrown");
}

// Three threads of which one runs at a time, and what each knows of the others' steps.
struct clocks {
  static constexpr unsigned threads = 3;
  static unsigned thread() noexcept { return running; }
  static void step() noexcept { ++all[running][running]; }
  static std::uint32_t known(unsigned t) noexcept { return all[running][t]; }

  using clock = std::array<std::uint32_t, threads>;
  static inline std::array<clock, threads> all{};
  static inline unsigned running = 0;

  static clock publish(unsigned t) {
    running = t;
    step();
    return all[t];
  }
  static void learn(unsigned t, clock const& message) {
    running = t;
    for (unsigned i = 0; i < threads; ++i) all[t][i] = std::max(all[t][i], message[i]);
    step();
  }
};

struct happens_before : testing::Test {
  happens_before() { clocks::all = {}; }
  void push(unsigned t, int v) {
    clocks::running = t;
    h.client(t).call(queue::push{v}, [] { clocks::step(); });
  }
  void pop(unsigned t, std::optional<int> r) {
    clocks::running = t;
    h.client(t).call(queue::pop{}, [&] {
      clocks::step();
      return r;
    });
  }
  check::history<queue, check::happens_before<clocks>> h{clocks::threads, 8};
};

TEST_F(happens_before, a_call_of_a_thread_that_knows_nothing_of_another_is_not_behind_it) {
  push(0, 1);
  pop(1, std::nullopt);  // run later, and a stale read is allowed
  EXPECT_TRUE(check::linearizable(h));
  pop(0, std::nullopt);  // but a thread knows of itself
  EXPECT_FALSE(check::linearizable(h));
}

TEST_F(happens_before, a_call_of_a_thread_that_knows_of_the_return_is_behind_it) {
  push(0, 1);
  clocks::learn(1, clocks::publish(0));
  pop(1, std::nullopt);
  EXPECT_FALSE(check::linearizable(h));
}

TEST_F(happens_before, knowledge_goes_through_a_third_thread) {
  push(0, 1);
  clocks::learn(2, clocks::publish(0));
  clocks::learn(1, clocks::publish(2));
  pop(1, std::nullopt);
  EXPECT_FALSE(check::linearizable(h));
}

TEST_F(happens_before, who_knows_only_of_what_came_before_the_return_is_not_behind_it) {
  clocks::clock early{};
  clocks::running = 0;
  h.client(0).call(queue::push{1}, [&] { early = clocks::publish(0); });
  clocks::learn(1, early);
  pop(1, std::nullopt);
  EXPECT_TRUE(check::linearizable(h));
}

TEST_F(happens_before, is_no_order_of_time) {
  // No interval order has these: 0 before 1, and 2 before 3, and nothing else.
  push(0, 1);
  auto const from_0 = clocks::publish(0);
  push(2, 2);
  clocks::learn(1, from_0);
  pop(1, std::nullopt);
  EXPECT_FALSE(check::linearizable(h));
  h.clear();
  push(0, 1);
  clocks::learn(1, clocks::publish(0));
  push(2, 2);
  pop(1, 1);
  pop(1, std::nullopt);  // nothing is known of 2
  EXPECT_TRUE(check::linearizable(h));
}

namespace shown {
struct none {};
struct one {
  std::string text;
};
struct two {
  int a;
  bool b;
};
struct three {
  int a;
  std::optional<int> b;
  std::vector<int> unprintable;
};
struct four {
  int a, b, c, d;
};
template <class T>
struct nested {
  struct op {};
};
struct own {
  int v;
  friend std::ostream& operator<<(std::ostream& out, own const& o) {
    return out << '<' << o.v << '>';
  }
};
}  // namespace shown

TEST(history, calls_are_shown_as_they_would_be_written) {
  using check::detail::name_of;
  EXPECT_EQ(check::detail::shown(shown::none{}), "none()");
  EXPECT_EQ(check::detail::shown(shown::one{"x"}), "one(x)");
  EXPECT_EQ(check::detail::shown(shown::two{1, true}), "two(1, true)");
  EXPECT_EQ(check::detail::shown(shown::three{1, std::nullopt, {}}), "three(1, nothing, ?)");
  EXPECT_EQ(check::detail::shown(shown::four{1, 2, 3, 4}), "four(...)");
  EXPECT_EQ(check::detail::shown(shown::own{5}), "<5>");
  EXPECT_EQ((name_of<shown::nested<std::pair<int, long>>::op>()), "op");
  EXPECT_EQ(name_of<queue>(), "queue_spec<int>");
  EXPECT_EQ(name_of<int>(), "int");
  struct local {};
  EXPECT_EQ(name_of<local>(), "local");
}

TEST(history, a_timeline_shows_the_calls_that_end_last) {
  std::vector<check::detail::drawn_call> calls;
  for (unsigned i = 0; i < 10; ++i) {
    check::detail::drawn_call c;
    c.client = i % 2 ? 7 : 3;
    c.invoked = 2 * i + 1;
    c.returned = 2 * i + 2;
    c.call = "f(" + std::to_string(i) + ")";
    c.result = std::to_string(i * i);
    calls.push_back(c);
  }
  calls[4].returned = check::detail::drawn_call::open;
  EXPECT_EQ(check::detail::timeline(calls, 3),
            "(7 earlier calls are not shown)\n"
            "when  client 3              client 7\n"
            "   9  f(4)  never returned\n"
            "  17  f(8)\n"
            "  18  = 64\n"
            "  19                        f(9)\n"
            "  20                        = 81\n");
}

}  // namespace
