// SPDX-License-Identifier: Apache-2.0
// Supervisors by the rules of OTP's: order of start and end, kinds of children, intensity, stable
// addresses, calls.
#include <weft/weft.hpp>

#include <gmock/gmock.h>

#include <mutex>
#include <thread>

namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using weft::ask_failure;
using weft::child_options;
using weft::ref;
using weft::restart;
using weft::supervised;
using weft::supervisor;
using weft::supervisor_error;
using kind = weft::exit_reason::kind;

struct add {
  int n;
};
struct get {
  using reply = int;
};
struct fail {};
struct fail_asked {
  using reply = int;
};
struct halt {};

// What children did, in order.
class diary {
 public:
  void note(std::string s) {
    std::scoped_lock hold{lock_};
    lines_.push_back(std::move(s));
  }
  std::vector<std::string> lines() const {
    std::scoped_lock hold{lock_};
    return lines_;
  }

 private:
  mutable std::mutex lock_;
  std::vector<std::string> lines_;
};

class worker : public weft::actor<add, get, fail, fail_asked, halt> {
  std::string name_;
  diary* d_;
  int sum_ = 0;

 public:
  worker(std::string name, diary* d) : name_(std::move(name)), d_(d) {}
  void started() { d_->note("start " + name_); }
  void restarted() { d_->note("restart " + name_); }
  void before_restart(weft::exit_reason const& why) { d_->note(name_ + " " + why.text()); }
  void stopping(weft::exit_reason const& why) { d_->note("stop " + name_ + " " + why.text()); }
  void on(add m) { sum_ += m.n; }
  int on(get) const { return sum_; }
  void on(fail) { throw std::runtime_error("broken"); }
  int on(fail_asked) { throw std::runtime_error("broken"); }
  void on(halt) { stop(); }
};

// The same as a coroutine.
class walker : public weft::actor<add, get, fail, halt> {
  diary* d_;

 public:
  explicit walker(diary* d) : d_(d) {}
  weft::task<> run() {
    d_->note("run");
    for (int sum = 0;;) {
      auto m = co_await receive();
      if (auto* a = std::get_if<add>(&m)) sum += a->n;
      if (auto* g = std::get_if<weft::request<get>>(&m)) g->answer.reply(sum);
      if (std::get_if<fail>(&m)) throw std::runtime_error("broken");
      if (std::get_if<halt>(&m)) co_return;
    }
  }
};

using sup_ref = supervisor::ref_type;

template <class T = worker>
typename T::ref_type child_of(sup_ref const& s, std::string name) {
  return supervised<T>(s, std::move(name)).wait();
}
std::size_t active(sup_ref const& s) { return s.ask(weft::count_children{}).wait().active; }
void until_active(sup_ref const& s, std::size_t n) {
  for (weft::backoff pause; active(s) != n; pause()) {
  }
}
void end(sup_ref const& s) {
  s.stop();
  (void)weft::ended(s).wait();
}
template <class F>
std::optional<supervisor_error::kind> refusal(F f) {
  try {
    f();
  } catch (supervisor_error const& e) {
    return e.why();
  }
  return std::nullopt;
}

TEST(supervisor, starts_in_order_and_ends_in_reverse) {
  diary d;
  supervisor pool;
  pool.child<worker>("a", "a", &d).child<worker>("b", "b", &d);
  auto const s = weft::spawn(std::move(pool)).wait();
  EXPECT_THAT(d.lines(), ElementsAre("start a", "start b"));
  end(s);
  EXPECT_THAT(d.lines(), ElementsAre("start a", "start b", "stop b shutdown", "stop a shutdown"));
}

TEST(supervisor, a_failed_child_keeps_its_address_and_its_queue) {
  diary d;
  supervisor pool{{.max_restarts = 5, .window = 60s}};
  pool.child<worker>("w", "w", &d);
  auto const s = weft::spawn(std::move(pool)).wait();
  auto const w = child_of(s, "w");
  w.tell(add{1});
  w.tell(fail{});
  for (int i = 0; i < 100; ++i) w.tell(add{2});
  EXPECT_EQ(w.ask(get{}).wait(), 200);
  EXPECT_EQ(child_of(s, "w"), w);
  EXPECT_THAT(d.lines(), ElementsAre("start w", "w crashed: broken", "restart w"));
  end(s);
}

TEST(supervisor, a_failed_coroutine_child_begins_anew) {
  diary d;
  supervisor pool{{.max_restarts = 5}};
  pool.child<walker>("w", &d);
  auto const s = weft::spawn(std::move(pool)).wait();
  auto const w = child_of<walker>(s, "w");
  w.tell(add{1});
  w.tell(fail{});
  w.tell(add{2});
  EXPECT_EQ(w.ask(get{}).wait(), 2);
  EXPECT_THAT(d.lines(), ElementsAre("run", "run"));
  end(s);
}

TEST(supervisor, a_request_that_a_failed_child_had_ends_as_restarted) {
  diary d;
  supervisor pool;
  pool.child<worker>("w", "w", &d);
  auto const s = weft::spawn(std::move(pool)).wait();
  try {
    (void)child_of(s, "w").ask(fail_asked{}).wait();
    FAIL() << "it was answered";
  } catch (weft::actor_error const& e) {
    EXPECT_EQ(e.why(), ask_failure::restarted);
  }
  end(s);
}

TEST(supervisor, kinds_of_children) {
  diary d;
  supervisor pool{{.max_restarts = 100}};
  pool.child<walker>(child_options{.name = "permanent"}, &d)
      .child<walker>(child_options{.name = "transient", .restart = restart::transient}, &d)
      .child<walker>(child_options{.name = "temporary", .restart = restart::temporary}, &d);
  auto const s = weft::spawn(std::move(pool)).wait();
  auto const p = child_of<walker>(s, "permanent");
  auto const tr = child_of<walker>(s, "transient");
  auto const te = child_of<walker>(s, "temporary");
  p.tell(halt{});
  EXPECT_EQ(p.ask(get{}).wait(), 0);
  tr.tell(fail{});
  EXPECT_EQ(tr.ask(get{}).wait(), 0);
  tr.tell(halt{});
  (void)weft::ended(tr).wait();
  te.tell(fail{});
  (void)weft::ended(te).wait();
  until_active(s, 1);
  EXPECT_EQ(s.ask(weft::count_children{}).wait().specs, 2u);
  EXPECT_EQ(refusal([&] { (void)child_of<walker>(s, "temporary"); }),
            supervisor_error::kind::not_found);
  end(s);
}

TEST(supervisor, too_many_restarts_end_it_and_its_children) {
  diary d;
  supervisor pool{{.max_restarts = 2, .window = 60s}};
  pool.child<worker>("a", "a", &d).child<worker>("b", "b", &d);
  auto const s = weft::spawn(std::move(pool)).wait();
  auto const a = child_of(s, "a");
  auto const b = child_of(s, "b");
  weft::inbox<weft::down> in;
  weft::monitor(s, in.self());
  for (int i = 0; i < 3; ++i) a.tell(fail{});
  EXPECT_EQ(in.receive().wait().why.why, kind::shutdown);
  EXPECT_FALSE(a.alive());
  EXPECT_FALSE(b.alive());
}

weft::time_point told_time{1h};

TEST(supervisor, restarts_older_than_the_window_do_not_count) {
  weft::loop here([]() noexcept { return told_time; });
  diary d;
  supervisor pool{{.max_restarts = 1, .window = 5s}};
  pool.child<walker>("w", &d);
  auto const s =
      weft::spawn_actor<supervisor>({.on = &here, .in = weft::scope::root()}, std::move(pool));
  here.poll();
  ref<add, get, fail, halt> w;
  std::jthread asker([&] { w = child_of<walker>(s, "w"); });
  for (weft::backoff pause; !w; pause()) here.poll();
  asker.join();
  for (int i = 0; i < 5; ++i) {
    w.tell(fail{});
    here.poll();
    told_time += 6s;
  }
  EXPECT_TRUE(s.alive());
  EXPECT_TRUE(w.alive());
  EXPECT_EQ(d.lines().size(), 6u);
  w.tell(fail{});
  here.poll();
  told_time += 4s;
  w.tell(fail{});
  here.poll();
  EXPECT_FALSE(s.alive());
  EXPECT_FALSE(w.alive());
}

TEST(supervisor, a_failed_start_ends_those_before_it) {
  class broken : public weft::actor<add> {
   public:
    void started() { throw std::runtime_error("no disk"); }
    void on(add) {}
  };
  diary d;
  supervisor pool;
  pool.child<worker>("a", "a", &d)
      .child<worker>("b", "b", &d)
      .child<broken>("c")
      .child<worker>("d", "d", &d);
  try {
    (void)weft::spawn(std::move(pool)).wait();
    FAIL() << "it started";
  } catch (supervisor_error const& e) {
    EXPECT_EQ(e.why(), supervisor_error::kind::failed_to_start);
    EXPECT_THAT(e.what(), testing::HasSubstr("\"c\""));
    EXPECT_THAT(e.what(), testing::HasSubstr("no disk"));
  }
  EXPECT_THAT(d.lines(), ElementsAre("start a", "start b", "stop b shutdown", "stop a shutdown"));
}

TEST(supervisor, a_restart_that_fails_is_tried_again_and_counts) {
  struct tries {
    std::atomic<int> made{0};
  };
  class moody : public weft::actor<fail, get> {
   public:
    explicit moody(tries* t) {
      if (auto const n = ++t->made; n == 2 || n == 3) throw std::runtime_error("not yet");
    }
    void on(fail) { throw std::runtime_error("broken"); }
    int on(get) { return 1; }
  };
  tries t;
  supervisor pool{{.max_restarts = 3, .window = 60s}};
  pool.child<moody>("m", &t);
  auto const s = weft::spawn(std::move(pool)).wait();
  auto const m = child_of<moody>(s, "m");
  m.tell(fail{});
  EXPECT_EQ(m.ask(get{}).wait(), 1);
  EXPECT_EQ(t.made, 4);
  m.tell(fail{});
  (void)weft::ended(s).wait();
  EXPECT_FALSE(m.alive());
}

TEST(supervisor, calls) {
  diary d;
  auto const s = weft::spawn(supervisor{}).wait();
  auto const make = [&](std::string name) {
    return weft::start_child{weft::child<worker>(child_options{.name = name}, name, &d)};
  };
  auto const first = s.ask(make("x")).wait().as<worker>();
  first.tell(add{4});
  EXPECT_EQ(first.ask(get{}).wait(), 4);
  EXPECT_EQ(refusal([&] { (void)s.ask(make("x")).wait(); }),
            supervisor_error::kind::already_started);
  EXPECT_EQ(refusal([&] { (void)s.ask(weft::restart_child{"x"}).wait(); }),
            supervisor_error::kind::running);
  EXPECT_EQ(refusal([&] { s.ask(weft::delete_child{"x"}).wait(); }),
            supervisor_error::kind::running);
  auto const all = s.ask(weft::which_children{}).wait();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].name, "x");
  EXPECT_EQ(all[0].who, first);
  s.ask(weft::terminate_child{"x"}).wait();
  EXPECT_FALSE(first.alive());
  EXPECT_EQ(refusal([&] { (void)s.ask(make("x")).wait(); }),
            supervisor_error::kind::already_present);
  auto const second = s.ask(weft::restart_child{"x"}).wait().as<worker>();
  EXPECT_NE(second, first);
  EXPECT_EQ(second.ask(get{}).wait(), 0);
  s.ask(weft::terminate_child{"x"}).wait();
  s.ask(weft::delete_child{"x"}).wait();
  EXPECT_EQ(refusal([&] { s.ask(weft::terminate_child{"x"}).wait(); }),
            supervisor_error::kind::not_found);
  EXPECT_THROW((void)s.ask(make("y")).wait().as<walker>(), weft::misuse_error);
  end(s);
}

TEST(supervisor, a_child_that_does_not_end_in_time_is_killed) {
  class stubborn : public weft::actor<add> {
   public:
    weft::task<> run() { co_await weft::after(1h); }
  };
  supervisor pool;
  pool.child<stubborn>(child_options{.name = "s", .shutdown = 5ms});
  auto const s = weft::spawn(std::move(pool)).wait();
  auto const c = child_of<stubborn>(s, "s");
  end(s);
  EXPECT_FALSE(c.alive());
}

TEST(supervisor, factories_and_supervisors_as_children) {
  diary d;
  supervisor top{{.max_restarts = 5}};
  top.child(child_options{.name = "below"}, [&d] {
    supervisor s;
    s.child("w", [&d] { return worker("w", &d); });
    return s;
  });
  auto const t = weft::spawn(std::move(top)).wait();
  auto const below = child_of<supervisor>(t, "below");
  auto w = child_of(below, "w");
  // One restart is allowed below; the second failure goes up, and all below begins anew.
  w.tell(fail{});
  w.tell(fail{});
  (void)weft::ended(w).wait();
  auto const again = child_of(below, "w");
  EXPECT_NE(again, w);
  EXPECT_EQ(again.ask(get{}).wait(), 0);
  end(t);
  EXPECT_FALSE(again.alive());
}

TEST(supervisor, bad_settings_are_refused) {
  EXPECT_THROW(supervisor({.strategy = weft::strategy::one_for_all}), weft::misuse_error);
  diary d;
  supervisor pool;
  pool.child<walker>("w", &d);
  EXPECT_EQ(refusal([&] { pool.child<walker>("w", &d); }), supervisor_error::kind::already_present);
}

TEST(supervisor, its_scope_ends_all) {
  diary d;
  auto above = weft::scope::root();
  ref<add, get, fail, fail_asked, halt> w;
  sup_ref s;
  {
    supervisor pool;
    pool.child<worker>("w", "w", &d);
    s = weft::spawn_actor<supervisor>({.in = above}, std::move(pool));
    w = child_of(s, "w");
  }
  above.cancel();
  (void)weft::ended(s).wait();
  (void)weft::ended(w).wait();
  EXPECT_FALSE(s.alive());
  EXPECT_FALSE(w.alive());
}

}  // namespace
