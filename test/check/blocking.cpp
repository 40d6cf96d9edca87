// SPDX-License-Identifier: Apache-2.0
// What makes a thread wait, and what wakes it: parking, atomic waits, mutexes, conditions.
#include "outcomes.hpp"

#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/check/thread.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

namespace check = weft::check;
using namespace std::chrono_literals;
using check::found_in, check::model, check::outcomes_of, check::verdict;
using testing::ElementsAre;
using weft::acquire, weft::relaxed, weft::release, weft::seq_cst;
using word = check::atomic<std::uint32_t>;

weft::time_point at(weft::duration d) { return weft::time_point{d}; }

TEST(park, sleeps_until_it_is_woken) {
  auto const pass = [](bool store_first) {
    return found_in([=](check::threads& run) {
      word w{0};
      run(
          [&] {
            while (w.load(acquire) == 0) model::park(w, 0);
          },
          [&] {
            if (store_first) w.store(1, release);
            model::unpark_one(&w);
            if (!store_first) w.store(1, release);
          });
    });
  };
  EXPECT_EQ(pass(true), verdict::passed);
  EXPECT_EQ(pass(false), verdict::deadlock) << "woken, it saw 0 and slept again";
}

TEST(park, does_not_sleep_on_another_value) {
  auto const r = check::explore([](check::threads& run) {
    word w{1};
    bool in_time = false;
    run([&] { in_time = model::park(w, 0); }, [] {});
    check::expect(in_time);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 1u);
}

// The system looks at the newest value; what it has seen, the thread has seen.
TEST(park, looks_at_the_newest_value) {
  auto const seen = outcomes_of(
      [](check::threads& run) {
        word w{0};
        std::uint32_t after = 9;
        run(
            [&] {
              model::park(w, 0);
              after = w.load(relaxed);
            },
            [&] {
              w.store(1, relaxed);
              model::unpark_all(&w);
            });
        check::note(std::to_string(after));
      },
      {.spurious = 0});
  // Woken it may still read what is stale: unparking tells it nothing of the word.
  EXPECT_THAT(seen, ElementsAre("0", "1"));
  auto const changed = outcomes_of([](check::threads& run) {
    word w{0};
    std::uint32_t after = 9;
    w.store(1, relaxed);
    run(
        [&] {
          model::park(w, 0);
          after = w.load(relaxed);
        },
        [] {});
    check::note(std::to_string(after));
  });
  EXPECT_THAT(changed, ElementsAre("1"));
}

TEST(park, wakes_without_a_reason_as_often_as_allowed) {
  auto const park_once = [](check::threads& run) {
    word w{0};
    run([&] { model::park(w, 0); }, [] {});
  };
  EXPECT_EQ(found_in(park_once, {.spurious = 0}), verdict::deadlock);
  EXPECT_EQ(found_in(park_once, {.spurious = 1}), verdict::deadlock) << "it may, it need not";
  auto const beside = [](unsigned most) {
    return outcomes_of(
               [](check::threads& run) {
                 word w{0};
                 int times = 0;
                 run(
                     [&] {
                       while (w.load(seq_cst) == 0) {
                         model::park(w, 0);
                         ++times;
                       }
                     },
                     [&] {
                       w.store(1, seq_cst);
                       model::unpark_one(&w);
                     });
                 check::note(std::to_string(times));
               },
               {.spurious = most})
        .size();
  };
  EXPECT_EQ(beside(0), 2u);
  EXPECT_EQ(beside(2), 4u);
}

TEST(park, one_of_two_sleepers_is_woken_any) {
  auto const wake = [](bool all) {
    return [all](check::threads& run) {
      word w{0};
      check::atomic<int> asleep{0};
      std::string woken;
      auto const sleeper = [&](char name) {
        return [&, name] {
          asleep.fetch_add(1);
          model::park(w, 0);
          check::outside([&] { woken += name; });
        };
      };
      run(sleeper('a'), sleeper('b'), [&] {
        while (asleep.load() < 2) model::pause();
        if (all) {
          w.store(1);
          model::unpark_all(&w);
        } else {
          model::unpark_one(&w);
          model::unpark_one(&w);
          w.store(1);
          model::unpark_one(&w);
          model::unpark_one(&w);
        }
      });
      check::outside([&] { check::note(woken); });
      check::outside([&] { woken = {}; });
    };
  };
  EXPECT_THAT(outcomes_of(wake(false), {.spurious = 0}), ElementsAre("ab", "ba"));
  EXPECT_THAT(outcomes_of(wake(true), {.spurious = 0}), ElementsAre("ab", "ba"));
  EXPECT_EQ(found_in([](check::threads& run) {
              word w{0};
              auto const sleep = [&] { model::park(w, 0); };
              run(sleep, sleep, [&] {
                w.store(1);
                model::unpark_one(&w);
              });
            }),
            verdict::deadlock)
      << "one wake-up is not enough for two";
}

TEST(park, a_deadline_may_pass) {
  auto const seen = outcomes_of(
      [](check::threads& run) {
        word w{0};
        bool in_time = false;
        weft::duration after{};
        run(
            [&] {
              in_time = model::park(w, 0, at(30ns));
              after = model::now().time_since_epoch();
            },
            [&] {
              w.store(1);
              model::unpark_one(&w);
            });
        check::note((in_time ? "woken at " : "late at ") + std::to_string(after.count()));
      },
      {.spurious = 0});
  EXPECT_THAT(seen, ElementsAre("late at 30", "woken at 0"));
}

TEST(park, time_stands_still_but_for_deadlines_and_never_goes_back) {
  auto const seen = outcomes_of(
      [](check::threads& run) {
        word w{0};
        weft::duration ends[2];
        auto const doze = [&](int i, weft::duration d) {
          return [&, i, d] {
            check::expect(!model::park(w, 0, at(d)));
            ends[i] = model::now().time_since_epoch();
          };
        };
        check::expect(model::now() == at(0ns));
        run(doze(0, 10ns), doze(1, 20ns));
        check::expect(model::now() == at(20ns));
        check::note(std::to_string(ends[0].count()) + ' ' + std::to_string(ends[1].count()));
      },
      {.spurious = 0});
  EXPECT_THAT(seen, ElementsAre("10 20", "20 20"));
}

TEST(atomic_wait, returns_when_the_value_differs) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    check::var<int> data{0};
    run(
        [&] {
          x.wait(0, acquire);
          check::expect_equal(data.get(), 5);
          check::expect(x.load(relaxed) != 0);
        },
        [&] {
          data.set(5);
          x.store(1, release);
          x.notify_one();
        });
  });
  EXPECT_TRUE(r) << r;
  EXPECT_GE(r.executions, 3u);
}

TEST(atomic_wait, without_notify_it_may_sleep_for_ever) {
  EXPECT_EQ(found_in([](check::threads& run) {
              check::atomic<int> x{0};
              run([&] { x.wait(0); }, [&] { x.store(1); });
            }),
            verdict::deadlock);
}

TEST(atomic_wait, misses_a_value_that_comes_and_goes) {
  EXPECT_EQ(found_in([](check::threads& run) {
              check::atomic<int> x{0};
              run([&] { x.wait(0); },
                  [&] {
                    x.store(1);
                    x.notify_all();
                    x.store(0);
                  });
            }),
            verdict::deadlock);
}

TEST(atomic_wait, notify_all_wakes_all_and_one_wakes_one) {
  auto const wait_twice = [](bool all) {
    return found_in([all](check::threads& run) {
      check::atomic<int> x{0};
      auto const wait = [&] { x.wait(0); };
      run(wait, wait, [&] {
        x.store(1);
        all ? x.notify_all() : x.notify_one();
      });
    });
  };
  EXPECT_EQ(wait_twice(true), verdict::passed);
  EXPECT_EQ(wait_twice(false), verdict::deadlock);
  EXPECT_EQ(found_in([](check::threads& run) {
              check::atomic_flag f;
              run([&] { f.wait(false); },
                  [&] {
                    (void)f.test_and_set();
                    f.notify_one();
                  });
            }),
            verdict::passed);
}

TEST(mutex, lets_one_in) {
  auto const r = check::explore([](check::threads& run) {
    check::mutex m;
    check::var<int> n{0};
    auto const add = [&] {
      std::lock_guard const lock(m);
      n.set(n.get() + 1);
    };
    run(add, add, add);
    check::expect_equal(n.get(), 3);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 6u) << "the orders of three critical sections";
}

TEST(mutex, try_lock_fails_while_it_is_held) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::mutex m;
    check::var<int> n{0};
    bool got = false;
    run(
        [&] {
          std::lock_guard const lock(m);
          n.set(1);
        },
        [&] {
          got = m.try_lock();
          if (!got) return;
          check::note(n.get() == 1 ? "after" : "before");
          m.unlock();
        });
    if (!got) check::note("held");
    check::expect(m.try_lock());
    check::expect(!m.try_lock());
    m.unlock();
  });
  EXPECT_THAT(seen, ElementsAre("after", "before", "held"));
}

TEST(mutex, only_what_it_guards_is_ordered) {
  EXPECT_EQ(found_in([](check::threads& run) {
              check::mutex a, b;
              check::var<int> n{0};
              auto const add = [&](check::mutex& m) {
                return [&] {
                  std::lock_guard const lock(m);
                  n.set(n.get() + 1);
                };
              };
              run(add(a), add(b));
            }),
            verdict::data_race);
}

// A queue of one place, with and without the loop around the wait.
verdict one_place(bool predicate, bool wake_all) {
  return found_in([=](check::threads& run) {
    check::mutex m;
    check::condition_variable changed;
    check::var<int> items{0};
    auto const take = [&] {
      std::unique_lock lock(m);
      if (predicate) {
        changed.wait(lock, [&] { return items.get() > 0; });
      } else if (items.get() == 0) {
        changed.wait(lock);
      }
      check::expect(items.get() > 0, "there is something to take");
      items.set(items.get() - 1);
    };
    run(take, take, [&] {
      {
        std::lock_guard const lock(m);
        items.set(2);
      }
      wake_all ? changed.notify_all() : changed.notify_one();
    });
  });
}

TEST(condition, wakes_who_waits) {
  EXPECT_EQ(one_place(true, true), verdict::passed);
  EXPECT_EQ(one_place(true, false), verdict::deadlock) << "one wake-up for two";
  EXPECT_EQ(one_place(false, true), verdict::wrong) << "it may wake for no reason";
}

TEST(condition, a_notification_that_comes_first_is_lost) {
  EXPECT_EQ(found_in(
                [](check::threads& run) {
                  check::mutex m;
                  check::condition_variable c;
                  run(
                      [&] {
                        std::unique_lock lock(m);
                        c.wait(lock);
                      },
                      [&] { c.notify_one(); });
                },
                {.spurious = 0}),
            verdict::deadlock);
}

TEST(condition, unlocks_while_it_waits_and_holds_the_mutex_after) {
  auto const r = check::explore([](check::threads& run) {
    check::mutex m;
    check::condition_variable c;
    check::var<bool> ready{false};
    run(
        [&] {
          std::unique_lock lock(m);
          while (!ready.get()) c.wait(lock);
          check::expect(!m.try_lock(), "it is held");
        },
        [&] {
          std::lock_guard const lock(m);
          ready.set(true);
          c.notify_one();
        });
  });
  EXPECT_TRUE(r) << r;
}

TEST(condition, a_deadline_may_pass) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::mutex m;
    check::condition_variable c;
    check::var<bool> ready{false};
    bool in_time = false;
    run(
        [&] {
          std::unique_lock lock(m);
          in_time = c.wait_for(lock, 1ms, [&] { return ready.get(); });
        },
        [&] {
          std::lock_guard const lock(m);
          ready.set(true);
          c.notify_one();
        });
    check::note(in_time ? "ready" : "late");
  });
  EXPECT_THAT(seen, ElementsAre("late", "ready"));
  auto const until = outcomes_of(
      [](check::threads& run) {
        check::mutex m;
        check::condition_variable c;
        std::cv_status status{};
        run(
            [&] {
              std::unique_lock lock(m);
              status = c.wait_until(lock, at(5ns));
            },
            [] {});
        check::note(status == std::cv_status::timeout ? "timeout" : "no timeout");
        check::note(std::to_string(model::now().time_since_epoch().count()));
      },
      {.spurious = 0});
  EXPECT_THAT(until, ElementsAre("5", "timeout"));
}

}  // namespace
