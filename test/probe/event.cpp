// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/event.hpp>

#include <weft/probe/log.hpp>
#include <weft/probe/ring.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace {

using weft::area;

TEST(ring, gives_entries_in_order_and_each_once) {
  weft::basic_event_ring<8, 2> ring;
  std::uint64_t at = 0;
  std::vector<std::uint64_t> seen;
  auto take = [&](auto& e) { seen.push_back(e[0]); };
  for (std::uint64_t i = 0; i < 5; ++i) ring.push({i, i});
  EXPECT_EQ(ring.read(at, take), 0u);
  for (std::uint64_t i = 5; i < 8; ++i) ring.push({i, i});
  EXPECT_EQ(ring.read(at, take), 0u);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(ring.written(), 8u);
}

TEST(ring, what_was_overwritten_is_counted) {
  weft::basic_event_ring<8, 1> ring;
  std::uint64_t at = 0;
  for (std::uint64_t i = 0; i < 20; ++i) ring.push({i});
  std::vector<std::uint64_t> seen;
  EXPECT_EQ(ring.read(at, [&](auto& e) { seen.push_back(e[0]); }), 12u);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{12, 13, 14, 15, 16, 17, 18, 19}));
}

TEST(ring, a_reader_never_takes_a_torn_entry) {
  static weft::basic_event_ring<4, 4> ring;
  std::atomic<bool> stop{false};
  std::atomic<bool> begun{false};
  std::thread writer([&] {
    for (std::uint64_t i = 0; !stop; ++i) {
      ring.push({i, i * 3, ~i, i ^ 0x5555});
      if (i == 8) begun = true;
    }
  });
  while (!begun) std::this_thread::yield();  // else the readers may be done before it starts
  std::vector<std::thread> readers;
  std::atomic<bool> good{true};
  std::atomic<std::uint64_t> whole{0};
  for (int r = 0; r < 3; ++r) {
    readers.emplace_back([&] {
      std::uint64_t at = 0, passed = 0;
      for (int n = 0; n < 20000; ++n) {
        std::uint64_t last = 0;
        auto const from = at;
        std::uint64_t taken = 0;
        auto missed = ring.read(at, [&](auto& e) {
          if (e[1] != e[0] * 3 || e[2] != ~e[0] || e[3] != (e[0] ^ 0x5555)) good = false;
          if (taken++ > 0 && e[0] <= last) good = false;
          last = e[0];
        });
        passed += taken;
        if (missed + taken != at - from) good = false;
      }
      whole += passed;
    });
  }
  for (auto& t : readers) t.join();
  stop = true;
  writer.join();
  EXPECT_TRUE(good);
  EXPECT_GT(whole, 0u);
}

class event : public testing::Test {
 protected:
  void SetUp() override {
    std::vector<weft::event> old;
    reader.read(old);
  }
  void TearDown() override { weft::record_events(area::none); }
  weft::event_reader reader;
  std::vector<weft::event> events;
};

TEST_F(event, is_kept_only_if_its_area_is_recorded) {
  weft::trace_event(area::sched, "before");
  weft::record_events(area::sched | area::mem);
  weft::trace_event(area::sched, "steal", 3, 4);
  weft::trace_event(area::chan, "not asked for");
  weft::trace_event(area::mem, "retire", 5);
  EXPECT_EQ(reader.read(events), 0u);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_STREQ(events[0].name, "steal");
  EXPECT_EQ(events[0].where, area::sched);
  EXPECT_EQ(events[0].a, 3u);
  EXPECT_EQ(events[0].b, 4u);
  EXPECT_STREQ(events[1].name, "retire");
  EXPECT_LE(events[0].when, events[1].when);
  EXPECT_EQ(events[0].thread, events[1].thread);
}

TEST_F(event, of_all_threads_come_sorted_by_time_also_of_those_that_ended) {
  weft::record_events(area::task);
  for (int i = 0; i < 8; ++i) {
    std::thread([i] {
      for (unsigned n = 0; n < 50; ++n) weft::trace_event(area::task, "n", unsigned(i), n);
    }).join();
  }
  std::vector<std::thread> together;
  for (int i = 0; i < 8; ++i) {
    together.emplace_back([] {
      for (unsigned n = 0; n < 50; ++n) weft::trace_event(area::task, "m", n);
    });
  }
  for (auto& t : together) t.join();
  EXPECT_EQ(reader.read(events), 0u);
  EXPECT_EQ(events.size(), 800u);
  EXPECT_TRUE(std::is_sorted(events.begin(), events.end(),
                             [](auto& a, auto& b) { return a.when < b.when; }));
  events.clear();
  EXPECT_EQ(reader.read(events), 0u);
  EXPECT_TRUE(events.empty());
}

TEST_F(event, that_nobody_read_in_time_is_counted_as_missed) {
  weft::record_events(area::wait);
  for (unsigned n = 0; n < 3000; ++n) weft::trace_event(area::wait, "n", n);
  auto const missed = reader.read(events);
  EXPECT_EQ(missed + events.size(), 3000u);
  EXPECT_EQ(events.size(), 1024u);
  EXPECT_EQ(events.back().a, 2999u);
}

TEST(areas, are_read_from_a_list) {
  std::string unknown;
  EXPECT_EQ(weft::parse_areas("sched,wait", unknown), area::sched | area::wait);
  EXPECT_EQ(weft::parse_areas("all", unknown), area::all);
  EXPECT_EQ(weft::parse_areas("", unknown), area::none);
  EXPECT_EQ(weft::parse_areas(",mem,", unknown), area::mem);
  EXPECT_EQ(unknown, "");
  EXPECT_EQ(weft::parse_areas("sync,shed,foo", unknown), area::sync);
  EXPECT_EQ(unknown, "shed,foo");
}

// In a death test of this style the program is started anew, so it reads its environment again.
class environment : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
  void TearDown() override {
    ::unsetenv("WEFT_DEBUG");
    ::unsetenv("WEFT_LOG");
  }
};

TEST_F(environment, weft_debug_prints_events_as_they_happen) {
  ::setenv("WEFT_DEBUG", "sched", 1);
  EXPECT_EXIT(
      {
        weft::trace_event(area::sched, "steal", 7, 8);
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "weft [0-9.]+ t[0-9]+ sched steal 7 8\n");
}

TEST_F(environment, weft_debug_with_an_unknown_area_names_the_known_ones) {
  ::setenv("WEFT_DEBUG", "shed,sched", 1);
  EXPECT_EXIT(std::_Exit(weft::printed_events() == area::sched ? 0 : 1),
              testing::ExitedWithCode(0),
              "WEFT_DEBUG: no area is called 'shed'; the areas are sched, wait, chan");
}

TEST_F(environment, weft_log_sends_lines_from_its_level_on_to_standard_error) {
  ::setenv("WEFT_LOG", "warn", 1);
  EXPECT_EXIT(
      {
        weft::log(weft::log_level::info, "too low");
        weft::log(weft::log_level::error, "disk gone");
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "^(Running.*\n)?weft: error: disk gone\n$");
}

TEST_F(environment, weft_log_with_an_unknown_level_names_the_known_ones) {
  ::setenv("WEFT_LOG", "loud", 1);
  EXPECT_EXIT(std::_Exit(weft::logs(weft::log_level::error) ? 1 : 0), testing::ExitedWithCode(0),
              "WEFT_LOG is none of info, warn, error");
}

std::vector<std::string> heard;
void hear(weft::log_level level, std::string_view text) noexcept {
  heard.push_back(std::string(weft::to_string(level)) + " " + std::string(text));
}

TEST(log, says_nothing_unless_asked_and_then_from_the_level_on) {
  EXPECT_FALSE(weft::logs(weft::log_level::error));
  weft::log(weft::log_level::error, "nobody hears");
  weft::set_log(hear, weft::log_level::warn);
  weft::log(weft::log_level::info, "too low");
  weft::log(weft::log_level::warn, "low on memory");
  weft::set_log(nullptr);
  weft::log(weft::log_level::error, "nobody hears");
  EXPECT_EQ(heard, std::vector<std::string>{"warn low on memory"});
}

}  // namespace
