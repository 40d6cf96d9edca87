// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

bool has(std::string const& text, std::string const& part) {
  return text.find(part) != std::string::npos;
}

template <class F>
std::string misuse_of(F f) {
  try {
    f();
  } catch (weft::misuse_error const& e) {
    return e.what();
  }
  return "";
}

TEST(barrier, lets_all_go_on_when_the_last_one_arrives) {
  weft::barrier b{3};
  weft_test::by_hand hand;
  std::vector<int> order;
  auto body = [&](int name) -> weft::task<> {
    for (int phase = 0; phase < 2; ++phase) {
      co_await b.arrive_and_wait();
      order.push_back(10 * phase + name);
    }
  };
  (void)hand.spawn(body, 0);
  (void)hand.spawn(body, 1);
  hand.turn();
  EXPECT_TRUE(order.empty());
  (void)hand.spawn(body, 2);
  hand.finish();
  ASSERT_EQ(order.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(order[i] / 10, i < 3 ? 0 : 1);
}

TEST(barrier, threads_meet_in_every_phase) {
  constexpr int phases = 200, parties = 4;
  int completed = 0;
  std::vector<int> arrived(phases, 0);
  std::vector<std::thread> threads;
  weft::barrier b{parties, [&] { ++completed; }};
  weft::mutex m;
  for (int t = 0; t < parties; ++t) {
    threads.emplace_back([&] {
      for (int p = 0; p < phases; ++p) {
        {
          auto const lock = m.acquire().wait();
          ++arrived[static_cast<std::size_t>(p)];
        }
        b.arrive_and_wait().wait();
        EXPECT_EQ(arrived[static_cast<std::size_t>(p)], parties);
        EXPECT_GE(completed, p + 1);
        b.arrive_and_wait().wait();
      }
    });
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(completed, 2 * phases);
}

TEST(barrier, arriving_is_an_effect_and_the_wait_may_come_later) {
  weft::barrier b{2};
  auto const mine = b.arrive();
  EXPECT_EQ(mine.phase(), 0u);
  EXPECT_THROW((b.wait(mine) | weft::timeout(1ms)).wait(), weft::timeout_error);
  EXPECT_FALSE(b.is_broken());
  auto const other = b.arrive();
  b.wait(mine).wait();
  b.wait(other).wait();
  // One that comes very late still finds its own phase over.
  auto const next = b.arrive();
  EXPECT_EQ(next.phase(), 1u);
  b.wait(mine).wait();
}

TEST(barrier, the_completion_runs_before_anybody_is_let_out) {
  weft_test::by_hand hand;
  std::vector<std::string> said;
  weft::barrier b{2, [&] { said.emplace_back("complete"); }};
  auto body = [&]() -> weft::task<> {
    co_await b.arrive_and_wait();
    said.emplace_back("out");
  };
  (void)hand.spawn(body);
  (void)hand.spawn(body);
  hand.finish();
  EXPECT_EQ(said, (std::vector<std::string>{"complete", "out", "out"}));
}

TEST(barrier, what_the_completion_throws_goes_to_all_and_breaks_it) {
  weft_test::by_hand hand;
  bool fail = true;
  weft::barrier b{2, [&] {
                    if (fail) throw std::runtime_error("no room");
                  }};
  int told = 0;
  auto body = [&]() -> weft::task<> {
    try {
      co_await b.arrive_and_wait();
      ADD_FAILURE();
    } catch (std::runtime_error const& e) {
      EXPECT_STREQ(e.what(), "no room");
      ++told;
    }
  };
  (void)hand.spawn(body);
  (void)hand.spawn(body);
  hand.finish();
  EXPECT_EQ(told, 2);
  EXPECT_TRUE(b.is_broken());
  EXPECT_THROW((void)b.arrive(), std::runtime_error);
  b.reset();
  fail = false;
  (void)b.arrive();
  b.arrive_and_wait().wait();
}

TEST(barrier, one_that_drops_counts_once_more_and_never_again) {
  int completed = 0;
  weft::barrier b{3, [&] { ++completed; }};
  auto const a = b.arrive();
  b.arrive_and_drop();
  EXPECT_EQ(b.parties(), 2u);
  EXPECT_EQ(completed, 0);
  (void)b.arrive();
  EXPECT_EQ(completed, 1);
  b.wait(a).wait();
  (void)b.arrive();
  (void)b.arrive();
  EXPECT_EQ(completed, 2);
  b.arrive_and_drop();
  b.arrive_and_drop();
  EXPECT_EQ(completed, 3);
  EXPECT_TRUE(has(misuse_of([&] { (void)b.arrive(); }), "every party has left"));
  EXPECT_TRUE(has(misuse_of([&] { b.arrive_and_drop(); }), "every party has left"));
}

// Three tasks meet; one that waits is cancelled.
struct meeting {
  weft::barrier b{3};
  weft_test::by_hand hand;
  int out = 0;
  std::vector<std::string> told;
  weft::scope first = weft::scope::root();

  weft::task<> meet() {
    try {
      co_await b.arrive_and_wait();
      ++out;
    } catch (weft::broken_barrier const& e) {
      told.push_back(e.reason());
    }
  }
  // A group of its own, whose cancellation is not one of the other's.
  weft_test::by_hand alone;
  void meet_alone() {
    (void)alone.spawn([this] { return meet(); });
    alone.turn();
  }
  void meet_with_others() {
    (void)hand.spawn([this] { return meet(); });
    hand.turn();
  }
  void cancel_the_one() {
    alone.tasks.cancel("lunch");
    alone.turn();
  }
};

TEST(barrier, a_cancelled_wait_breaks_it_for_those_who_wait_and_those_who_come) {
  meeting m;
  m.meet_with_others();
  m.meet_alone();
  m.cancel_the_one();
  m.hand.finish();
  EXPECT_EQ(m.told, (std::vector<std::string>{"the wait of one party was cancelled: lunch"}));
  EXPECT_TRUE(m.b.is_broken());
  m.meet_with_others();
  EXPECT_EQ(m.told.size(), 2u);
  EXPECT_EQ(m.out, 0);
}

TEST(barrier, a_reset_makes_a_broken_one_whole) {
  meeting m;
  auto const old = m.b.arrive();
  m.meet_alone();
  m.cancel_the_one();
  EXPECT_TRUE(m.b.is_broken());
  m.b.reset();
  EXPECT_FALSE(m.b.is_broken());
  for (int i = 0; i < 3; ++i) m.meet_with_others();
  EXPECT_EQ(m.out, 3);
  try {
    m.b.wait(old).wait();
    ADD_FAILURE();
  } catch (weft::broken_barrier const& e) {
    EXPECT_EQ(e.reason(), "it was reset");
    EXPECT_EQ(e.code(), weft::errc::broken_barrier);
    EXPECT_TRUE(has(e.what(), "call reset()")) << e.what();
  }
}

TEST(barrier, a_reset_lets_those_who_wait_go_with_an_error) {
  meeting m;
  m.meet_with_others();
  m.meet_with_others();
  m.b.reset();
  m.hand.finish();
  EXPECT_EQ(m.told, (std::vector<std::string>{"it was reset", "it was reset"}));
}

// The wait of a task that is cancelled already ends before it hangs anywhere.
TEST(barrier, a_wait_that_is_cancelled_at_once_breaks_it_too) {
  meeting m;
  m.meet_with_others();
  std::optional<weft::barrier_token> mine;
  auto body = [&]() -> weft::task<> {
    mine = m.b.arrive();
    m.alone.tasks.cancel("too late");
    co_await m.b.wait(*mine);
  };
  (void)m.alone.spawn(body);
  m.alone.finish();
  EXPECT_TRUE(m.b.is_broken());
  m.hand.finish();
  EXPECT_EQ(m.told, (std::vector<std::string>{"the wait of one party was cancelled: too late"}));
}

TEST(barrier, one_that_leaves_a_phase_that_is_over_breaks_nothing) {
  meeting m;
  m.meet_alone();
  m.meet_with_others();
  m.meet_with_others();
  m.alone.tasks.cancel("lunch");
  m.alone.turn();
  EXPECT_FALSE(m.b.is_broken());
  EXPECT_EQ(m.out, 3);
}

TEST(barrier, a_select_that_lost_leaves_it_whole) {
  weft::barrier b{2};
  weft::gate g;
  weft_test::by_hand hand;
  bool over = false;
  auto body = [&]() -> weft::task<> {
    auto const mine = b.arrive();
    auto op = weft::select(b.wait(mine), g.opened());
    auto const r = co_await std::move(op);
    EXPECT_EQ(r.index(), 1u);
    co_await b.wait(mine);
    over = true;
  };
  (void)hand.spawn(body);
  hand.turn();
  g.open();
  hand.turn();
  EXPECT_FALSE(b.is_broken());
  EXPECT_FALSE(over);
  (void)b.arrive();
  hand.finish();
  EXPECT_TRUE(over);
}

TEST(barrier, the_one_that_arrived_last_does_not_look_at_it_again) {
  auto b = std::make_unique<weft::barrier>(2u);
  weft_test::by_hand hand;
  auto body = [&]() -> weft::task<> {
    co_await b->arrive_and_wait();
    b.reset();
  };
  (void)hand.spawn(body);
  hand.turn();
  auto op = b->arrive_and_wait();
  hand.finish();
  EXPECT_EQ(b, nullptr);
  std::move(op).wait();
}

TEST(barrier, misuse_is_refused) {
  EXPECT_TRUE(has(misuse_of([] { weft::barrier none{0}; }), "for 0 parties"));
  std::string inside;
  weft::barrier* self = nullptr;
  weft::barrier b{1, [&] { inside = misuse_of([&] { (void)self->arrive(); }); }};
  self = &b;
  auto const mine = b.arrive();
  EXPECT_TRUE(has(inside, "whose 1 parties have all arrived")) << inside;
  weft::barrier other{1};
  EXPECT_TRUE(has(misuse_of([&] { other.wait(mine).wait(); }), "the token of another barrier"));
}

TEST(barrier, one_reset_by_its_completion_ends_no_phase) {
  weft::barrier* self = nullptr;
  weft::barrier b{1, [&] { self->reset(); }};
  self = &b;
  EXPECT_THROW(b.arrive_and_wait().wait(), weft::broken_barrier);
  EXPECT_FALSE(b.is_broken());
}

TEST(barrier, one_can_drop_out_of_a_broken_one) {
  meeting m;
  m.meet_alone();
  m.cancel_the_one();
  m.b.arrive_and_drop();
  m.b.reset();
  m.meet_with_others();
  m.meet_with_others();
  EXPECT_EQ(m.out, 2);
}

TEST(barrier, destroyed_with_waiters_dies) {
  auto misuse = [] {
    weft_test::by_hand hand;
    auto b = std::make_unique<weft::barrier>(2u);
    auto body = [&]() -> weft::task<> { co_await b->arrive_and_wait(); };
    (void)hand.spawn(body);
    hand.turn();
    b.reset();
  };
  EXPECT_DEATH(misuse(), "a barrier was destroyed while tasks wait for it");
}

}  // namespace
