// SPDX-License-Identifier: Apache-2.0
#include <weft/exec/timer_wheel.hpp>

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "support/seed.hpp"

namespace {

using namespace std::chrono_literals;

constexpr auto one_tick = weft::duration{1024};

struct alarm_clock : weft::timer {
  explicit alarm_clock(weft::time_point at) : timer(rings) { when = at; }
  static bool is_wanted(weft::timer& t) noexcept { return static_cast<alarm_clock&>(t).wanted; }
  static void ring(weft::timer&) noexcept {}
  static constexpr action rings{is_wanted, ring};
  bool wanted = true;
};

std::vector<alarm_clock*> expired(weft::timer_wheel& wheel, weft::time_point now) {
  weft::list<weft::timer> fired;
  wheel.expire(now, fired);
  std::vector<alarm_clock*> out;
  while (auto* t = fired.pop_front()) out.push_back(static_cast<alarm_clock*>(t));
  return out;
}

// Any point in time will do: the wheel has no clock of its own.
constexpr weft::time_point begin{1234567891us};

// Sleeps as a worker does, always until next(), and returns when the only timer fired.
weft::time_point sleep_until_it_rings(weft::timer_wheel& wheel) {
  for (int naps = 0; naps < 1000; ++naps) {
    auto const now = wheel.next();
    if (now == weft::never) break;
    if (!expired(wheel, now).empty()) return now;
  }
  return weft::never;
}

TEST(timer_wheel, is_exact_to_the_tick_at_every_level) {
  for (std::int64_t started : {0, 1, 63, 64, 4095, 123456789}) {
    for (unsigned power = 0; power < 40; ++power) {
      for (std::int64_t off : {-1, 0, 1}) {
        auto const ticks = (std::int64_t{1} << power) + off;
        weft::timer_wheel wheel{begin};
        auto const now = begin + started * one_tick;
        (void)expired(wheel, now);
        alarm_clock t{now + ticks * one_tick};
        EXPECT_TRUE(wheel.add(t));
        EXPECT_LE(wheel.next(), t.when);
        EXPECT_EQ(sleep_until_it_rings(wheel), t.when) << started << " + " << ticks << " ticks";
        EXPECT_EQ(wheel.next(), weft::never);
      }
    }
  }
}

TEST(timer_wheel, a_timer_may_be_late_by_a_tick_but_never_early) {
  weft::timer_wheel wheel{begin};
  alarm_clock t{begin + 5 * one_tick + 1ns};
  wheel.add(t);
  EXPECT_TRUE(expired(wheel, t.when).empty());
  EXPECT_EQ(expired(wheel, begin + 6 * one_tick).size(), 1u);
}

TEST(timer_wheel, what_is_due_already_fires_at_the_next_look) {
  weft::timer_wheel wheel{begin};
  (void)expired(wheel, begin + 1h);
  alarm_clock past{begin - 1h};
  alarm_clock now{begin + 1h};
  wheel.add(past);
  wheel.add(now);
  EXPECT_LE(wheel.next(), begin + 1h + one_tick);
  EXPECT_EQ(expired(wheel, begin + 1h + one_tick).size(), 2u);
}

TEST(timer_wheel, says_which_timer_became_the_first) {
  weft::timer_wheel wheel{begin};
  alarm_clock late{begin + 10ms};
  alarm_clock early{begin + 1ms};
  alarm_clock later{begin + 20ms};
  EXPECT_TRUE(wheel.add(late));
  EXPECT_TRUE(wheel.add(early));
  EXPECT_FALSE(wheel.add(later));
  EXPECT_EQ(expired(wheel, begin + 1h), (std::vector{&early, &late, &later}));
}

TEST(timer_wheel, a_removed_timer_does_not_fire_and_may_be_added_again) {
  weft::timer_wheel wheel{begin};
  alarm_clock t{begin + 1s};
  wheel.add(t);
  wheel.remove(t);
  wheel.remove(t);
  EXPECT_TRUE(expired(wheel, begin + 2s).empty());
  EXPECT_EQ(wheel.next(), weft::never);
  t.when = begin + 3s;
  EXPECT_TRUE(wheel.add(t));
  EXPECT_EQ(expired(wheel, begin + 4s).size(), 1u);
}

TEST(timer_wheel, a_timer_that_is_not_wanted_any_more_is_let_go) {
  weft::timer_wheel wheel{begin};
  alarm_clock t{begin + 1s};
  wheel.add(t);
  t.wanted = false;
  EXPECT_TRUE(expired(wheel, begin + 2s).empty());
  EXPECT_FALSE(t.linked());
}

TEST(timer_wheel, farther_than_the_top_level_is_filed_again_until_it_is_near) {
  weft::timer_wheel wheel{begin};
  alarm_clock next_month{begin + 24h * 31};
  alarm_clock never{weft::never};
  wheel.add(next_month);
  wheel.add(never);
  for (auto now = begin; now < next_month.when; now += 24h)
    EXPECT_TRUE(expired(wheel, now).empty());
  EXPECT_EQ(expired(wheel, next_month.when + one_tick), (std::vector{&next_month}));
  EXPECT_TRUE(never.linked());
  wheel.remove(never);
}

// A sorted set does the same, slowly.
class reference {
 public:
  static std::int64_t tick_of(weft::time_point when) {
    auto const ns = (when - begin).count();
    return ns <= 0 ? 0 : (ns + 1023) / 1024;
  }
  void add(alarm_clock& t) { waiting_.emplace(tick_of(t.when), &t); }
  void remove(alarm_clock& t) { waiting_.erase({tick_of(t.when), &t}); }
  std::set<alarm_clock*> expire(weft::time_point now) {
    auto const end = (now - begin).count() / 1024;
    std::set<alarm_clock*> out;
    while (!waiting_.empty() && waiting_.begin()->first <= end) {
      out.insert(waiting_.begin()->second);
      waiting_.erase(waiting_.begin());
    }
    return out;
  }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] weft::time_point first() const {
    return begin + waiting_.begin()->first * one_tick;
  }

 private:
  std::set<std::pair<std::int64_t, alarm_clock*>> waiting_;
};

TEST(timer_wheel, does_what_a_sorted_set_does) {
  std::mt19937_64 random{weft_test::seed()};
  auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(random() % n); };
  // As many short delays as long ones, from nanoseconds to days.
  auto any_delay = [&] {
    return weft::duration{below(std::uint64_t{1} << (1 + random() % 50))};
  };
  std::vector<std::unique_ptr<alarm_clock>> all;
  for (int i = 0; i < 200; ++i) all.push_back(std::make_unique<alarm_clock>(begin));

  weft::timer_wheel wheel{begin};
  reference model;
  auto now = begin;
  for (int step = 0; step < 50000; ++step) {
    auto& t = *all[static_cast<std::size_t>(below(all.size()))];
    if (!t.linked()) {
      t.when = now + any_delay();
      wheel.add(t);
      model.add(t);
    } else if (below(3) == 0) {
      wheel.remove(t);
      model.remove(t);
    }
    if (!model.empty()) ASSERT_LE(wheel.next(), std::max(now + one_tick, model.first()));
    if (below(4) != 0) continue;
    auto const next = wheel.next();
    if (below(2) == 0 && next != weft::never) {
      now = std::max(now, next);
    } else {
      now += any_delay() / 64;
    }
    auto const fired = expired(wheel, now);
    for (std::size_t i = 1; i < fired.size(); ++i)
      ASSERT_LE(reference::tick_of(fired[i - 1]->when), reference::tick_of(fired[i]->when));
    ASSERT_EQ(std::set(fired.begin(), fired.end()), model.expire(now)) << "step " << step;
  }
  for (auto& t : all) wheel.remove(*t);
}

}  // namespace
