// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/event.hpp>
#include <weft/weft.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <string>

namespace {

using namespace std::chrono_literals;

weft::task<> one_of_each() {
  auto body = [](weft::group& g) -> weft::task<> {
    auto [tx, rx] = weft::make_channel<int>(0);
    auto receive = [](weft::receiver<int> from) -> weft::task<> {
      while (auto const x = co_await from.recv()) {
      }
    };
    auto sleep = []() -> weft::task<> { co_await weft::after(1h); };
    g.spawn(receive, std::move(rx));
    (void)co_await tx.send(1);
    tx.close();
    g.spawn(sleep);
    co_await weft::after(20ms);  // long enough for the workers to park
    g.cancel("seen enough");
  };
  auto ended = weft::as_result(weft::with_group(body));
  (void)co_await std::move(ended);
}

// How often each event of the areas happened while `one_of_each` ran.
std::map<std::string, int> events_of(weft::area areas) {
  weft::event_reader reader;
  std::vector<weft::event> events;
  (void)reader.read(events);  // what other tests of this process left
  events.clear();
  weft::record_events(areas);
  {
    weft::runtime rt({.workers = 2});
    weft::sync_wait(one_of_each(), rt);
  }
  weft::record_events(weft::area::none);
  EXPECT_EQ(reader.read(events), 0u);
  std::map<std::string, int> count;
  for (auto const& e : events) {
    EXPECT_NE(e.where & areas, weft::area::none) << e.name;
    ++count[e.name];
  }
  return count;
}

TEST(events, of_workers) {
  auto count = events_of(weft::area::sched);
  EXPECT_GT(count["park"], 0);
  EXPECT_GT(count["wake"], 0);
  EXPECT_EQ(count["park"], count["unpark"]);
}

TEST(events, of_waits) {
  auto count = events_of(weft::area::wait);
  EXPECT_GT(count["park"], 0);
  EXPECT_GT(count["wake"], 0);
  EXPECT_GE(count["cancel"], 1);
}

TEST(events, of_tasks) {
  auto count = events_of(weft::area::task);
  EXPECT_GE(count["spawn"], 3);
  EXPECT_EQ(count["spawn"], count["end"]);
}

TEST(events, a_channel_is_closed_once) {
  auto count = events_of(weft::area::chan);
  EXPECT_EQ(count["close"], 1);
}

TEST(events, none_unless_asked) { EXPECT_TRUE(events_of(weft::area::none).empty()); }

}  // namespace
