// SPDX-License-Identifier: Apache-2.0
// The records of threads: taken, found by others, given back at a thread's end and taken again.
#include <support/scenario.hpp>

#include <weft/base/thread.hpp>

#include <array>
#include <cstddef>

namespace {

using weft::this_thread;
using weft_test::expect, weft_test::expect_equal;

// Threads that begin and end with the scenario, on real threads too.
template <class... Bodies>
void in_threads_that_end(Bodies&... bodies) {
  auto const start = []<class F>(F& f) {
    return weft::atoms::start([](void* of) noexcept { (*static_cast<F*>(of))(); }, &f);
  };
  std::array const all{start(bodies)...};
  for (auto t : all) weft::atoms::join(t);
}

std::size_t records() {
  std::size_t n = 0;
  for (auto* r = weft::all_threads(); r; r = r->next()) ++n;
  return n;
}

bool on_the_list(weft::thread_record const* wanted) {
  auto* r = weft::all_threads();
  while (r && r != wanted) r = r->next();
  return r != nullptr;
}

constexpr unsigned most = 64;  // slots that a run of real threads gets to, at the very most

// One owner of a slot at a time; the next one sees what the one before did with it.
void two_that_come_and_go(auto&) {
  std::array<weft::atoms::var<int>, most> uses{};
  auto const before = records();
  auto use = [&] {
    auto* const mine = this_thread();
    expect(mine == this_thread(), "the thread finds its record again");
    expect(mine->alive());
    expect(on_the_list(mine));
    expect(mine->get(weft::room::probe) == nullptr, "the record is as new");
    mine->set(weft::room::probe, &uses);
    auto& n = uses[mine->slot() % most];
    n = n + 1;
    expect_equal(mine->get(weft::room::probe), static_cast<void*>(&uses));
  };
  in_threads_that_end(use, use);
  int sum = 0;
  for (auto& n : uses) sum += n;
  expect_equal(sum, 2);
  expect(records() <= before + 2);
}

// Whoever walks the list finds records that are whole.
void a_walk_against_a_new_record(auto&) {
  auto enter = [&] { (void)this_thread(); };
  auto walk = [&] {
    for (auto* r = weft::all_threads(); r; r = r->next()) {
      expect(r->generation() >= 1);
      (void)r->alive();
    }
  };
  in_threads_that_end(enter, walk);
}

// A record that is seen to be in use is seen to be the new owner's: the generation tells.
void a_look_against_a_record_that_is_taken_again(auto&) {
  std::array<weft::thread_record*, 1> first{};
  auto enter = [&] { first[0] = this_thread(); };
  in_threads_that_end(enter);
  auto* const r = first[0];
  auto const generation = r->generation();
  expect(!r->alive());
  auto again = [&] { expect_equal(this_thread(), r); };
  auto look = [&] {
    if (r->alive()) expect(r->generation() > generation, "alive, and still the one that ended");
  };
  in_threads_that_end(again, look);
}

// Whoever sees that the thread has ended sees what its exit hooks did.
void a_look_against_the_exit_hooks(auto&) {
  weft::atoms::var<int> done = 0;
  weft::atoms::atomic<weft::thread_record*> record{nullptr};
  auto enter = [&] {
    auto* const mine = this_thread();
    mine->at_exit(
        [](weft::thread_record& t, void* to) noexcept {
          auto& count = *static_cast<weft::atoms::var<int>*>(to);
          count = count * 10 + (t.get(weft::room::mem) ? 1 : 2);
        },
        &done);
    mine->at_exit([](weft::thread_record& t, void*) noexcept { t.set(weft::room::mem, nullptr); },
                  nullptr);
    mine->set(weft::room::mem, &done);
    record.store(mine, weft::release);
  };
  auto look = [&] {
    auto* const r = record.load(weft::acquire);
    if (r && !r->alive()) expect_equal(static_cast<int>(done), 2);
  };
  in_threads_that_end(enter, look);
  expect_equal(static_cast<int>(done), 2);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(two_that_come_and_go, .at_least = 25, .prepared = false),
    WEFT_SCENARIO(a_walk_against_a_new_record, .at_least = 2, .prepared = false),
    WEFT_SCENARIO(a_look_against_a_record_that_is_taken_again, .at_least = 2, .prepared = false),
    WEFT_SCENARIO(a_look_against_the_exit_hooks, .at_least = 2, .prepared = false),
};

bool const registered = weft_test::register_scenarios("thread_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(thread_model, orders) { weft_test::audit_orders(all, {"base/thread.cpp", "base/thread.hpp"}); }

TEST(thread_model, mutants) {
  weft_test::hunt(
      all,
      {{"a record is on the list before it is whole", mutation::weaken, "newest.store(r, release)"},
       {"a record is not put on the list", mutation::skip, "newest.store(r, release)"},
       {"a record says that it is in use before it is", mutation::weaken, "alive_.store(true"},
       {"a record that is taken does not say so", mutation::skip, "alive_.store(true"},
       {"a record is given back while its hooks run", mutation::weaken, "alive_.store(false"},
       {"a record is never given back", mutation::skip, "alive_.store(false"},
       {"a look at a record does not acquire what its thread did", mutation::weaken,
        "alive_.load(acquire)"},
       {"a record is looked for by a stale look", mutation::read_stale, "while (r && r->alive_"},
       {"two records are put on the list at once", mutation::read_stale, "r->next_ = newest"}});
}

#endif

}  // namespace
