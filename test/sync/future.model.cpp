// SPDX-License-Identifier: Apache-2.0
// Scenarios of promise and future: the value arrives once, and the state they share goes once.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <memory>
#include <optional>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// A value whose moves the checker watches.
struct parcel {
  explicit parcel(int v) : value(v) {}
  parcel(parcel&& o) noexcept : value(static_cast<int>(o.value)) { o.value = 0; }
  ~parcel() = default;
  weft::atoms::var<int> value;
};

// A promise, and the future of what it promises; either may go.
struct pair {
  std::optional<weft::promise<parcel>> give{std::in_place};
  std::optional<weft::future<parcel>> take{give->get_future()};
};

void a_value_against_a_get(auto& run) {
  pair p;
  run([&] { p.give->set_value(1); },
      [&] { expect_equal(static_cast<int>(p.take->get().wait().value), 1); });
}

void an_error_against_a_get(auto& run) {
  pair p;
  run([&] { p.give->set_exception(std::make_exception_ptr(std::runtime_error("no"))); },
      [&] { expect(weft::as_result(p.take->get()).wait().failed()); });
}

void a_look(auto& run) {
  pair p;
  run([&] { p.give->set_value(1); },
      [&] {
        if (p.take->ready()) expect_equal(static_cast<int>(p.take->get().wait().value), 1);
      });
}

// Dropped without a value.
void a_promise_that_is_broken(auto& run) {
  pair p;
  run([&] { p.give.reset(); }, [&] { expect(weft::as_result(p.take->get()).wait().failed()); });
}

// Nobody waits any more, or does not yet, when the value comes.
void a_value_against_the_end_of_the_future(auto& run) {
  pair p;
  run(
      [&] {
        p.give->set_value(1);
        p.give.reset();
      },
      [&] { p.take.reset(); });
}

void the_end_of_both(auto& run) {
  pair p;
  run([&] { p.give.reset(); }, [&] { p.take.reset(); });
}

// Who gets the value may destroy the promise at once.
void a_promise_destroyed_on_waking(auto& run) {
  auto give = std::make_unique<weft::promise<parcel>>();
  auto take = give->get_future();
  auto* const set = give.get();
  run([&] { set->set_value(1); },
      [&] {
        (void)take.get().wait();
        give.reset();
      });
}

// A get that times out has taken nothing.
void a_value_against_a_timeout(auto& run) {
  pair p;
  run([&] { p.give->set_value(1); },
      [&] { (void)weft::as_result(p.take->get() | weft::timeout(20us)).wait(); });
  if (p.take->valid()) expect_equal(static_cast<int>(p.take->get().wait().value), 1);
}

// Two wait for one value.
void a_value_for_two(auto& run) {
  pair p;
  std::optional<weft::shared_future<parcel>> a{p.take->share()}, b{a};
  auto const look = [](auto& f) {
    return [&f] {
      expect_equal(static_cast<int>(f->get().wait().value), 1);
      f.reset();
    };
  };
  run([&] { p.give->set_value(1); }, look(a), look(b));
}

// A task goes on with the value in the thread that has set it, and ends with the last reference.
void a_task_that_gets(auto& run) {
  pair p;
  moving_tasks tasks;
  int got = 0;
  run(in_turn([&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          auto op = p.take->get();
          auto const v = co_await std::move(op);
          got = v.value;
          p.take.reset();
        });
      }),
      in_turn([&] { p.give->set_value(1); }));
  expect_equal(tasks.live(), 0u);
  expect_equal(got, 1);
}

}  // namespace

weft_test::scenarios const weft_test::future_scenarios{
    WEFT_SCENARIO(a_value_against_a_get),
    WEFT_SCENARIO(an_error_against_a_get),
    WEFT_SCENARIO(a_look),
    WEFT_SCENARIO(a_promise_that_is_broken),
    WEFT_SCENARIO(a_value_against_the_end_of_the_future),
    WEFT_SCENARIO(the_end_of_both),
    WEFT_SCENARIO(a_promise_destroyed_on_waking),
    WEFT_SCENARIO(a_value_against_a_timeout),
    WEFT_SCENARIO(a_task_that_gets),
    WEFT_SCENARIO(a_value_for_two),
};

static bool const registered =
    weft_test::register_scenarios("future_model", weft_test::future_scenarios, __FILE__);
