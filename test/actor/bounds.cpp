// SPDX-License-Identifier: Apache-2.0
// Bounded mailboxes: what becomes of a message for which there is no place.
#include <weft/weft.hpp>

#include <gmock/gmock.h>

#include <thread>

namespace {

using namespace std::chrono_literals;
using weft::dead_reason;
using weft::inbox;
using weft::mailbox_bounds;
using weft::overflow;
using weft::status;

struct item {
  int n;
};
struct get {
  using reply = int;
};

std::uint64_t full() { return weft::dead_letters().count(dead_reason::full); }

std::vector<int> all_of(inbox<item>& in) {
  std::vector<int> got;
  while (auto m = in.try_receive()) got.push_back(m->n);
  return got;
}

TEST(bounds, fail_says_so) {
  inbox<item> in(mailbox_bounds{.capacity = 2});
  auto const to = in.self();
  auto const was = full();
  EXPECT_EQ(to.tell(item{1}), status::done);
  EXPECT_EQ(to.tell(item{2}), status::done);
  EXPECT_EQ(to.tell(item{3}), status::full);
  EXPECT_EQ(to.send(item{4}).wait(), status::full);
  EXPECT_EQ(full(), was + 2);
  EXPECT_EQ(in.try_receive()->n, 1);
  EXPECT_EQ(to.tell(item{5}), status::done);
  EXPECT_THAT(all_of(in), testing::ElementsAre(2, 5));
}

TEST(bounds, the_newest_or_the_oldest_is_dropped) {
  auto const was = full();
  inbox<item> newest(mailbox_bounds{.capacity = 2, .when_full = overflow::drop_newest});
  inbox<item> oldest(mailbox_bounds{.capacity = 2, .when_full = overflow::drop_oldest});
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(newest.self().tell(item{i}), status::done);
    EXPECT_EQ(oldest.self().tell(item{i}), status::done);
  }
  EXPECT_THAT(all_of(newest), testing::ElementsAre(1, 2));
  EXPECT_THAT(all_of(oldest), testing::ElementsAre(3, 4));
  EXPECT_EQ(full(), was + 4);
  EXPECT_EQ(oldest.self().tell(item{5}), status::done);
  EXPECT_THAT(all_of(oldest), testing::ElementsAre(5));
}

TEST(bounds, a_sender_waits_for_a_place) {
  inbox<item> in(mailbox_bounds{.capacity = 1, .when_full = overflow::block});
  auto const to = in.self();
  std::vector<std::jthread> senders;
  for (int t = 0; t < 4; ++t)
    senders.emplace_back([to, t] {
      for (int i = 0; i < 50; ++i) EXPECT_EQ(to.send(item{t * 50 + i}).wait(), status::done);
    });
  std::vector<bool> seen(200);
  for (int i = 0; i < 200; ++i) {
    auto const n = static_cast<std::size_t>(in.receive().wait().n);
    EXPECT_FALSE(seen[n]);
    seen[n] = true;
  }
  EXPECT_FALSE(in.try_receive());
}

TEST(bounds, a_sender_that_gives_up_has_sent_nothing) {
  inbox<item> in(mailbox_bounds{.capacity = 1, .when_full = overflow::block});
  auto const was = weft::dead_letters().count();
  EXPECT_EQ(in.self().tell(item{1}), status::done);
  EXPECT_THROW((in.self().send(item{2}) | weft::timeout(1ms)).wait(), weft::timeout_error);
  EXPECT_EQ(weft::dead_letters().count(), was);
  EXPECT_EQ(in.self().tell(item{3}), status::full);
  EXPECT_THAT(all_of(in), testing::ElementsAre(1));
}

TEST(bounds, the_end_of_the_receiver_lets_senders_go) {
  auto in =
      std::make_unique<inbox<item>>(mailbox_bounds{.capacity = 1, .when_full = overflow::block});
  auto const to = in->self();
  to.tell(item{1});
  weft::gate about;
  std::jthread sender([to, &about] {
    about.open();
    EXPECT_EQ(to.send(item{2}).wait(), status::closed);
  });
  about.opened().wait();
  in.reset();
}

TEST(bounds, a_request_without_a_place_fails) {
  class slow : public weft::actor<get> {
   public:
    int on(get) { return 1; }
  };
  weft::loop never_run;
  auto const a = weft::spawn_actor<slow>(
      {.on = &never_run, .in = weft::scope::root(), .mailbox = {.capacity = 1}});
  a.tell(get{});
  try {
    (void)a.ask(get{}).wait();
    FAIL() << "there was a place";
  } catch (weft::actor_error const& e) {
    EXPECT_EQ(e.why(), weft::ask_failure::full);
  }
  a.kill();
  never_run.poll();
}

TEST(bounds, places_of_an_actor_with_handlers_come_back) {
  class sink : public weft::actor<item, get> {
    int sum_ = 0;

   public:
    void on(item m) { sum_ += m.n; }
    int on(get) { return sum_; }
  };
  auto const s =
      weft::spawn_actor<sink>({.mailbox = {.capacity = 2, .when_full = overflow::block}});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(s.send(item{1}).wait(), status::done);
  for (;;) {
    try {
      EXPECT_EQ(s.ask(get{}).wait(), 1000);
      break;
    } catch (weft::actor_error const& e) {
      ASSERT_EQ(e.why(), weft::ask_failure::full);
    }
  }
  s.stop();
}

}  // namespace
