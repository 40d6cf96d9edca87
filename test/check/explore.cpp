// SPDX-License-Identifier: Apache-2.0
// explore(): strategies, options, what a result says, replay.
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace check = weft::check;
using check::strategy;
using check::verdict;
using testing::EndsWith;
using testing::HasSubstr;
using weft::acquire, weft::relaxed, weft::release, weft::seq_cst;

std::string text_of(check::result const& r) {
  std::ostringstream out;
  out << r;
  return out.str();
}

std::vector<std::string> outcomes_of(check::result const& r) {
  std::vector<std::string> names;
  for (auto const& [name, times] : r.outcomes) names.push_back(name);
  return names;
}

// Each thread stores, then reads what the other stores.
void store_buffering(check::threads& run) {
  check::atomic<int> x{0}, y{0};
  int a = 9, b = 9;
  run(
      [&] {
        x.store(1, relaxed);
        a = y.load(relaxed);
      },
      [&] {
        y.store(1, relaxed);
        b = x.load(relaxed);
      });
  check::note(std::to_string(a) + std::to_string(b));
}

// Fails if both threads read 0.
void must_not_both_read_0(check::threads& run) {
  check::atomic<int> x{0}, y{0};
  int a = 9, b = 9;
  run(
      [&] {
        x.store(1, relaxed);
        a = y.load(relaxed);
      },
      [&] {
        y.store(1, relaxed);
        b = x.load(relaxed);
      });
  check::expect(a + b > 0, "one of them sees the other");
}

// A counter that loses an increment if one thread comes between the other's load and store.
void lost_update(check::threads& run) {
  check::atomic<int> n{0};
  auto const add = [&] { n.store(n.load(seq_cst) + 1, seq_cst); };
  run(add, add);
  check::expect_equal(n.load(relaxed), 2);
}

TEST(explore, a_scenario_without_threads_is_one_execution) {
  int runs = 0;
  auto const r = check::explore([&](check::threads&) {
    check::atomic<int> x{1};
    x.fetch_add(1);
    check::expect_equal(x.load(), 2);
    ++runs;
  });
  EXPECT_TRUE(r) << r;
  EXPECT_TRUE(r.exhausted);
  EXPECT_EQ(r.executions, 1u);
  EXPECT_EQ(runs, 1);
}

TEST(explore, what_does_not_conflict_is_one_execution) {
  auto const independent = [](check::threads& run) {
    check::atomic<int> x{0}, y{0}, z{0};
    run([&] { x.store(1), x.store(2); }, [&] { y.store(1), y.store(2); },
        [&] { z.store(1), z.store(2); });
  };
  EXPECT_EQ(check::explore(independent).executions, 1u);
  auto const all = check::explore({.search = strategy::brute_force}, independent);
  EXPECT_TRUE(all.exhausted);
  EXPECT_EQ(all.executions, 90u);  // 6! / (2! 2! 2!)
  EXPECT_EQ(all.cut, 0u);
}

TEST(explore, every_order_of_what_does_conflict) {
  auto const conflicting = [](check::threads& run) {
    check::atomic<int> x{0};
    run([&] { x.store(1, relaxed); }, [&] { x.store(2, relaxed); }, [&] { x.store(3, relaxed); });
    check::note(std::to_string(x.load(relaxed)));
  };
  auto const r = check::explore(conflicting);
  EXPECT_EQ(r.executions, 6u);
  EXPECT_THAT(outcomes_of(r), testing::ElementsAre("1", "2", "3"));
  EXPECT_EQ(r.outcomes.at("1"), 2u);
}

TEST(explore, a_load_reads_every_store_it_may) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    int saw = -1;
    run(
        [&] {
          for (int i = 1; i <= 40; ++i) x.store(i, relaxed);
        },
        [&] { saw = x.load(relaxed); });
    check::note(std::to_string(saw));
  });
  EXPECT_TRUE(r.exhausted);
  EXPECT_EQ(r.outcomes.size(), 41u);
}

TEST(explore, strategies_agree_on_the_outcomes) {
  auto const all = check::explore(store_buffering);
  EXPECT_THAT(outcomes_of(all), testing::ElementsAre("00", "01", "10", "11"));
  EXPECT_EQ(all.executions, 4u);
  for (auto const how : {strategy::brute_force, strategy::random, strategy::pct}) {
    auto const r = check::explore({.search = how, .executions = 1000}, store_buffering);
    EXPECT_EQ(outcomes_of(r), outcomes_of(all));
  }
}

TEST(explore, chance_does_what_it_is_asked_to) {
  for (auto const how : {strategy::random, strategy::pct}) {
    auto const once = check::explore({.search = how, .executions = 50, .seed = 3}, store_buffering);
    EXPECT_EQ(once.executions, 50u);
    EXPECT_FALSE(once.exhausted);
    EXPECT_THAT(text_of(once), HasSubstr("sampled: 50 executions, 0 failures"));
    auto const again =
        check::explore({.search = how, .executions = 50, .seed = 3}, store_buffering);
    EXPECT_EQ(again.outcomes, once.outcomes);
    EXPECT_EQ(again.steps, once.steps);
    bool differs = false;
    for (std::uint64_t seed = 4; seed < 10 && !differs; ++seed) {
      auto const r =
          check::explore({.search = how, .executions = 50, .seed = seed}, store_buffering);
      differs = r.outcomes != once.outcomes;
    }
    EXPECT_TRUE(differs);
  }
}

// A mistake that needs more changes of priority than there are is out of reach.
TEST(explore, pct_goes_as_deep_as_it_is_told) {
  auto const turns = [](check::threads& run) {
    check::atomic<int> n{0};
    auto const take = [&](int from) {
      return [&n, from] {
        for (int i = from; i < 4; i += 2) {
          int expected = i;
          if (!n.compare_exchange_strong(expected, i + 1)) return;
        }
      };
    };
    run(take(0), take(1));
    check::expect(n.load() < 4, "all four turns were taken");
  };
  auto const found = [&](unsigned depth) {
    return !check::explore({.search = strategy::pct, .executions = 3000, .depth = depth}, turns);
  };
  EXPECT_FALSE(found(1));
  EXPECT_TRUE(found(4));
}

TEST(explore, a_bound_on_preemptions) {
  // Without a preemption each thread runs to its end: no update is lost.
  auto const none = check::explore({.name = "adding", .preemptions = 0}, lost_update);
  EXPECT_TRUE(none) << none;
  EXPECT_TRUE(none.exhausted);
  EXPECT_EQ(text_of(none), "adding: exhausted: " + std::to_string(none.executions) +
                               " executions (preemption bound 0), 0 failures");
  auto const one = check::explore({.preemptions = 1}, lost_update);
  EXPECT_EQ(one.found, verdict::wrong);

  // A switch away from a thread that waits is free.
  auto const hand_over = [](check::threads& run) {
    check::atomic<int> turn{0};
    auto const play = [&](int me) {
      return [&turn, me] {
        for (int i = 0; i < 2; ++i) {
          while (turn.load() != me) check::model::pause();
          turn.store(1 - me);
        }
      };
    };
    run(play(0), play(1));
    check::note("done");
  };
  auto const waits = check::explore({.preemptions = 0}, hand_over);
  EXPECT_TRUE(waits) << waits;
  EXPECT_EQ(waits.outcomes.count("done"), 1u);
}

TEST(explore, a_bound_on_executions) {
  auto const r =
      check::explore({.search = strategy::brute_force, .executions = 5}, store_buffering);
  EXPECT_TRUE(r.ok());
  EXPECT_FALSE(r.exhausted);
  EXPECT_EQ(r.executions, 5u);
  EXPECT_THAT(text_of(r), EndsWith("not exhausted: 5 executions, 0 failures"));
}

TEST(explore, more_steps_than_it_can_tell_apart_are_refused) {
  auto const r = check::explore({.steps = 30'001}, store_buffering);
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, HasSubstr("options::steps is 30001, at most 30000"));
  EXPECT_TRUE(check::explore({.steps = 30'000}, store_buffering).ok());
}

TEST(explore, fewer_executions_than_promised_is_a_failure) {
  auto const enough = check::explore({.at_least = 4}, store_buffering);
  EXPECT_TRUE(enough) << enough;
  auto const r = check::explore({.name = "buffering", .at_least = 5}, store_buffering);
  EXPECT_EQ(r.found, verdict::too_few);
  EXPECT_EQ(r.message,
            "only 4 executions were complete, at least 5 were promised: what should have met did "
            "not");
  EXPECT_EQ(text_of(r), "buffering: too few executions: " + r.message + '\n');
}

TEST(explore, spurious_failures_are_as_many_as_allowed) {
  auto const count = [](unsigned most) {
    auto const r = check::explore({.spurious = most}, [](check::threads& run) {
      check::atomic<int> x{0};
      int failures = 0;
      run(
          [&] {
            for (int expected = 0; !x.compare_exchange_weak(expected, 1); expected = 0) ++failures;
          },
          [] {});
      check::note(std::to_string(failures));
    });
    EXPECT_TRUE(r.exhausted);
    return r.outcomes.size() - 1;
  };
  EXPECT_EQ(count(0), 0u);
  EXPECT_EQ(count(1), 1u);
  EXPECT_EQ(count(3), 3u);
}

TEST(explore, a_deadline_may_pass_at_any_time_or_last) {
  auto const wait_a_second = [](check::threads& run) {
    check::atomic<std::uint32_t> word{0};
    bool in_time = false;
    run([&] { in_time = check::model::park(word, 0, weft::time_point{std::chrono::seconds{1}}); },
        [&] {
          word.store(1);
          check::model::unpark_one(&word);
        });
    check::note(in_time ? "woken" : "late");
  };
  EXPECT_EQ(check::explore(wait_a_second).outcomes.size(), 2u);
  auto const patient = check::explore({.late_timeouts = true}, wait_a_second);
  EXPECT_THAT(outcomes_of(patient), testing::ElementsAre("woken"));
  // A wake-up that is lost is no deadlock then, but late.
  auto const lost = check::explore({.late_timeouts = true}, [](check::threads& run) {
    check::atomic<std::uint32_t> word{0};
    bool in_time = true;
    run([&] { in_time = check::model::park(word, 0, weft::time_point{std::chrono::seconds{1}}); },
        [] {});
    check::note(in_time ? "woken" : "late");
  });
  EXPECT_EQ(lost.outcomes.count("late"), 1u);
}

TEST(explore, it_does_the_same_again) {
  auto const once = check::explore({.name = "again"}, must_not_both_read_0);
  auto const again = check::explore({.name = "again"}, must_not_both_read_0);
  EXPECT_EQ(text_of(once), text_of(again));
  EXPECT_EQ(once.schedule, again.schedule);
  EXPECT_EQ(once.steps, again.steps);
  EXPECT_EQ(once.executions, again.executions);
}

TEST(explore, each_thread_of_the_system_explores_on_its_own) {
  auto const alone = check::explore(store_buffering);
  check::result results[2];
  {
    std::jthread const other([&] { results[0] = check::explore(store_buffering); });
    results[1] = check::explore(store_buffering);
  }
  for (auto const& r : results) {
    EXPECT_TRUE(r) << r;
    EXPECT_EQ(r.outcomes, alone.outcomes);
    EXPECT_EQ(r.steps, alone.steps);
  }
}

TEST(explore, prepares_threads_before_any_begins) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> prepared{0};
    int saw[2] = {0, 0};
    run.prepare([&] { prepared.fetch_add(1, relaxed); });
    run([&] { saw[0] = prepared.load(relaxed); }, [&] { saw[1] = prepared.load(relaxed); });
    check::note(std::to_string(saw[0]) + std::to_string(saw[1]));
  });
  EXPECT_TRUE(r) << r;
  EXPECT_THAT(outcomes_of(r), testing::Each(testing::AnyOf("22", "12", "21", "11")));
  EXPECT_EQ(r.outcomes.count("22"), 1u);
}

TEST(explore, tries_every_number_of_any) {
  auto const r = check::explore([](check::threads& run) {
    std::uint32_t chosen = 9;
    run([&] { chosen = check::model::any(3); }, [] {});
    check::note(std::to_string(chosen));
  });
  EXPECT_THAT(outcomes_of(r), testing::ElementsAre("0", "1", "2"));
}

TEST(explore, lists_the_accesses_that_were_met) {
  auto const line = __LINE__;
  auto const scenario = [](check::threads& run) {
    check::atomic<int> x{0};
    run([&] { x.store(1, release); },                              // line + 3
        [&] { (void)x.load(acquire), x.fetch_add(1, relaxed); });  // line + 4
    check::atomic_thread_fence(seq_cst);                           // line + 5
  };
  EXPECT_TRUE(check::explore(scenario).accesses.empty());
  auto const r = check::explore({.list_accesses = true}, scenario);
  auto all = r.accesses;
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.where < b.where; });
  ASSERT_EQ(all.size(), 4u);
  auto const l = static_cast<std::uint32_t>(line);
  EXPECT_EQ(all[0].where.line, l + 3);
  EXPECT_EQ(all[0].what, check::met::store);
  EXPECT_EQ(all[0].order, release);
  EXPECT_EQ(all[0].times, r.executions + r.cut);
  EXPECT_THAT(all[0].where.file, EndsWith("explore.cpp"));
  EXPECT_EQ(all[1].what, check::met::load);
  EXPECT_EQ(all[1].order, acquire);
  EXPECT_EQ(all[2].what, check::met::update);
  EXPECT_EQ(all[2].where.line, l + 4);
  EXPECT_EQ(all[3].what, check::met::fence);
  EXPECT_EQ(all[3].where.line, l + 5);
}

// A program that passes a message well, for mistakes to be put into.
check::result with_mistake(check::met::kind at, check::mutation::kind what) {
  auto const scenario = [](check::threads& run) {
    check::atomic<int> flag{0};
    check::atomic<std::uint32_t> word{0};
    check::var<int> data{0};
    run(
        [&] {
          data = 1;
          flag.fetch_add(1, release);
          word.store(1, relaxed);
          check::model::unpark_one(&word);
        },
        [&] {
          if (flag.load(acquire) == 1) check::expect_equal(data.get(), 1);
          while (word.load(relaxed) == 0) check::model::park(word, 0);
        },
        [&] { flag.fetch_add(2, relaxed); });
    check::expect_equal(flag.load(relaxed), 3);
  };
  auto const clean = check::explore({.list_accesses = true}, scenario);
  EXPECT_TRUE(clean) << clean;
  auto const met = std::find_if(clean.accesses.begin(), clean.accesses.end(),
                                [&](auto const& a) { return a.what == at; });
  EXPECT_NE(met, clean.accesses.end());
  return check::explore({.mutations = {{what, met->where}}}, scenario);
}

TEST(explore, mistakes_can_be_put_in) {
  using check::met, check::mutation;
  EXPECT_EQ(with_mistake(met::update, mutation::weaken).found, verdict::data_race);
  EXPECT_EQ(with_mistake(met::load, mutation::weaken).found, verdict::data_race);
  EXPECT_EQ(with_mistake(met::update, mutation::tear).found, verdict::wrong);
  EXPECT_EQ(with_mistake(met::unpark, mutation::skip).found, verdict::deadlock);
  EXPECT_EQ(with_mistake(met::store, mutation::skip).found, verdict::deadlock);
  EXPECT_EQ(with_mistake(met::park, mutation::sleep_blind).found, verdict::deadlock);
}

TEST(replay, of_the_schedule_of_a_failure_is_the_same_story) {
  auto const failed = check::explore({.name = "buffering"}, must_not_both_read_0);
  ASSERT_EQ(failed.found, verdict::wrong);
  ASSERT_FALSE(failed.schedule.empty());
  auto const again =
      check::explore({.search = strategy::replay, .name = "buffering", .schedule = failed.schedule},
                     must_not_both_read_0);
  EXPECT_EQ(again.found, failed.found);
  EXPECT_EQ(again.message, failed.message);
  EXPECT_EQ(again.story, failed.story);
  EXPECT_EQ(again.schedule, failed.schedule);
}

// With a failure found by each strategy, in a scenario of many steps.
TEST(replay, works_for_every_strategy) {
  auto const scenario = [](check::threads& run) {
    check::atomic<int> n{0};
    auto const add = [&] {
      for (int i = 0; i < 3; ++i) {
        auto v = n.load(relaxed);
        while (!n.compare_exchange_weak(v, v + 1, relaxed)) check::model::pause();
      }
      n.store(n.load(relaxed) + 1, relaxed);
    };
    run(add, add);
    check::expect_equal(n.load(relaxed), 8);
  };
  for (auto const how :
       {strategy::exhaustive, strategy::brute_force, strategy::random, strategy::pct}) {
    auto const failed = check::explore({.search = how}, scenario);
    ASSERT_EQ(failed.found, verdict::wrong);
    auto const again =
        check::explore({.search = strategy::replay, .schedule = failed.schedule}, scenario);
    EXPECT_EQ(again.found, verdict::wrong);
    EXPECT_EQ(again.story, failed.story);
  }
}

TEST(replay, by_the_environment) {
  auto const failed = check::explore({.name = "two words, one colon: yes"}, must_not_both_read_0);
  ASSERT_FALSE(failed);
  auto const told = text_of(failed);
  EXPECT_THAT(
      told,
      HasSubstr("to replay:\nWEFT_REPLAY='two words, one colon: yes:" + failed.schedule + "' "));
  ::setenv("WEFT_REPLAY", ("two words, one colon: yes:" + failed.schedule).c_str(), 1);
  auto const again = check::explore({.name = "two words, one colon: yes"}, must_not_both_read_0);
  auto const other = check::explore({.name = "another"}, store_buffering);
  ::unsetenv("WEFT_REPLAY");
  EXPECT_EQ(again.story, failed.story);
  EXPECT_EQ(again.executions, 0u);
  EXPECT_EQ(other.executions, 4u) << "another scenario is explored as ever";
}

TEST(replay, of_one_that_passes) {
  auto const r = check::explore({.search = strategy::replay, .schedule = ""}, store_buffering);
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 1u);
  EXPECT_FALSE(r.exhausted);
}

TEST(replay, a_schedule_of_another_scenario_is_refused) {
  auto const failed = check::explore(must_not_both_read_0);
  ASSERT_FALSE(failed);
  auto const refused = [](std::string const& schedule) {
    auto const r =
        check::explore({.search = strategy::replay, .schedule = schedule}, must_not_both_read_0);
    EXPECT_EQ(r.found, verdict::misuse) << schedule;
    return r.message;
  };
  EXPECT_EQ(refused("DDD"),
            "the schedule \"DDD\" does not fit this scenario: it is of another one, or of this one "
            "before a change; explore it again");
  EXPECT_THAT(refused("B40"), HasSubstr("does not fit")) << "too long";
  EXPECT_THAT(refused("z"), HasSubstr("does not fit")) << "a value where a thread is chosen";
}

TEST(replay, what_is_no_schedule_is_refused) {
  auto const r = check::explore({.search = strategy::replay, .schedule = "BC%B"}, store_buffering);
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, HasSubstr("not a schedule: '%' at character 3 of \"BC%B\""));
  auto const z = check::explore({.search = strategy::replay, .schedule = "Z"}, store_buffering);
  EXPECT_EQ(z.found, verdict::misuse) << "there are no 26 threads";
  auto const n = check::explore({.search = strategy::replay, .schedule = "3B"}, store_buffering);
  EXPECT_EQ(n.found, verdict::misuse) << "a number repeats a letter";
}

TEST(result, says_what_passed) {
  EXPECT_EQ(text_of(check::explore({.name = "buffering"}, store_buffering)),
            "buffering: exhausted: 4 executions, 0 failures");
  auto const unnamed = check::explore(store_buffering);
  EXPECT_THAT(text_of(unnamed), testing::StartsWith("explore.cpp:"))
      << "without a name it is where explore() is called";
}

TEST(result, says_what_failed) {
  auto const r = check::explore({.name = "buffering"}, must_not_both_read_0);
  auto const text = text_of(r);
  EXPECT_THAT(text, testing::StartsWith("buffering: wrong in execution " +
                                        std::to_string(r.executions + r.cut + 1) +
                                        "\none of them sees the other, at explore.cpp:"));
  EXPECT_THAT(text, HasSubstr("\n" + r.story + "to replay:\nWEFT_REPLAY=buffering:" + r.schedule));
  auto const brief = check::explore({.name = "buffering", .tell = false}, must_not_both_read_0);
  EXPECT_EQ(brief.story, "");
  EXPECT_EQ(brief.schedule, r.schedule);
  EXPECT_EQ(brief.message, r.message);
}

TEST(result, says_each_verdict) {
  std::vector<std::string_view> all;
  for (int v = 0; v <= static_cast<int>(verdict::too_few); ++v) {
    all.push_back(check::to_string(static_cast<verdict>(v)));
  }
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
  EXPECT_THAT(all, testing::Not(testing::Contains("?")));
}

TEST(expectations, say_where_and_what) {
  auto const message = [](auto what) {
    auto const r = check::explore([&](check::threads&) { what(); });
    EXPECT_EQ(r.found, verdict::wrong);
    return r.message;
  };
  // Not within a macro: compilers do not agree on the line of its arguments.
  int line = 0;
  auto const at = [&](std::string text) { return text + "explore.cpp:" + std::to_string(line); };
  line = __LINE__ + 1;
  auto said = message([] { check::expect(false, "the sun shines"); });
  EXPECT_EQ(said, at("the sun shines, at "));
  line = __LINE__ + 1;
  said = message([] { check::expect(false); });
  EXPECT_EQ(said, at("an expectation does not hold, at "));
  line = __LINE__ + 1;
  said = message([] { check::fail("no good"); });
  EXPECT_EQ(said, at("no good, at "));
  line = __LINE__ + 1;
  said = message([] { check::expect_equal(1, 2); });
  EXPECT_EQ(said, at("expected 2, got 1 at "));
  line = __LINE__ + 1;
  said = message([] { check::expect_equal(std::string("a"), "b"); });
  EXPECT_EQ(said, at("expected \"b\", got \"a\" at "));
  line = __LINE__ + 1;
  said = message([] { check::expect_equal(std::optional<int>{}, std::optional<int>{3}); });
  EXPECT_EQ(said, at("expected 3, got nothing at "));
  line = __LINE__ + 1;
  said = message([] { check::expect_equal(true, false); });
  EXPECT_EQ(said, at("expected false, got true at "));
}

TEST(expectations, what_is_made_outside_outlives_the_execution) {
  std::vector<int> saw;
  auto const r = check::explore([&](check::threads& run) {
    check::atomic<int> x{0};
    int seen = 0;
    run([&] { x.store(1, relaxed); }, [&] { seen = x.load(relaxed); });
    check::outside([&] { saw.push_back(seen); });
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(saw.size(), r.executions);
  EXPECT_THAT(saw, testing::UnorderedElementsAre(0, 1));
}

}  // namespace
