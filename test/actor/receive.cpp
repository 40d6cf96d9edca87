// SPDX-License-Identifier: Apache-2.0
// Coroutine actors and inboxes: what receive() gives, when it waits, and what ends it.
#include <weft/weft.hpp>

#include <gmock/gmock.h>

#include <thread>

namespace {

using namespace std::chrono_literals;
using weft::ref;
using weft::request;
using weft::spawn_actor;
using weft::status;
using weft::sync_wait;

struct add {
  int n;
};
struct get {
  using reply = int;
};
struct text {
  std::unique_ptr<std::string> of;
};

struct journal {
  weft::gate over;
  weft::gate ran;
  std::string why;
  int kept = 0;
};

class account : public weft::actor<add, get> {
  std::shared_ptr<journal> j_;

 public:
  explicit account(std::shared_ptr<journal> j = std::make_shared<journal>()) : j_(std::move(j)) {}
  account(account const&) = delete;
  ~account() { j_->over.open(); }
  void stopping(weft::exit_reason const& why) { j_->why = why.text(); }
  weft::task<> run() {
    int sum = 0;
    j_->ran.open();
    for (;;) {
      auto m = co_await receive();
      if (auto* a = std::get_if<add>(&m)) {
        if (a->n == 0) co_return;
        if (a->n < 0) throw std::runtime_error("negative");
        j_->kept = sum += a->n;
      } else {
        std::get<request<get>>(m).answer.reply(sum);
      }
    }
  }
};

TEST(receive, a_coroutine_actor_takes_messages_in_order) {
  auto const a = spawn_actor<account>();
  for (int i = 1; i <= 1000; ++i) a.tell(add{i});
  EXPECT_EQ(a.ask(get{}).wait(), 500500);
  a.stop();
}

TEST(receive, the_end_of_run_is_the_end_of_the_actor) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<account>(j);
  a.tell(add{3});
  a.tell(add{0});
  j->over.opened().wait();
  EXPECT_EQ(j->why, "normal");
  EXPECT_EQ(j->kept, 3);
}

TEST(receive, an_exception_out_of_run_is_a_crash) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<account>(j);
  a.tell(add{-1});
  j->over.opened().wait();
  EXPECT_EQ(j->why, "crashed: negative");
}

TEST(receive, stop_ends_it_at_a_receive_that_waits_and_at_the_next_one) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<account>(j);
  a.ask(get{}).wait();
  EXPECT_TRUE(a.stop());
  j->over.opened().wait();
  EXPECT_EQ(j->why, "shutdown");

  auto const k = std::make_shared<journal>();
  weft::loop by_hand;
  auto const b = spawn_actor<account>({.on = &by_hand, .in = weft::scope::root()}, k);
  b.tell(add{1});
  b.stop();
  by_hand.poll();
  EXPECT_TRUE(k->over.is_open());
  EXPECT_EQ(k->kept, 0);
}

TEST(receive, drain_lets_it_take_what_was_sent_before) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<account>(j);
  for (int i = 0; i < 50; ++i) a.tell(add{2});
  a.drain();
  j->over.opened().wait();
  EXPECT_EQ(j->kept, 100);
  EXPECT_EQ(j->why, "shutdown");
}

class sleeper : public weft::actor<add> {
  std::shared_ptr<journal> j_;

 public:
  explicit sleeper(std::shared_ptr<journal> j) : j_(std::move(j)) {}
  sleeper(sleeper const&) = delete;
  ~sleeper() { j_->over.open(); }
  void stopping(weft::exit_reason const& why) { j_->why = why.text(); }
  weft::task<> run() {
    j_->ran.open();
    co_await weft::after(1h);
  }
};

TEST(receive, kill_ends_it_at_any_wait) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<sleeper>(j);
  j->ran.opened().wait();
  EXPECT_TRUE(a.kill());
  j->over.opened().wait();
  EXPECT_EQ(j->why, "");
}

TEST(receive, the_scope_above_ends_it) {
  auto const j = std::make_shared<journal>();
  auto above = weft::scope::root();
  (void)spawn_actor<sleeper>({.in = above}, j);
  j->ran.opened().wait();
  above.cancel();
  j->over.opened().wait();
  EXPECT_EQ(j->why, "cancelled");
}

TEST(receive, a_runtime_ends_its_coroutine_actors_first) {
  auto const j = std::make_shared<journal>();
  {
    weft::runtime own({.workers = 2});
    (void)spawn_actor<sleeper>({.on = &own}, j);
  }
  EXPECT_TRUE(j->over.is_open());
}

TEST(receive, an_inbox_serves_a_plain_thread) {
  weft::inbox<text> in;
  auto const to = in.self();
  EXPECT_FALSE(in.try_receive());
  std::jthread sender([to] {
    for (int i = 0; i < 100; ++i) to.tell(text{std::make_unique<std::string>(std::to_string(i))});
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(*in.receive().wait().of, std::to_string(i));
}

TEST(receive, an_inbox_takes_requests) {
  weft::inbox<get, add> in;
  std::jthread asker([to = in.self()] { EXPECT_EQ(to.ask(get{}).wait(), 11); });
  auto m = in.receive().wait();
  ASSERT_EQ(m.index(), 0u);
  std::get<0>(m).answer.reply(11);
  asker.join();
  in.self().tell(get{});
  auto told = in.receive().wait();
  EXPECT_FALSE(std::get<0>(told).answer);
}

TEST(receive, a_timeout_or_another_case_takes_no_message) {
  weft::inbox<add> in;
  EXPECT_THROW((in.receive() | weft::timeout(1ms)).wait(), weft::timeout_error);
  weft::gate g;
  g.open();
  EXPECT_EQ(weft::select(in.receive(), g.opened()).wait().index(), 1u);
  in.self().tell(add{4});
  EXPECT_EQ((in.receive() | weft::timeout(1h)).wait().n, 4);
}

TEST(receive, the_end_of_an_inbox_makes_dead_letters) {
  auto const was = weft::dead_letters().count(weft::dead_reason::terminated);
  ref<add> to;
  {
    weft::inbox<add> in;
    to = in.self();
    to.tell(add{1});
    to.tell(add{2});
    EXPECT_FALSE(to.stop());
  }
  EXPECT_EQ(weft::dead_letters().count(weft::dead_reason::terminated), was + 2);
  EXPECT_EQ(to.tell(add{3}), status::closed);
}

TEST(receive, a_ping_pong_of_coroutine_actors) {
  struct ball {
    ref<add> to;
  };
  class pong : public weft::actor<ball> {
   public:
    weft::task<> run() {
      for (;;) {
        auto b = co_await receive();
        b.to.tell(add{1});
      }
    }
  };
  auto const p = spawn_actor<pong>();
  auto const trips = sync_wait([](ref<ball> to) -> weft::task<int> {
    weft::inbox<add> mine;
    int n = 0;
    while (n < 10000) {
      to.tell(ball{mine.self()});
      auto got = co_await mine.receive();
      n += got.n;
    }
    co_return n;
  }(p));
  EXPECT_EQ(trips, 10000);
  p.stop();
}

}  // namespace
