// SPDX-License-Identifier: Apache-2.0
// Requests: answered, late, refused, given up.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace {

using namespace std::chrono_literals;
using weft::ask_failure;
using weft::dead_reason;
using weft::ref;
using weft::replier;
using weft::spawn_actor;
using weft::sync_wait;

struct square {
  using reply = int;
  int of;
};
struct later {
  using reply = std::unique_ptr<int>;
};
struct nothing {
  using reply = void;
};
struct answer_all {};
struct drop_all {};
struct fails {
  using reply = int;
};

class clerk : public weft::actor<square, later, nothing, answer_all, drop_all, fails> {
  std::vector<replier<std::unique_ptr<int>>> open_;
  int done_ = 0;

 public:
  int on(square m) { return m.of * m.of; }
  void on(later, replier<std::unique_ptr<int>> r) { open_.push_back(std::move(r)); }
  void on(nothing) { ++done_; }
  void on(answer_all) {
    for (auto& r : open_) r.reply(std::make_unique<int>(5));
    open_.clear();
  }
  void on(drop_all) { open_.clear(); }
  int on(fails) { throw std::runtime_error("cannot"); }
};

template <class Op>
std::optional<ask_failure> failure_of(Op op) {
  try {
    (void)std::move(op).wait();
  } catch (weft::actor_error const& e) {
    return e.why();
  }
  return std::nullopt;
}

// Answers that came too late, and requests that were skipped because nobody waited any more.
std::uint64_t given_up() {
  auto const& all = weft::dead_letters();
  return all.count(dead_reason::late_reply) + all.count(dead_reason::expired);
}

TEST(ask, gets_the_answer_in_a_thread_and_in_a_task) {
  auto const c = spawn_actor<clerk>();
  EXPECT_EQ(c.ask(square{4}).wait(), 16);
  c.ask(nothing{}).wait();
  auto const in_task = sync_wait([](auto to) -> weft::task<int> {
    auto op = to.ask(square{5}) | weft::then([](int n) { return n + 1; });
    co_return co_await std::move(op);
  }(c));
  EXPECT_EQ(in_task, 26);
  c.stop();
}

TEST(ask, an_answer_may_come_later_and_be_move_only) {
  auto const c = spawn_actor<clerk>();
  std::jthread answering([c](std::stop_token over) {
    while (!over.stop_requested()) c.tell(answer_all{}), std::this_thread::yield();
  });
  auto const got = sync_wait([](auto to) -> weft::task<int> {
    auto question = to.ask(later{});
    auto const p = co_await std::move(question);
    co_return *p;
  }(c));
  EXPECT_EQ(got, 5);
  answering.request_stop();
  c.stop();
}

TEST(ask, a_dropped_request_says_so) {
  auto const c = spawn_actor<clerk>();
  std::jthread again([c](std::stop_token t) {
    while (!t.stop_requested()) c.tell(drop_all{}), std::this_thread::yield();
  });
  EXPECT_EQ(failure_of(c.ask(later{})), ask_failure::no_reply);
  again.request_stop();
  c.stop();
}

TEST(ask, nobody_there_is_told_at_once) {
  EXPECT_EQ(failure_of(ref<square>{}.ask(square{1})), ask_failure::no_actor);
  auto const c = spawn_actor<clerk>();
  c.kill();
  for (weft::backoff pause; c.alive(); pause()) {
  }
  EXPECT_EQ(failure_of(c.ask(square{1})), ask_failure::no_actor);
}

TEST(ask, the_end_of_the_actor_ends_what_it_holds_and_what_is_queued) {
  auto const c = spawn_actor<clerk>();
  std::jthread stopper([c] {
    c.ask(nothing{}).wait();
    c.drain();
  });
  auto const how = failure_of(c.ask(later{}));
  EXPECT_TRUE(how == ask_failure::terminated || how == ask_failure::no_actor);
}

TEST(ask, a_handler_that_throws_ends_its_request) {
  auto const c = spawn_actor<clerk>();
  EXPECT_EQ(failure_of(c.ask(fails{})), ask_failure::failed);
  auto const then = failure_of(c.ask(fails{}));
  EXPECT_TRUE(then == ask_failure::no_actor || then == ask_failure::terminated);
}

TEST(ask, gives_up_after_its_limit_and_a_late_answer_is_counted) {
  auto const was = given_up();
  auto const c = spawn_actor<clerk>();
  EXPECT_EQ(failure_of(c.ask(later{}, 2ms)), ask_failure::timed_out);
  EXPECT_THROW((c.ask(later{}) | weft::timeout(2ms)).wait(), weft::timeout_error);
  c.tell(answer_all{});
  c.ask(nothing{}).wait();
  EXPECT_EQ(given_up(), was + 2);
  c.stop();
}

TEST(ask, a_loser_of_a_select_is_given_up) {
  auto const was = given_up();
  auto const c = spawn_actor<clerk>();
  auto const won = weft::select(c.ask(later{}), c.ask(square{3})).wait();
  ASSERT_EQ(won.index(), 1u);
  EXPECT_EQ(std::get<1>(won), 9);
  c.tell(answer_all{});
  c.ask(nothing{}).wait();
  EXPECT_EQ(given_up(), was + 1);
  c.stop();
}

TEST(ask, a_request_that_nobody_waits_for_is_skipped) {
  auto const was = weft::dead_letters().count(dead_reason::expired);
  struct hold {
    using reply = int;
    weft::gate* until;
  };
  class slow : public weft::actor<hold, square> {
   public:
    int on(hold h) {
      weft::blocking_region here;
      while (!h.until->is_open()) std::this_thread::yield();
      return 1;
    }
    int on(square m) { return m.of; }
  };
  weft::gate open;
  auto const s = spawn_actor<slow>();
  s.tell(hold{&open});
  EXPECT_EQ(failure_of(s.ask(square{1}, 1ms)), ask_failure::timed_out);
  open.open();
  EXPECT_EQ(s.ask(square{2}).wait(), 2);
  EXPECT_EQ(weft::dead_letters().count(dead_reason::expired), was + 1);
  s.stop();
}

TEST(ask, one_that_is_never_performed_sends_nothing) {
  auto const was = weft::dead_letters().count();
  {
    auto op = ref<square>{}.ask(square{1});
  }
  EXPECT_EQ(weft::dead_letters().count(), was);
}

TEST(ask, waiting_on_a_worker_is_refused) {
  auto const c = spawn_actor<clerk>();
  auto const refused = sync_wait([](auto to) -> weft::task<bool> {
    try {
      (void)to.ask(square{1}).wait();
    } catch (weft::misuse_error const&) {
      co_return true;
    }
    co_return false;
  }(c));
  EXPECT_TRUE(refused);
  c.stop();
}

}  // namespace
