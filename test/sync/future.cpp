// SPDX-License-Identifier: Apache-2.0
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;

TEST(future, gives_the_value_to_one_consumer) {
  weft::promise<std::unique_ptr<int>> p;
  auto f = p.get_future();
  EXPECT_FALSE(f.ready());
  p.set_value(new int(5));
  EXPECT_TRUE(f.ready());
  EXPECT_EQ(*f.get().wait(), 5);
  EXPECT_FALSE(f.valid());
  EXPECT_THROW((void)f.get(), weft::misuse_error);
  EXPECT_THROW((void)f.share(), weft::misuse_error);
}

TEST(future, waits_in_a_thread_and_in_a_task) {
  weft::promise<int> a;
  weft::promise<void> b;
  auto fa = a.get_future();
  auto fb = b.get_future();
  std::thread setter([&] { a.set_value(3); });
  EXPECT_EQ(fa.get().wait(), 3);
  setter.join();

  weft_test::by_hand hand;
  bool done = false;
  auto body = [&]() -> weft::task<> {
    co_await fb.get();
    done = true;
  };
  (void)hand.spawn(body);
  hand.turn();
  EXPECT_FALSE(done);
  b.set_value();
  hand.finish();
  EXPECT_TRUE(done);
}

TEST(future, throws_the_error_that_was_set) {
  weft::promise<int> p;
  auto f = p.get_future();
  p.set_exception(std::make_exception_ptr(std::range_error("no such number")));
  EXPECT_THROW((void)f.get().wait(), std::range_error);
}

TEST(future, of_a_dropped_promise_is_a_broken_promise) {
  weft::future<int> f;
  {
    weft::promise<int> p;
    f = p.get_future();
  }
  try {
    (void)f.get().wait();
    FAIL();
  } catch (weft::error const& e) {
    EXPECT_EQ(e.code(), weft::errc::broken_promise);
    EXPECT_NE(std::string(e.what()).find("set_value"), std::string::npos);
  }
}

TEST(promise, is_set_once_and_has_one_future) {
  weft::promise<int> p;
  auto f = p.get_future();
  EXPECT_THROW((void)p.get_future(), weft::misuse_error);
  p.set_value(1);
  EXPECT_THROW(p.set_value(2), weft::misuse_error);
  EXPECT_THROW(p.set_exception(nullptr), weft::misuse_error);
  EXPECT_EQ(f.get().wait(), 1);
}

TEST(promise, whose_value_cannot_be_made_may_be_set_again) {
  struct fussy {
    explicit fussy(int i) {
      if (i == 0) throw std::invalid_argument("zero");
    }
  };
  weft::promise<fussy> p;
  auto f = p.get_future();
  EXPECT_THROW(p.set_value(0), std::invalid_argument);
  EXPECT_FALSE(f.ready());
  p.set_value(1);
  EXPECT_TRUE(f.ready());
}

TEST(shared_future, gives_one_value_to_many) {
  weft::promise<std::string> p;
  auto f = p.get_future().share();
  auto other = f;
  weft_test::by_hand hand;
  std::vector<std::string const*> seen;
  auto body = [&](weft::shared_future<std::string> of) -> weft::task<> {
    auto const& s = co_await of.get();
    seen.push_back(&s);
  };
  for (int i = 0; i < 3; ++i) (void)hand.spawn(body, f);
  hand.turn();
  p.set_value("one");
  hand.finish();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0], &other.get().wait());
  EXPECT_EQ(seen[1], seen[0]);
  EXPECT_EQ(*seen[2], "one");
}

TEST(shared_future, two_cases_of_one_select_wait_for_it) {
  weft::promise<int> p;
  auto f = p.get_future().share();
  weft_test::by_hand hand;
  int got = 0;
  auto body = [&]() -> weft::task<> {
    auto op = weft::race(f.get() | weft::then([](int const& i) { return i; }),
                         f.get() | weft::then([](int const& i) { return i; }));
    got = co_await std::move(op);
  };
  (void)hand.spawn(body);
  hand.turn();
  p.set_value(4);
  hand.finish();
  EXPECT_EQ(got, 4);
}

TEST(shared_future, gives_a_select_a_reference) {
  weft::promise<std::string> p, q;
  auto const slow = p.get_future().share(), fast = q.get_future().share();
  q.set_value("fast");
  auto const got = weft::select(slow.get(), fast.get()).wait();
  ASSERT_EQ(got.index(), 1u);
  EXPECT_EQ(&std::get<1>(got).get(), &fast.get().wait());
}

TEST(future, whose_get_timed_out_has_lost_nothing) {
  weft::promise<int> p;
  auto f = p.get_future();
  EXPECT_THROW((void)(f.get() | weft::timeout(1ms)).wait(), weft::timeout_error);
  EXPECT_TRUE(f.valid());
  p.set_value(1);
  EXPECT_EQ(f.get().wait(), 1);
  EXPECT_FALSE(f.valid());
  EXPECT_THROW((void)f.get(), weft::misuse_error);
}

}  // namespace
