// SPDX-License-Identifier: Apache-2.0
// Handler actors: order, turns, hooks, how they end, what becomes of what they did not handle.
#include <weft/weft.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

namespace {

using namespace std::chrono_literals;
using weft::dead_reason;
using weft::exit_reason;
using weft::ref;
using weft::spawn_actor;
using weft::status;
using weft::sync_wait;

struct add {
  int n;
};
struct get {
  using reply = int;
};
struct fail {};
struct halt {};

// What an actor did, for a test that waits for it.
struct journal {
  weft::gate over;
  std::atomic<int> kept{0};
  std::string why;
};

class counter : public weft::actor<add, get> {
  int state_ = 0;

 public:
  explicit counter(int from = 0) : state_(from) {}
  void on(add m) { state_ += m.n; }
  int on(get) const { return state_; }
};

class noted : public weft::actor<add, get, fail, halt> {
  std::shared_ptr<journal> j_;
  int state_ = 0;
  std::array<int, 20> each_{};  // too big for the cell

 public:
  explicit noted(std::shared_ptr<journal> j) : j_(std::move(j)) {}
  noted(noted const&) = delete;
  ~noted() { j_->over.open(); }
  void on(add m) { j_->kept = state_ += each_[0] + m.n; }
  int on(get) const { return state_; }
  void on(fail) { throw std::runtime_error("as told"); }
  void on(halt) { stop(); }
  void stopping(exit_reason const& why) { j_->why = why.text(); }
};

struct letters {
  std::uint64_t before = weft::dead_letters().count();
  std::uint64_t no_actor = weft::dead_letters().count(dead_reason::no_actor);
  std::uint64_t terminated = weft::dead_letters().count(dead_reason::terminated);
  std::uint64_t failed = weft::dead_letters().count(dead_reason::failed);
};

TEST(actor, handles_what_it_is_told_and_answers) {
  auto c = sync_wait([]() -> weft::task<ref<add, get>> {
    auto starting = weft::spawn<counter>();
    co_return co_await std::move(starting);
  }());
  EXPECT_EQ(c.tell(add{5}), status::done);
  EXPECT_EQ(c.tell(add{-2}), status::done);
  EXPECT_EQ(c.ask(get{}).wait(), 3);
  EXPECT_TRUE(c.alive());
  EXPECT_TRUE(c.stop());
}

TEST(actor, a_reference_narrows_compares_and_hashes) {
  auto const c = spawn_actor<counter>(7);
  ref<get> const asks = c;
  ref<> const any = asks;
  EXPECT_EQ(asks.ask(get{}).wait(), 7);
  EXPECT_TRUE(any == c);
  EXPECT_NE(c.id(), 0u);
  EXPECT_EQ(std::hash<ref<>>{}(any), std::hash<ref<get>>{}(asks));
  EXPECT_FALSE(ref<add>{}.alive());
  EXPECT_EQ(ref<add>{}.tell(add{1}), status::closed);
  any.kill();
}

TEST(actor, messages_of_one_sender_come_in_order) {
  struct item {
    unsigned from, n;
  };
  class sink : public weft::actor<item, get> {
    std::array<unsigned, 4> last_{};
    int wrong_ = 0;

   public:
    void on(item m) {
      if (m.n != ++last_[m.from]) ++wrong_;
    }
    int on(get) const { return wrong_; }
  };
  auto const s = spawn_actor<sink>();
  std::vector<std::jthread> threads;
  for (unsigned t = 0; t < 4; ++t)
    threads.emplace_back([s, t] {
      for (unsigned n = 1; n <= 2000; ++n) s.tell(item{t, n});
    });
  threads.clear();
  EXPECT_EQ(s.ask(get{}).wait(), 0);
  s.stop();
}

TEST(actor, stop_ends_it_and_what_is_queued_are_dead_letters) {
  letters const was;
  auto const j = std::make_shared<journal>();
  weft::runtime one({.workers = 1});
  auto const a = spawn_actor<noted>({.on = &one}, j);
  a.tell(add{1});
  EXPECT_EQ(a.ask(get{}).wait(), 1);
  EXPECT_TRUE(a.stop());
  j->over.opened().wait();
  EXPECT_EQ(j->why, "shutdown");
  for (weft::backoff pause; a.alive(); pause()) {
  }
  EXPECT_EQ(a.tell(add{1}), status::closed);
  EXPECT_FALSE(a.stop());
  EXPECT_EQ(weft::dead_letters().count(dead_reason::no_actor), was.no_actor + 1);
}

TEST(actor, drain_handles_what_was_sent_before) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<noted>(j);
  for (int i = 0; i < 100; ++i) a.tell(add{1});
  a.drain();
  j->over.opened().wait();
  EXPECT_EQ(j->kept, 100);
  EXPECT_EQ(j->why, "shutdown");
}

TEST(actor, kill_calls_no_hook) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<noted>(j);
  EXPECT_TRUE(a.kill());
  j->over.opened().wait();
  EXPECT_EQ(j->why, "");
}

TEST(actor, stops_itself_after_the_handler) {
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<noted>(j);
  a.tell(add{2});
  a.tell(halt{});
  a.tell(add{2});
  j->over.opened().wait();
  EXPECT_EQ(j->kept, 2);
  EXPECT_EQ(j->why, "normal");
}

TEST(actor, an_exception_of_a_handler_ends_it_and_the_message_is_a_dead_letter) {
  letters const was;
  auto const j = std::make_shared<journal>();
  auto const a = spawn_actor<noted>(j);
  a.tell(fail{});
  j->over.opened().wait();
  EXPECT_EQ(j->why, "crashed: as told");
  EXPECT_EQ(weft::dead_letters().count(dead_reason::failed), was.failed + 1);
}

TEST(actor, an_observer_sees_dead_letters_with_their_content) {
  std::vector<int> seen;
  auto watching = weft::dead_letters().subscribe([&](weft::dead_letter const& l) {
    auto const* m = l.get_if<add>();
    if (m && m->n > 4000 && l.reason == dead_reason::no_actor) seen.push_back(m->n);
  });
  ref<add>{}.tell(add{4242});
  {
    auto const gone = std::move(watching);
  }
  ref<add>{}.tell(add{4343});
  EXPECT_THAT(seen, testing::ElementsAre(4242));
}

TEST(actor, messages_are_destroyed_whatever_becomes_of_them) {
  struct load {
    std::shared_ptr<int> held;
  };
  class eater : public weft::actor<load, get, halt> {
   public:
    void on(load) {}
    int on(get) const { return 0; }
    void on(halt) { stop(); }
  };
  auto const held = std::make_shared<int>();
  auto const e = spawn_actor<eater>();
  e.tell(load{held});
  e.ask(get{}).wait();
  EXPECT_EQ(held.use_count(), 1);
  e.tell(halt{});
  e.tell(load{held});
  for (weft::backoff pause; e.alive() || held.use_count() != 1; pause()) {
  }
  e.tell(load{held});
  EXPECT_EQ(held.use_count(), 1);
}

TEST(actor, a_constructor_that_throws_leaves_nothing) {
  class broken : public weft::actor<add> {
   public:
    broken() { throw std::runtime_error("not today"); }
    void on(add) {}
  };
  EXPECT_THROW(spawn_actor<broken>(), std::runtime_error);
  EXPECT_THROW(weft::spawn<broken>().wait(), std::runtime_error);
}

class starting : public weft::actor<get> {
  bool fails_;
  int state_ = 0;

 public:
  explicit starting(bool fails) : fails_(fails) {}
  void started() {
    if (fails_) throw std::runtime_error("cannot start");
    state_ = 9;
  }
  int on(get) const { return state_; }
};

TEST(actor, spawn_waits_for_started) {
  auto const a = weft::spawn<starting>(false).wait();
  EXPECT_EQ(a.ask(get{}).wait(), 9);
  EXPECT_THROW(weft::spawn<starting>(true).wait(), std::runtime_error);
  auto const b = spawn_actor<starting>(false);
  EXPECT_EQ(b.ask(get{}).wait(), 9);
  a.stop();
  b.stop();
}

TEST(actor, self_is_known_from_the_constructor_on) {
  class selfish : public weft::actor<get> {
    std::uint64_t id_;

   public:
    selfish() : id_(self().id()) {}
    int on(get) const { return id_ == self().id() ? 1 : 0; }
  };
  auto const a = spawn_actor<selfish>();
  EXPECT_EQ(a.ask(get{}).wait(), 1);
  a.stop();
}

TEST(actor, the_scope_above_ends_it) {
  auto const j = std::make_shared<journal>();
  auto above = weft::scope::root();
  auto const a = spawn_actor<noted>({.in = above}, j);
  a.tell(add{1});
  above.cancel("enough");
  j->over.opened().wait();
  EXPECT_EQ(j->why, "cancelled");
  EXPECT_THROW(spawn_actor<counter>({.in = above}), weft::cancelled);
}

TEST(actor, a_runtime_ends_its_actors_first) {
  auto const j = std::make_shared<journal>();
  ref<add, get, fail, halt> a;
  {
    weft::runtime own({.workers = 2});
    a = spawn_actor<noted>({.on = &own}, j);
    for (int i = 0; i < 100; ++i) spawn_actor<counter>({.on = &own});
  }
  EXPECT_TRUE(j->over.is_open());
  EXPECT_EQ(j->why, "cancelled");
  EXPECT_EQ(a.tell(add{1}), status::closed);
}

TEST(actor, cells_are_used_again_and_stale_references_find_nobody) {
  letters const was;
  class once : public weft::actor<halt> {
   public:
    void on(halt) { stop(); }
  };
  for (int i = 0; i < 20000; ++i) {
    auto const a = spawn_actor<once>();
    a.tell(halt{});
    a.tell(halt{});
  }
  // Each second message was for one that had ended, or had stopped before it.
  auto const until = weft::clock::now() + 20s;
  for (weft::backoff pause; weft::dead_letters().count() < was.before + 20000; pause())
    ASSERT_LT(weft::clock::now(), until);
  EXPECT_EQ(weft::dead_letters().count(), was.before + 20000);
}

}  // namespace
