// SPDX-License-Identifier: Apache-2.0
// What the names of the standard library mean between <weft/check/std.hpp> and std_end.hpp.
#include <weft/check/std.hpp>

#include "foreign_header.hpp"

#include <weft/check/std_end.hpp>

#include "foreign.hpp"

#include <type_traits>

namespace {

using weft::check::verdict;
using weft_test::element, weft_test::exhaust, weft_test::named;

static_assert(std::is_same_v<decltype(somebody::made), weft::check::atomic<unsigned>>);
static_assert(!std::is_same_v<std::atomic<unsigned>, weft::check::atomic<unsigned>>);
static_assert(!std::is_same_v<std::thread, decltype(std::weft_check_thread{})>);

weft::check::result failure(char const* name, std::function<void(weft::check::threads&)> scenario) {
  return weft::check::explore(named(name, 1), std::move(scenario));
}

TEST(foreign_names, an_atomic_flag_is_a_lock) {
  exhaust(named("spin lock", 2), [](weft::check::threads& run) {
    somebody::spin_lock lock;
    element n;
    auto const add = [&] {
      lock.lock();
      n = n.value() + 1;
      lock.unlock();
    };
    run(add, add);
    weft::check::expect_equal(n.value(), 2);
  });
}

template <std::memory_order Publish>
void send(weft::check::threads& run) {
  somebody::mailbox<element, Publish> box;
  run([&] { box.put(1); },
      [&] {
        element e;
        if (box.get(e)) weft::check::expect_equal(e.value(), 1);
      });
}

TEST(foreign_names, free_functions_have_their_orders) {
  exhaust(named("mailbox", 2), send<std::memory_order_release>);
  auto const r = failure("mailbox", send<std::memory_order_relaxed>);
  EXPECT_EQ(r.found, verdict::data_race) << r;
}

TEST(foreign_names, fences_are_fences) {
  exhaust(named("dekker", 2), [](weft::check::threads& run) {
    somebody::dekker both;
    bool in[2] = {};
    run([&] { in[0] = both.enter(0); }, [&] { in[1] = both.enter(1); });
    weft::check::expect(!in[0] || !in[1], "both are in");
  });
}

template <class Box>
void hand_over(char const* name) {
  exhaust(named(name, 2), [](weft::check::threads& run) {
    Box box;
    run([&] { box.put(1); }, [&] { weft::check::expect_equal(box.take().value(), 1); });
  });
}

TEST(foreign_names, a_condition_wakes_who_waits) { hand_over<somebody::box<element>>("condition"); }
TEST(foreign_names, a_posix_semaphore_wakes) { hand_over<somebody::posted<element>>("sem_t"); }
TEST(foreign_names, a_semaphore_wakes) { hand_over<somebody::released<element>>("semaphore"); }

TEST(foreign_names, threads_are_started_named_and_joined) {
  exhaust(named("threads", 2), [](weft::check::threads&) {
    weft::check::expect_equal(somebody::made.load(), 0u);  // as made, in each execution
    auto const names = somebody::on_two_threads([](unsigned) { ++somebody::made; });
    weft::check::expect_equal(names, 2u);
    weft::check::expect_equal(somebody::made.load(), 2u);
  });
}

TEST(foreign_names, once_is_once) {
  exhaust(named("once", 2), [](weft::check::threads& run) {
    somebody::lazy it;
    auto const touch = [&] {
      it.touch();
      weft::check::expect_equal(it.made(), 1);
    };
    run(touch, touch);
  });
}

TEST(foreign_names, the_c_heap_is_watched) {
  exhaust(named("heap", 1),
          [](weft::check::threads&) { somebody::destroy(somebody::make<element>()); });
  auto r = failure("leak", [](weft::check::threads&) { (void)somebody::make<element>(); });
  EXPECT_EQ(r.found, verdict::leak) << r;
  r = failure("freed", [](weft::check::threads& run) {
    auto* const e = somebody::make<element>();
    run([&] { somebody::destroy(e); }, [&] { *e = 1; });
  });
  EXPECT_EQ(r.found, verdict::use_after_free) << r;
  somebody::destroy(somebody::make<int>());  // outside a scenario it is the usual one
}

TEST(foreign_names, an_assertion_is_an_expectation) {
  auto const r = failure("odd", [](weft::check::threads&) { somebody::expect_even(3); });
  EXPECT_EQ(r.found, verdict::wrong) << r;
  EXPECT_NE(r.message.find("assertion n % 2 == 0 does not hold, at foreign_header.hpp:"),
            std::string::npos)
      << r.message;
}

}  // namespace
