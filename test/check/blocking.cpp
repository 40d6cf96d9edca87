// SPDX-License-Identifier: Apache-2.0
// What makes a thread wait, and what wakes it: parking, atomic waits, mutexes, conditions, threads,
// signals; barriers in every thread.
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
using check::model;
using check::verdict;
using testing::ElementsAre;
using weft::acquire, weft::relaxed, weft::release, weft::seq_cst;
using word = check::atomic<std::uint32_t>;

weft::time_point at(weft::duration d) { return weft::time_point{d}; }

// What was noted, one after the other in the order of the alphabet.
std::vector<std::string> outcomes_of(std::function<void(check::threads&)> scenario,
                                     check::options const& o = {}) {
  auto const r = check::explore(o, std::move(scenario));
  EXPECT_TRUE(r) << r;
  EXPECT_TRUE(r.exhausted);
  std::vector<std::string> names;
  for (auto const& [name, times] : r.outcomes) names.push_back(name);
  return names;
}

verdict found_in(std::function<void(check::threads&)> scenario, check::options const& o = {}) {
  return check::explore(o, std::move(scenario)).found;
}

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

TEST(thread, runs_beside_its_starter_and_is_joined) {
  auto const seen = outcomes_of([](check::threads&) {
    check::atomic<int> x{0};
    check::var<int> data{0};
    check::thread other(
        [&](int a, std::unique_ptr<int> b) {
          x.store(a, relaxed);
          data.set(*b);
        },
        3, std::make_unique<int>(4));
    check::expect(other.joinable());
    auto const early = x.load(relaxed);
    other.join();
    check::expect(!other.joinable());
    check::expect_equal(data.get(), 4);
    check::expect_equal(x.load(relaxed), 3);
    check::note(std::to_string(early));
  });
  EXPECT_THAT(seen, ElementsAre("0", "3"));
}

TEST(thread, before_its_join_it_is_not_ordered) {
  EXPECT_EQ(found_in([](check::threads&) {
              check::var<int> data{0};
              check::thread other([&] { data.set(1); });
              (void)data.get();
              other.join();
            }),
            verdict::data_race);
}

TEST(thread, moves_and_has_a_number) {
  auto const r = check::explore([](check::threads& run) {
    check::expect_equal(check::this_thread::get_id(), 0u);
    check::thread::id inside = 9;
    check::thread a([&] { inside = check::this_thread::get_id(); });
    auto const number = a.get_id();
    check::thread b(std::move(a));
    check::expect(!a.joinable());  // NOLINT: moved from
    a = std::move(b);
    a.join();
    check::expect_equal(inside, number);
    run([] { check::expect_equal(check::this_thread::get_id(), 1u); },
        [] { check::expect_equal(check::this_thread::get_id(), 2u); });
  });
  EXPECT_TRUE(r) << r;
}

TEST(thread, may_start_others) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> n{0};
    run(
        [&] {
          check::thread inner([&] { n.fetch_add(1); });
          n.fetch_add(2);
          inner.join();
        },
        [&] { n.fetch_add(4); });
    check::expect_equal(n.load(), 7);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_GE(r.executions, 6u) << "three additions in any order";
}

struct tag;

TEST(thread_slot, is_each_threads_own_and_starts_anew) {
  using slot = model::thread_slot<int, tag>;
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    check::expect_equal(slot::get(), 0);
    slot::set(9);
    auto const body = [&](int mine) {
      return [&x, mine] {
        check::expect_equal(slot::get(), 0);
        slot::set(mine);
        x.fetch_add(1);
        check::expect_equal(slot::get(), mine);
      };
    };
    run(body(1), body(2));
    run(body(3), body(4));
    check::expect_equal(slot::get(), 9);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 4u);
}

TEST(thread_exit, runs_what_was_asked_for_the_last_first) {
  auto const r = check::explore([](check::threads& run) {
    check::var<int> order{0};
    run(
        [&] {
          model::at_thread_exit(
              [](void* o) {
                auto& n = *static_cast<check::var<int>*>(o);
                n.set(n.get() * 10 + 1);
              },
              &order);
          model::at_thread_exit(
              [](void* o) {
                auto& n = *static_cast<check::var<int>*>(o);
                n.set(n.get() * 10 + 2);
              },
              &order);
          check::expect_equal(order.get(), 0);
        },
        [] {});
    check::expect_equal(order.get(), 21);
  });
  EXPECT_TRUE(r) << r;
}

// The handler runs in the other thread, before any of its steps or at its end, or not at all if that
// thread has ended.
TEST(signal, comes_at_any_step) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::atomic<int> step{0};
    int at = -1;
    run(
        [&] {
          for (int i = 1; i <= 3; ++i) step.store(i, relaxed);
        },
        [&] {
          check::send_signal(1, [&] {
            check::expect_equal(check::this_thread::get_id(), 1u);
            at = step.load(relaxed);
          });
        });
    check::note(std::to_string(at));
  });
  EXPECT_THAT(seen, ElementsAre("-1", "0", "1", "2", "3"));
}

TEST(signal, what_its_sender_did_is_visible_to_the_handler) {
  auto const r = check::explore([](check::threads& run) {
    check::var<int> data{0};
    check::atomic<int> x{0};
    bool ran = false;
    run([&] { x.store(1); },
        [&] {
          data.set(5);
          check::send_signal(1, [&] {
            ran = true;
            check::expect_equal(data.get(), 5);
          });
        });
    check::note(ran ? "ran" : "late");
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.outcomes.size(), 2u);
}

TEST(signal, wakes_a_sleeper) {
  auto const seen = outcomes_of(
      [](check::threads& run) {
        word w{0};
        bool handled = false;
        run([&] { model::park(w, 0); }, [&] { check::send_signal(1, [&] { handled = true; }); });
        check::expect(handled, "a sleeper cannot have ended");
        check::note("ended");
      },
      {.spurious = 0});
  EXPECT_THAT(seen, ElementsAre("ended"));
}

TEST(signal, one_handler_at_a_time_in_the_order_of_sending) {
  auto const r = check::explore([](check::threads& run) {
    check::atomic<int> x{0};
    int order = 0;
    bool inside = false;
    auto const handler = [&](int mine) {
      return [&, mine] {
        check::expect(!inside, "no handler interrupts another");
        inside = true;
        x.fetch_add(1);
        inside = false;
        order = order * 10 + mine;
      };
    };
    run([&] { x.fetch_add(1), x.fetch_add(1); },
        [&] {
          check::send_signal(1, handler(1));
          check::send_signal(1, handler(2));
        });
    check::note(std::to_string(order));
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.outcomes.count("21"), 0u);
  EXPECT_EQ(r.outcomes.count("12"), 1u);
}

// An asymmetric pair: the light side has a compiler barrier only, the heavy one interrupts all.
bool both_read_0(bool left_heavy, bool right_heavy) {
  auto const seen = outcomes_of([=](check::threads& run) {
    check::atomic<int> x{0}, y{0};
    int a = 9, b = 9;
    run(
        [&] {
          x.store(1, relaxed);
          left_heavy ? model::heavy() : model::light();
          a = y.load(relaxed);
        },
        [&] {
          y.store(1, relaxed);
          right_heavy ? model::heavy() : model::light();
          b = x.load(relaxed);
        });
    check::note(std::to_string(a) + std::to_string(b));
  });
  return std::find(seen.begin(), seen.end(), "00") != seen.end();
}

TEST(barrier, of_one_side_is_enough_if_it_is_heavy) {
  EXPECT_TRUE(both_read_0(false, false));
  EXPECT_FALSE(both_read_0(true, false));
  EXPECT_FALSE(both_read_0(false, true));
  EXPECT_FALSE(both_read_0(true, true));
}

// A fence is no replacement: it says nothing of the other thread's loads and stores.
TEST(barrier, a_fence_is_not_heavy) {
  auto const seen = outcomes_of([](check::threads& run) {
    check::atomic<int> x{0}, y{0};
    int a = 9, b = 9;
    run(
        [&] {
          x.store(1, relaxed);
          model::light();
          a = y.load(relaxed);
        },
        [&] {
          y.store(1, relaxed);
          model::fence();
          b = x.load(relaxed);
        });
    check::note(std::to_string(a) + std::to_string(b));
  });
  EXPECT_THAT(seen, testing::Contains("00"));
}

// Whoever unpublishes, then passes the barrier, sees every reader that may still hold what it read.
TEST(barrier, readers_that_only_announce_themselves) {
  auto const reclaim = [](bool heavy) {
    return found_in([heavy](check::threads& run) {
      check::atomic<int*> shared{new int(3)};
      check::atomic<bool> reading{false};
      run(
          [&] {
            reading.store(true, relaxed);
            model::light();
            if (auto* const p = shared.load(acquire)) {
              check::detail::plain_read(p, sizeof *p, std::source_location::current());
            }
            reading.store(false, release);
          },
          [&] {
            auto* const old = shared.exchange(nullptr, weft::acq_rel);
            if (heavy) model::heavy();
            while (reading.load(acquire)) model::pause();
            delete old;
          });
    });
  };
  EXPECT_EQ(reclaim(true), verdict::passed);
  EXPECT_EQ(reclaim(false), verdict::use_after_free);
}

}  // namespace
