// SPDX-License-Identifier: Apache-2.0
// Who hears of an actor's end: waits, monitors and links.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace std::chrono_literals;
using weft::down;
using weft::ended;
using weft::exit_reason;
using weft::ref;
using weft::spawn_actor;
using kind = weft::exit_reason::kind;

struct fail {};
struct halt {};
struct nothing {
  using reply = void;
};

class worker : public weft::actor<fail, halt, nothing> {
 public:
  void on(fail) { throw std::runtime_error("broken"); }
  void on(halt) { stop(); }
  void on(nothing) {}
};

TEST(watch, ended_waits_for_the_end_and_says_why) {
  auto const a = spawn_actor<worker>();
  auto const b = spawn_actor<worker>();
  auto const c = spawn_actor<worker>();
  a.tell(fail{});
  b.tell(halt{});
  EXPECT_EQ(ended(a).wait().why == kind::crashed || !a.alive(), true);
  auto const why = ended(b).wait().why;
  EXPECT_TRUE(why == kind::normal || why == kind::no_actor);
  EXPECT_THROW((ended(c) | weft::timeout(1ms)).wait(), weft::timeout_error);
  std::jthread killer([c] { c.kill(); });
  auto const how = ended(c).wait().why;
  EXPECT_TRUE(how == kind::killed || how == kind::no_actor);
  killer.join();
  EXPECT_EQ(ended(c).wait().why, kind::no_actor);
}

TEST(watch, ended_gives_the_error_of_a_crash) {
  auto const a = spawn_actor<worker>();
  weft::gate waits;
  std::jthread teller([&] {
    waits.opened().wait();
    a.tell(fail{});
  });
  auto const how = weft::sync_wait([](auto who, weft::gate& g) -> weft::task<exit_reason> {
    auto both = weft::when_all(
        [](auto w) -> weft::task<exit_reason> {
          auto op = ended(w);
          co_return co_await std::move(op);
        }(who),
        [](weft::gate& open) -> weft::task<> {
          open.open();
          co_return;
        }(g));
    auto [why, none] = co_await std::move(both);
    co_return why;
  }(a, waits));
  EXPECT_EQ(how.text(), "crashed: broken");
}

TEST(watch, a_monitor_sends_one_message_after_all_others) {
  class speaker : public weft::actor<halt> {
    ref<int, down> to_;

   public:
    explicit speaker(ref<int, down> to) : to_(to) {}
    void on(halt) {
      to_.tell(7);
      stop();
    }
  };
  weft::inbox<int, down> in;
  auto const s = spawn_actor<speaker>(in.self());
  weft::monitor(s, in.self());
  s.tell(halt{});
  EXPECT_EQ(std::get<int>(in.receive().wait()), 7);
  auto const end = in.receive().wait();
  EXPECT_EQ(std::get<down>(end).who, s.id());
  EXPECT_EQ(std::get<down>(end).why.why, kind::normal);
  EXPECT_FALSE(in.try_receive());
}

TEST(watch, a_monitor_of_nobody_answers_at_once) {
  weft::inbox<down> in;
  weft::monitor(ref<>{}, in.self());
  EXPECT_EQ(in.receive().wait().why.why, kind::no_actor);
}

TEST(watch, a_monitor_that_was_taken_back_sends_nothing) {
  weft::inbox<down> in;
  auto const a = spawn_actor<worker>();
  auto const m = weft::monitor(a, in.self());
  EXPECT_TRUE(weft::demonitor(a, m));
  EXPECT_FALSE(weft::demonitor(a, m));
  a.kill();
  (void)ended(a).wait();
  EXPECT_FALSE(in.try_receive());
}

class linked : public weft::actor<halt, fail, nothing> {
  weft::inbox<int>* in_;

 public:
  explicit linked(weft::inbox<int>* in) : in_(in) {}
  void on(halt) { stop(); }
  void on(fail) { throw std::runtime_error("broken"); }
  void on(nothing) {}
  void stopping(exit_reason const& why) { in_->self().tell(static_cast<int>(why.why)); }
};

TEST(watch, a_failure_ends_those_that_are_linked) {
  weft::inbox<int> in;
  auto const a = spawn_actor<worker>();
  auto const b = spawn_actor<linked>(&in);
  EXPECT_TRUE(weft::link(a, b));
  EXPECT_TRUE(weft::link(b, a));
  a.tell(fail{});
  EXPECT_EQ(in.receive().wait(), static_cast<int>(kind::linked));
  (void)ended(b).wait();
}

TEST(watch, a_normal_end_leaves_the_other_alone) {
  weft::inbox<int> in;
  auto const a = spawn_actor<worker>();
  auto const b = spawn_actor<linked>(&in);
  weft::link(a, b);
  a.tell(halt{});
  (void)ended(a).wait();
  b.ask(nothing{}).wait();
  EXPECT_TRUE(b.alive());
  b.kill();
}

TEST(watch, unlink_unties) {
  weft::inbox<int> in;
  auto const a = spawn_actor<worker>();
  auto const b = spawn_actor<linked>(&in);
  weft::link(a, b);
  weft::unlink(b, a);
  a.kill();
  (void)ended(a).wait();
  b.ask(nothing{}).wait();
  EXPECT_TRUE(b.alive());
  b.kill();
}

TEST(watch, a_link_to_one_that_has_ended_ends_the_other) {
  weft::inbox<int> in;
  auto const a = spawn_actor<worker>();
  a.kill();
  (void)ended(a).wait();
  auto const b = spawn_actor<linked>(&in);
  EXPECT_TRUE(weft::link(b, a));
  EXPECT_EQ(in.receive().wait(), static_cast<int>(kind::linked));
  EXPECT_FALSE(weft::link(b, in.self()));
}

class trapper : public weft::actor<down, nothing> {
  ref<int> to_;

 public:
  static constexpr bool traps_exits = true;
  explicit trapper(ref<int> to) : to_(to) {}
  void on(down d) { to_.tell(static_cast<int>(d.why.why)); }
  void on(nothing) {}
};

TEST(watch, one_that_traps_exits_is_sent_a_message) {
  weft::inbox<int> in;
  auto const a = spawn_actor<worker>();
  auto const b = spawn_actor<worker>();
  auto const t = spawn_actor<trapper>(in.self());
  weft::link(t, a);
  weft::link(b, t);
  a.tell(halt{});
  EXPECT_EQ(in.receive().wait(), static_cast<int>(kind::normal));
  b.kill();
  EXPECT_EQ(in.receive().wait(), static_cast<int>(kind::killed));
  t.ask(nothing{}).wait();
  t.stop();
}

TEST(watch, a_linked_coroutine_actor_ends_at_its_next_wait) {
  class sleeper : public weft::actor<halt> {
   public:
    weft::task<> run() { co_await weft::after(1h); }
  };
  auto const a = spawn_actor<sleeper>();
  auto const b = spawn_actor<sleeper>();
  weft::link(a, b);
  a.kill();
  auto const why = ended(b).wait().why;
  EXPECT_TRUE(why == kind::linked || why == kind::no_actor);
}

}  // namespace
