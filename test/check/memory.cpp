// SPDX-License-Identifier: Apache-2.0
// Memory of a scenario: the heap, and plain data that several threads use.
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace check = weft::check;
using check::verdict;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;
using weft::acq_rel, weft::acquire, weft::relaxed, weft::release;

struct node {
  check::atomic<int> count{0};
  check::var<int> value{0};
};

check::result result_of(std::function<void(check::threads&)> scenario, check::options o = {}) {
  o.name = "scenario";
  return check::explore(o, std::move(scenario));
}

TEST(heap, what_is_given_back_passes) {
  auto const r = result_of([](check::threads& run) {
    auto const owned = std::make_unique<node>();
    std::vector<int> many(100, 3);
    run([&] { many.push_back(4); }, [] { delete new node; });
    void* const raw = check::model::allocate(100, 64);
    check::expect(reinterpret_cast<std::uintptr_t>(raw) % 64 == 0);
    check::model::deallocate(raw, 64);
    check::model::allocate_for_ever(8);
  });
  EXPECT_TRUE(r) << r;
}

TEST(heap, memory_is_given_out_once) {
  auto const r = result_of([](check::threads&) {
    auto* const first = new node;
    delete first;
    auto* const second = new node;
    check::expect(first != second);
    delete second;
  });
  EXPECT_TRUE(r) << r;
}

// In each execution, and whatever the other thread allocates meanwhile.
TEST(heap, addresses_repeat) {
  std::vector<void*> seen;
  auto const r = result_of([&](check::threads& run) {
    check::atomic<int> x{0};
    auto* const mine = new node;
    check::outside([&] { seen.push_back(mine); });
    run([&] { x.store(1); }, [&] { x.store(2); });
    delete mine;
  });
  EXPECT_TRUE(r) << r;
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], seen[1]);
}

TEST(heap, a_leak) {
  auto const forget = [](check::threads&) {
    (void)new node;
    (void)new node;
  };
  auto const r = result_of(forget);
  EXPECT_EQ(r.found, verdict::leak);
  EXPECT_THAT(r.message, StartsWith("leak: 2 blocks of memory left at the end; the first of " +
                                    std::to_string(sizeof(node)) + " bytes"));
  EXPECT_THAT(r.message, HasSubstr("is allocated at memory.cpp:"));
  EXPECT_THAT(r.message, HasSubstr("weft::check::outside()"));
  EXPECT_TRUE(result_of(forget, {.leaks = false}));
}

// One that only some executions have: whoever takes the node second forgets it.
TEST(heap, a_leak_in_some_order) {
  auto const r = result_of([](check::threads& run) {
    check::atomic<node*> top{nullptr};
    auto const put = [&] {
      auto* const n = new node;
      node* none = nullptr;
      if (!top.compare_exchange_strong(none, n) && none == nullptr) delete n;
    };
    run(put, put);
    delete top.load();
  });
  EXPECT_EQ(r.found, verdict::leak);
}

// Out of sight of a compiler that would notice by itself.
[[gnu::noinline]] void give_back(node* n) { delete n; }

TEST(heap, use_after_free) {
  auto const r = result_of([](check::threads&) {
    auto* const n = new node;
    give_back(n);
    n->value.set(2);
  });
  EXPECT_EQ(r.found, verdict::use_after_free);
  EXPECT_THAT(r.message,
              MatchesRegex("use after free: scenario writes memory that scenario has freed\n"
                           "  allocated at memory.cpp:[0-9]+, step 1, by scenario\n"
                           "  freed at     memory.cpp:[0-9]+, step [0-9]+, by scenario\n"
                           "  written at   memory.cpp:[0-9]+, step [0-9]+, by scenario"));
  auto const atomic = result_of([](check::threads&) {
    auto* const n = new node;
    give_back(n);
    n->count.fetch_add(1);
  });
  EXPECT_EQ(atomic.found, verdict::use_after_free);
  EXPECT_THAT(atomic.message, HasSubstr("allocated at memory.cpp:"));
  EXPECT_THAT(atomic.message, HasSubstr("freed at     memory.cpp:"));
  EXPECT_THAT(atomic.message, HasSubstr("used at      memory.cpp:"));
}

// A reader that got the pointer before it was taken away: found whichever comes first.
TEST(heap, use_while_another_frees) {
  auto const share = [](auto use) {
    return result_of([use](check::threads& run) {
      check::atomic<node*> shared{new node};
      run(
          [&] {
            if (auto* const n = shared.load(acquire)) use(*n);
          },
          [&] { delete shared.exchange(nullptr, acq_rel); });
    });
  };
  EXPECT_EQ(share([](node& n) { n.count.load(relaxed); }).found, verdict::use_after_free);
  EXPECT_EQ(share([](node& n) { (void)n.value.get(); }).found, verdict::use_after_free);
  EXPECT_EQ(share([](node& n) { n.value.set(1); }).found, verdict::use_after_free);
}

TEST(heap, a_free_that_is_ordered_behind_the_use) {
  auto const r = result_of([](check::threads& run) {
    auto* const shared = new node;
    check::atomic<bool> done{false};
    run(
        [&] {
          shared->value.set(1);
          shared->count.store(1, relaxed);
          done.store(true, release);
        },
        [&] {
          while (!done.load(acquire)) check::model::pause();
          delete shared;
        });
  });
  EXPECT_TRUE(r) << r;
}

TEST(heap, double_free) {
  auto const r = result_of([](check::threads& run) {
    check::atomic<node*> shared{new node};
    auto const free = [&] { delete shared.load(); };
    run(free, free);
  });
  EXPECT_THAT(r.found, testing::AnyOf(verdict::double_free, verdict::use_after_free));
  auto const plain = result_of([](check::threads&) {
    void* const p = check::model::allocate(8);
    check::model::deallocate(p);
    check::model::deallocate(p);
  });
  EXPECT_EQ(plain.found, verdict::double_free);
  EXPECT_THAT(plain.message,
              MatchesRegex("double free: scenario frees at memory.cpp:[0-9]+ memory freed by "
                           "scenario before\n"
                           "  allocated at memory.cpp:[0-9]+, step 1, by scenario\n"
                           "  freed at     memory.cpp:[0-9]+, step 2, by scenario"));
}

[[gnu::noinline]] void write_behind_the_back(char* p) { *p = 1; }

TEST(heap, code_that_the_checker_does_not_see_writes_to_freed_memory) {
  auto const r = result_of([](check::threads&) {
    auto* const p = static_cast<char*>(check::model::allocate(8));
    check::model::deallocate(p);
    write_behind_the_back(p + 3);
  });
  EXPECT_EQ(r.found, verdict::use_after_free);
  EXPECT_THAT(r.message, StartsWith("use after free: somebody wrote to memory that was freed"));
}

TEST(heap, fresh_memory_is_not_zero) {
  auto const r = result_of([](check::threads&) {
    auto* const p = check::model::allocate(8);
    unsigned char bytes[8];
    std::memcpy(bytes, p, sizeof bytes);
    check::expect(bytes[0] != 0 && bytes[7] != 0);
    check::model::deallocate(p);
  });
  EXPECT_TRUE(r) << r;
}

TEST(heap, what_is_not_of_this_execution_is_not_freed_in_it) {
  auto* const outside = new int(3);
  auto const r = result_of([&](check::threads&) { check::model::deallocate(outside); });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_THAT(r.message,
              MatchesRegex("what is freed at memory.cpp:[0-9]+ was not allocated in this "
                           "execution: what is made in weft::check::outside\\(\\) is "
                           "given back there"));
  delete outside;
}

TEST(heap, has_an_end) {
  auto const r = result_of([](check::threads&) {
    for (;;) check::model::allocate(std::size_t{1} << 20);
  });
  EXPECT_EQ(r.found, verdict::misuse);
  EXPECT_EQ(r.message, "an execution allocates more than 64 MiB");
}

// The two accesses of a race, in both orders and both kinds.
TEST(plain_data, a_race) {
  auto const r = result_of([](check::threads& run) {
    check::var<int> data{0};
    run([&] { data.set(1); }, [&] { (void)data.get(); });
  });
  EXPECT_EQ(r.found, verdict::data_race);
  EXPECT_THAT(r.message,
              MatchesRegex("data race: thread 2 reads data at memory.cpp:[0-9]+, thread 1 wrote it "
                           "at memory.cpp:[0-9]+, and no happens-before orders the two"));
  auto const both = result_of([](check::threads& run) {
    check::var<int> data{0};
    run([&] { data.set(1); }, [&] { data.set(2); });
  });
  EXPECT_EQ(both.found, verdict::data_race);
  auto const changed = result_of([](check::threads& run) {
    check::var<std::string> data{};
    run([&] { data.change() += 'x'; }, [&] { (void)data.get(); });
  });
  EXPECT_EQ(changed.found, verdict::data_race);
  auto const operators = result_of([](check::threads& run) {
    check::var<int> data{0};
    int copy = 0;
    run([&] { data = 1; }, [&] { copy = data; });
    check::expect(copy < 2);
  });
  EXPECT_EQ(operators.found, verdict::data_race);
  EXPECT_THAT(operators.message, MatchesRegex("data race: .* at memory.cpp:[0-9]+, .* wrote it at "
                                              "memory.cpp:[0-9]+, and .*"));
}

TEST(plain_data, readers_do_not_race) {
  auto const r = result_of([](check::threads& run) {
    check::var<int> data{3};
    run([&] { (void)data.get(); }, [&] { (void)data.get(); });
    data.set(4);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 1u) << "plain accesses are no steps";
}

// A race is found although the accesses are far apart in every execution.
TEST(plain_data, a_race_does_not_have_to_happen) {
  auto const pass = [](std::memory_order store, std::memory_order load) {
    return result_of([=](check::threads& run) {
      check::var<int> data{0};
      check::atomic<bool> ready{false};
      run(
          [&] {
            data.set(1);
            ready.store(true, store);
          },
          [&] {
            if (ready.load(load)) check::expect_equal(data.get(), 1);
          });
    });
  };
  EXPECT_TRUE(pass(release, acquire));
  EXPECT_EQ(pass(relaxed, acquire).found, verdict::data_race);
  EXPECT_EQ(pass(release, relaxed).found, verdict::data_race);
}

TEST(plain_data, copies_and_conversions_count) {
  auto const r = result_of([](check::threads& run) {
    check::var<int> a{1};
    run([&] { check::var<int> const copy{a}; }, [&] { a.set(2); });
  });
  EXPECT_EQ(r.found, verdict::data_race);
}

TEST(plain_data, threads_are_ordered_with_their_starter) {
  auto const r = result_of([](check::threads& run) {
    check::var<int> data{0};
    data.set(1);
    run([&] { data.set(data.get() + 1); }, [] {});
    data.set(data.get() + 1);
    run([] {}, [&] { data.set(data.get() + 1); });
    check::expect_equal(data.get(), 4);
  });
  EXPECT_TRUE(r) << r;
}

// An object is constructed before anybody uses it, or is it?
TEST(objects, used_before_their_construction_is_visible) {
  auto const publish = [](std::memory_order store) {
    return result_of([=](check::threads& run) {
      check::atomic<node*> shared{nullptr};
      node* made = nullptr;
      run(
          [&] {
            made = new node;
            shared.store(made, store);
          },
          [&] {
            if (auto* const n = shared.load(acquire)) n->count.load(relaxed);
          });
      delete made;
    });
  };
  EXPECT_TRUE(publish(release));
  auto const r = publish(relaxed);
  EXPECT_EQ(r.found, verdict::data_race);
  EXPECT_THAT(r.message,
              MatchesRegex("n->count, used at memory.cpp:[0-9]+, is constructed at "
                           "memory.cpp:[0-9]+ by thread 1, and no happens-before orders the two"));
}

TEST(objects, destroyed_while_in_use) {
  auto const r = result_of([](check::threads& run) {
    std::optional<check::atomic<int>> here{std::in_place, 0};
    run([&] { here->store(1); }, [&] { here.reset(); });
  });
  EXPECT_EQ(r.found, verdict::use_after_free);
  auto const late = result_of([](check::threads& run) {
    std::optional<check::atomic<int>> here{std::in_place, 0};
    check::atomic<bool> done{false};
    run(
        [&] {
          here->store(1);
          done.store(true, relaxed);
        },
        [&] {
          if (done.load(acquire)) here.reset();
        });
  });
  EXPECT_EQ(late.found, verdict::use_after_free);
  EXPECT_THAT(late.message, MatchesRegex("here is destroyed while thread 1 may still be using it: "
                                         "no happens-before orders the two"));
}

TEST(objects, never_constructed) {
  auto const r = result_of([](check::threads&) {
    auto* const room =
        static_cast<check::atomic<int>*>(check::model::allocate(sizeof(check::atomic<int>)));
    room->store(1);
  });
  EXPECT_EQ(r.found, verdict::use_after_free);
  EXPECT_THAT(r.message, HasSubstr("it was never constructed"));
}

check::atomic<int> always_there{7};

// As if it were new in each execution.
TEST(objects, static_ones_start_with_their_first_value) {
  auto const r = result_of([](check::threads& run) {
    run([] { always_there.fetch_add(1); }, [] { always_there.fetch_add(1); });
    check::expect_equal(always_there.load(), 9);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 2u);
}

struct counter {
  counter() = default;
  check::atomic<int> n{0};
};

TEST(objects, the_global_one_is_of_its_execution) {
  auto const r = result_of([](check::threads& run) {
    auto const add = [] { check::model::global<counter>().n.fetch_add(1, relaxed); };
    run(add, add);
    check::expect_equal(check::model::global<counter>().n.load(relaxed), 2);
  });
  EXPECT_TRUE(r) << r;
  EXPECT_EQ(r.executions, 2u);
}

}  // namespace
