// SPDX-License-Identifier: Apache-2.0
// What a scenario can do wrong, and what it is told. A message says what happened, where, and what
// to do. Mistakes with memory are in memory.cpp.
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/check/thread.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <random>
#include <stdexcept>
#include <string>

namespace {

namespace check = weft::check;
using check::verdict;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using weft::relaxed;

void nothing() {}

check::result result_of(std::function<void(check::threads&)> scenario, check::options o = {}) {
  o.name = "scenario";
  auto r = check::explore(o, std::move(scenario));
  EXPECT_FALSE(r.ok());
  EXPECT_FALSE(r.exhausted);
  EXPECT_NE(r.message, "");
  EXPECT_NE(r.message.back(), '\n');
  return r;
}

TEST(verdicts, wrong) {
  auto const r = result_of([](check::threads& run) {
    check::atomic<int> x{0};
    run([&] { x.store(1); }, [&] { check::expect_equal(x.load(), 1); });
  });
  EXPECT_EQ(r.found, verdict::wrong);
  EXPECT_THAT(r.message, MatchesRegex("expected 1, got 0 at verdicts.cpp:[0-9]+"));
}

TEST(verdicts, deadlock_of_mutexes) {
  auto const r = result_of([](check::threads& run) {
    check::mutex a, b;
    auto const both = [](check::mutex& first, check::mutex& second) {
      return [&] {
        std::scoped_lock const one(first);
        std::scoped_lock const two(second);
      };
    };
    run(both(a, b), both(b, a));
  });
  EXPECT_EQ(r.found, verdict::deadlock);
  EXPECT_THAT(r.message, MatchesRegex("deadlock: no thread can go on:\n"
                                      "  scenario waits for the end of others at .*\n"
                                      "  thread 1 waits for a mutex at verdicts.cpp:[0-9]+\n"
                                      "  thread 2 waits for a mutex at verdicts.cpp:[0-9]+"));
  EXPECT_THAT(r.story, HasSubstr("locks first ")) << "not what the standard library calls it";
}

TEST(verdicts, deadlock_of_a_thread_with_itself) {
  auto const beside = result_of([](check::threads& run) {
    check::mutex m;
    run(
        [&] {
          m.lock();
          m.lock();
        },
        nothing);
  });
  EXPECT_EQ(beside.found, verdict::deadlock);
  auto const alone = result_of([](check::threads&) {
    check::mutex m;
    m.lock();
    m.lock();
  });
  EXPECT_EQ(alone.found, verdict::deadlock);
  EXPECT_THAT(alone.message, MatchesRegex("the mutex locked at verdicts.cpp:[0-9]+ is held, and no "
                                          "other thread is left to unlock it"));
}

TEST(verdicts, deadlock_of_a_sleeper) {
  auto const r = result_of([](check::threads& run) {
    check::atomic<std::uint32_t> word{0};
    run([&] { check::model::park(word, 0); }, [&] { word.store(1); });  // and does not wake it
  });
  EXPECT_EQ(r.found, verdict::deadlock);
  EXPECT_THAT(r.message, HasSubstr("thread 1 sleeps at verdicts.cpp:"));
  auto const alone = result_of([](check::threads&) {
    check::atomic<std::uint32_t> word{0};
    word.wait(0);
  });
  EXPECT_EQ(alone.found, verdict::deadlock);
  EXPECT_THAT(alone.message, HasSubstr("scenario sleeps at verdicts.cpp:"));
}

TEST(verdicts, livelock) {
  auto const r = result_of([](check::threads& run) {
    check::atomic<int> x{0};
    run(
        [&] {
          while (x.load() != 2) check::model::pause();
        },
        [&] { x.store(1); });
  });
  EXPECT_EQ(r.found, verdict::livelock);
  EXPECT_THAT(r.message, StartsWith("livelock: no thread can go on, and some spin for ever:\n"));
  EXPECT_THAT(r.message, HasSubstr("thread 1 spins at verdicts.cpp:"));
  EXPECT_THAT(r.story, HasSubstr("...  the same ")) << "rounds without news are told once";
  auto const alone = result_of([](check::threads&) {
    check::atomic<int> x{0};
    while (x.load() == 0) check::model::pause();
  });
  EXPECT_EQ(alone.found, verdict::livelock);
  EXPECT_THAT(alone.message,
              MatchesRegex("livelock: the only thread that runs spins at verdicts.cpp:[0-9]+"));
}

TEST(verdicts, a_loop_that_ends_by_itself_is_no_livelock) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    run(
        [&] {
          for (int round = 0; x.load() == 0 && round < 5; ++round) check::model::pause();
        },
        nothing);
  });
  EXPECT_TRUE(r) << r;
}

TEST(verdicts, a_loop_without_pause) {
  auto const r = result_of(
      [](check::threads& run) {
        check::atomic<int> x{0};
        run(
            [&] {
              while (x.load() == 0) {
              }
            },
            [&] { x.store(1); });
      },
      {.steps = 100});
  EXPECT_EQ(r.found, verdict::too_long);
  EXPECT_THAT(r.message,
              MatchesRegex("more than 100 steps, and thread 1 at verdicts.cpp:[0-9]+ still runs: a "
                           "loop that waits for another thread has to call pause\\(\\); if it ends "
                           "by itself, allow more with options::steps"));
  auto const alone = result_of(
      [](check::threads&) {
        check::atomic<int> x{0};
        while (x.load() == 0) {
        }
      },
      {.steps = 100});
  EXPECT_EQ(alone.found, verdict::too_long);
  EXPECT_THAT(alone.message,
              MatchesRegex("scenario does more than 100 steps while no other thread runs, at "
                           "verdicts.cpp:[0-9]+: .*options::steps"));
}

TEST(verdicts, a_loop_on_plain_data) {
  auto const r = result_of([](check::threads& run) {
    check::var<bool> done{false};
    run(
        [&] {
          while (!done.get()) {
          }
        },
        nothing);
  });
  EXPECT_EQ(r.found, verdict::too_long);
  EXPECT_THAT(r.message, MatchesRegex("thread 1 reads or writes plain data at verdicts.cpp:[0-9]+ "
                                      "more than 1000000 times without a step: .*pause\\(\\)"));
}

TEST(verdicts, an_exception_that_leaves_a_thread) {
  auto const r = result_of(
      [](check::threads& run) { run([] { throw std::runtime_error("no more beer"); }, nothing); });
  EXPECT_EQ(r.found, verdict::exception);
  EXPECT_EQ(r.message,
            "an exception left thread 1: no more beer\n"
            "  catch it in the thread, or expect() that it is not thrown");
  auto const other = result_of([](check::threads&) { throw 3; });
  EXPECT_EQ(other.found, verdict::exception);
  EXPECT_THAT(other.message, StartsWith("an exception left scenario\n"));
}

TEST(verdicts, exceptions_in_flight_are_each_threads_own) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    auto const body = [&](int mine) {
      return [&x, mine] {
        for (int i = 0; i < 2; ++i) {
          try {
            x.fetch_add(1);
            throw mine;
          } catch (int caught) {
            x.fetch_add(1);  // the other one may throw and catch meanwhile
            check::expect_equal(caught, mine);
            check::expect(std::current_exception() != nullptr);
          }
          check::expect(std::current_exception() == nullptr);
        }
      };
    };
    run(body(1), body(2));
    check::expect_equal(x.load(), 8);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_GT(r.executions, 10u);
}

TEST(verdicts, what_would_end_the_program) {
  auto const r = result_of([](check::threads&) {
    check::model::die("the ring is full", "make it larger", std::source_location::current());
  });
  EXPECT_EQ(r.found, verdict::died);
  EXPECT_THAT(r.message, MatchesRegex("the program ends itself at verdicts.cpp:[0-9]+: the ring is "
                                      "full\n  make it larger"));
}

TEST(misuse, more_threads_than_there_are) {
  auto const all = check::explore([](check::threads& run) {
    run(nothing, nothing, nothing, nothing, nothing, nothing, nothing);
  });
  EXPECT_TRUE(all) << all;
  auto const r = result_of([](check::threads& run) {
    run(nothing, nothing, nothing, nothing, nothing, nothing, nothing, nothing);
  });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_EQ(r.message,
            "more than 7 threads at a time: the checker has no more; use fewer, two or three find "
            "nearly every mistake");
  auto const in_turn = check::explore([](check::threads& run) {
    for (int i = 0; i < 5; ++i) run(nothing, nothing, nothing);
  });
  EXPECT_TRUE(in_turn) << "fifteen in turn are no more than three at a time";
}

TEST(misuse, an_access_outside_a_scenario) {
  check::atomic<int> x{0};
  EXPECT_DEATH((void)x.load(),
               "weft::check: .*verdicts.cpp:[0-9]+: an object of the model is used outside a "
               "scenario.\n.*Put it inside the function that is given to explore\\(\\); on real "
               "threads use weft::native");
  EXPECT_DEATH(check::model::pause(), "used outside a scenario");
  EXPECT_DEATH(check::expect(false), "used outside a scenario");
}

TEST(misuse, exploring_inside_a_scenario) {
  auto const r = result_of([](check::threads&) { (void)check::explore([](check::threads&) {}); });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, MatchesRegex("explore\\(\\) is called at verdicts.cpp:[0-9]+, inside a "
                                      "scenario: explore one scenario after the other"));
}

TEST(misuse, unlocking_what_another_thread_holds) {
  auto const r = result_of([](check::threads& run) {
    check::mutex door;
    check::atomic<bool> locked{false};
    run(
        [&] {
          door.lock();
          locked.store(true);
        },
        [&] {
          while (!locked.load()) check::model::pause();
          door.unlock();
        });
  });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, MatchesRegex("door is unlocked at verdicts.cpp:[0-9]+ by thread 2, which "
                                      "does not hold it: thread 1 does"));
  auto const free = result_of([](check::threads&) {
    check::mutex door;
    door.unlock();
  });
  EXPECT_THAT(free.message, testing::EndsWith("by scenario, which does not hold it: nobody does"));
}

TEST(misuse, waiting_for_a_condition_without_the_mutex) {
  auto const r = result_of([](check::threads&) {
    check::mutex m;
    check::condition_variable c;
    std::unique_lock<check::mutex> lock(m, std::defer_lock);
    c.wait(lock);
  });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, MatchesRegex("a condition is waited for at verdicts.cpp:[0-9]+ with a "
                                      "mutex that the thread does not hold: lock it before"));
}

TEST(misuse, threads_that_are_not_joined) {
  auto const destroyed = result_of([](check::threads&) { check::thread const t(nothing); });
  EXPECT_EQ(destroyed.found, verdict::misuse);
  EXPECT_EQ(destroyed.message,
            "the object of thread 1 is destroyed, and it was neither joined nor moved from: join "
            "it");
  auto const replaced = result_of([](check::threads&) {
    check::thread t(nothing);
    t = check::thread(nothing);
  });
  EXPECT_EQ(replaced.found, verdict::misuse);
  auto const left = result_of([](check::threads&) { (void)new check::thread(nothing); });
  EXPECT_EQ(left.found, verdict::misuse);
  EXPECT_EQ(left.message, "the scenario returned while threads it started still run: join them");
}

TEST(misuse, joining_what_is_no_thread) {
  auto const r = result_of([](check::threads&) {
    check::thread t(nothing);
    t.join();
    t.join();
  });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message, MatchesRegex("join\\(\\) at verdicts.cpp:[0-9]+ of an object that has no "
                                      "thread: it was joined before, or moved from"));
}

TEST(misuse, a_signal_to_nobody) {
  auto const r = result_of([](check::threads&) { check::send_signal(4, nothing); });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message,
              MatchesRegex("a signal is sent at verdicts.cpp:[0-9]+ to thread 4, which does not "
                           "run: run\\(\\) counts its threads from 1, get_id\\(\\) says .*"));
}

// A scenario whose threads do something else each time, as a digit of `chance` says.
template <class Chance>
check::result unsteady(Chance chance) {
  return result_of([&](check::threads& run) {
    check::atomic<int> x{0}, y{0};
    auto& to = chance() % 2 == 0 ? x : y;
    run([&] { to.store(1); },
        [&] {
          (void)x.load();
          (void)y.load();
        });
  });
}

TEST(not_repeatable, what_depends_on_earlier_executions) {
  int runs = 0;
  auto const counted = unsteady([&] { return runs++; });
  EXPECT_EQ(counted.found, verdict::not_repeatable);
  EXPECT_THAT(
      counted.message,
      StartsWith("the scenario did not do again what it did before: does it read a clock or "
                 "a random number, or depend on what an earlier execution left in a static "
                 "variable? Make its world anew each time; here it differed:\n"));
  EXPECT_THAT(counted.message, HasSubstr("thread 1 is about to do a step at verdicts.cpp:"));
  EXPECT_THAT(counted.story, HasSubstr("could not be repeated"));
  std::mt19937 chance(5);
  EXPECT_EQ(unsteady(chance).found, verdict::not_repeatable);
}

TEST(not_repeatable, a_number_of_steps_that_grows) {
  int runs = 0;
  auto const r = result_of([&](check::threads& run) {
    check::atomic<int> x{0};
    int const steps = ++runs;
    auto const body = [&] {
      for (int i = 0; i < steps; ++i) x.fetch_add(1);
    };
    run(body, body);
  });
  EXPECT_EQ(r.found, verdict::not_repeatable);
  EXPECT_LE(runs, 10) << "each run goes on beyond what is known: only a second look tells";
  EXPECT_THAT(r.message, HasSubstr(" steps, then, with the same choices, "));
}

TEST(not_repeatable, a_failure_that_does_not_come_again) {
  int runs = 0;
  auto const r =
      result_of([&](check::threads&) { check::expect(++runs > 1, "not the first time"); });
  EXPECT_EQ(r.found, verdict::wrong);
  EXPECT_EQ(r.story,
            "(the execution could not be repeated: the scenario depends on something that is not "
            "its own)\n");
}

// After any failure the next exploration starts clean: nothing of the last one is left.
TEST(verdicts, an_exploration_after_a_failure) {
  auto const fail_in_the_middle = [](check::threads& run) {
    auto* const left = new int(3);  // never freed, as the failure comes first
    check::atomic<int> x{*left};
    run.prepare([&x, left, name = std::string("a name longer than a small string holds")] {
      check::expect(x.load() == *left || !name.empty());
    });
    run(
        [&] {
          check::send_signal(2, [&x, a = 1, b = 2, c = 3] { x.store(a + b + c); });
          check::expect(false);
        },
        [&] { x.store(1); });
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(result_of(fail_in_the_middle).found, verdict::wrong);
    auto const r = check::explore([](check::threads& run) {
      check::atomic<int> x{0};
      run([&] { x.store(1); }, [&] { x.store(2); });
    });
    EXPECT_TRUE(r) << r;
    EXPECT_EQ(r.executions, 2u);
  }
}

}  // namespace
