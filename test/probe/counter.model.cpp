// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of src/probe/counter.cpp, and the rings of events that hang on
// the same blocks.
#include <support/scenario.hpp>

#include <weft/probe/counter.hpp>
#include <weft/probe/event.hpp>

#include <string_view>
#include <vector>

namespace {

using weft_test::expect, weft_test::expect_equal;

// Of the program, as they have to be; on real threads they go on counting from run to run.
constinit weft::counter apples{"test.apples", "counted in scenarios"};
constinit weft::counter pears{"test.pears", "counted in scenarios"};

// I1, I2: one thread counts while the other, whose block it may take over, does and ends.
void two_that_come_and_go(auto& run) {
  auto const before = apples.read();
  auto const twice = [] {
    apples.add();
    apples.add();
  };
  run(twice, twice);
  expect_equal(apples.read(), before + 4);
}

// I1: one of the two takes over the block that a third has left.
void two_that_find_a_free_block(auto& run) {
  auto const before = apples.read();
  auto const once = [] { apples.add(); };
  run(once);
  run(once, once);
  expect_equal(apples.read(), before + 3);
}

// I3: what one thread reads does not go back, and what it was told of is in it.
void a_reader_against_a_thread_that_counts(auto& run) {
  auto const before = apples.read();
  weft::atoms::atomic<bool> counted{false};
  run(
      [&] {
        apples.add();
        counted.store(true, weft::release);
        apples.add();
      },
      [&] {
        bool const told = counted.load(weft::acquire);
        auto const first = apples.read();
        auto const second = apples.read();
        expect(!told || first > before, "it happened before, but is not in the sum");
        expect(second >= first && second <= before + 2);
      });
}

// Two that use a counter for the first time list it once.
void two_that_enlist(auto& run) {
  run([] { pears.add(); },
      [] {
        pears.enlist();
        apples.enlist();
      });
  int times = 0;
  weft::for_each_counter([&](weft::counter const& c) { times += &c == &pears ? 1 : 0; });
  expect_equal(times, 1);
}

// Whoever finds a counter on the list finds it whole.
void a_walk_against_a_new_counter(auto& run) {
  run([] { pears.enlist(); },
      [] {
        weft::for_each_counter([](weft::counter const& c) {
          if (&c == &pears) expect_equal(c.read(), pears.read());
        });
      });
}

// What was recorded is read once and whole, by a reader that looks while a thread records.
void a_reader_of_events_against_a_thread_that_records(auto& run) {
  weft::record_events(weft::area::wait);
  weft::event_reader reader;
  std::vector<weft::event> events;
  (void)reader.read(events);
  events.clear();
  std::uint64_t missed = 0;
  run(
      [] {
        weft::trace_event(weft::area::wait, "first", 1);
        weft::trace_event(weft::area::wait, "second", 2);
      },
      [&] { missed = reader.read(events); });
  missed += reader.read(events);
  weft::record_events(weft::area::none);
  expect_equal(events.size() + missed, 2u);
  for (auto const& e : events) {
    expect(e.where == weft::area::wait);
    expect_equal(std::string_view(e.name), e.a == 1 ? "first" : "second");
  }
}

weft_test::scenarios const all{
    WEFT_SCENARIO(two_that_come_and_go, .at_least = 310, .prepared = false),
    WEFT_SCENARIO(two_that_find_a_free_block, .at_least = 54, .prepared = false),
    WEFT_SCENARIO(a_reader_against_a_thread_that_counts, .at_least = 14, .prepared = false),
    WEFT_SCENARIO(two_that_enlist, .at_least = 4, .prepared = false),
    WEFT_SCENARIO(a_walk_against_a_new_counter, .at_least = 1, .prepared = false),
    WEFT_SCENARIO(a_reader_of_events_against_a_thread_that_records, .at_least = 4,
                  .prepared = false),
};

bool const registered = weft_test::register_scenarios("counter_model", all, __FILE__);

#if defined(WEFT_MODEL)

TEST(counter_model, orders) {
  weft_test::audit_orders(
      all, {"probe/counter.hpp", "probe/counter.cpp", "probe/event.cpp", "probe/event.hpp"},
      20'000);
}

using weft::check::mutation;

TEST(counter_model, mutants) {
  weft_test::hunt(
      all,
      {{"two threads take one block", mutation::tear, "b->taken.exchange(true, acquire)"},
       {"a new block does not say that it is taken", mutation::skip, "b->taken.store(true"},
       {"a block that is given back is not released", mutation::weaken, "taken.store(false"},
       {"two blocks are put on the list at once", mutation::tear, "newest_block.compare_exchange"},
       {"a counter is not put on the list", mutation::skip, "newest_counter.store(this"},
       {"a sum is stale", mutation::read_stale, "sum += b->counts[slot].load(relaxed)"}});
}

#endif

}  // namespace
