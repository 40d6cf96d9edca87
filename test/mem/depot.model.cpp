// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of mem/depot.hpp.
#include <support/scenario.hpp>

#include <weft/mem/depot.hpp>

#include <array>
#include <cstddef>

#if defined(WEFT_MODEL)
#include "depot_variants.hpp"
#endif

namespace {

using weft::detail::batch, weft::detail::free_block;
using weft_test::expect, weft_test::expect_equal;

// Blocks, each with its last user, and a count of who has it.
struct block : free_block {
  weft::atoms::var<int> user = 0;
};

template <template <class> class Depot>
struct world {
  Depot<weft::atoms> depot;
  std::array<block, 6> blocks{};

  batch of(std::size_t from, std::size_t n) {
    batch b;
    for (std::size_t i = 0; i < n; ++i) b.push(&blocks.at(from + i));
    return b;
  }
  // What the taker does with it comes after what the one before did, and nobody does it beside.
  static void use(batch b, int who) {
    for (auto* p = b.top; p; p = p->next) {
      auto& user = static_cast<block*>(p)->user;
      user = who;
      weft_test::may_be_held_up();
      expect_equal(static_cast<int>(user), who);
    }
  }
  void put(batch b, int who) {
    use(b, who);
    depot.put(b);
  }
  unsigned take(int who) {
    batch const b = depot.take();
    use(b, who);
    return b.count;
  }
  // Takes one and brings it back.
  void turn(int who) {
    batch const b = depot.take();
    use(b, who);
    depot.put(b);
  }
  // Everything that was put is here again, once.
  void ends_with(unsigned expected) {
    expect_equal(depot.blocks(), expected);
    unsigned n = 0;
    for (batch b = depot.take(); b.count != 0; b = depot.take()) {
      use(b, 9);
      unsigned linked = 0;
      for (auto* p = b.top; p && linked <= 6; p = p->next) ++linked;
      expect_equal(linked, b.count);
      n += b.count;
    }
    expect_equal(n, expected);
    expect_equal(depot.blocks(), 0u);
  }
};

template <template <class> class Depot>
struct with {
  // I1, I2: both need a first shelf.
  static void two_that_put(auto& run) {
    world<Depot> w;
    run([&] { w.put(w.of(0, 2), 1); }, [&] { w.put(w.of(2, 1), 2); });
    w.ends_with(3);
  }

  // I2: what comes out is what went in.
  static void a_put_against_a_take(auto& run) {
    world<Depot> w;
    unsigned got = 0;
    run([&] { w.put(w.of(0, 2), 1); }, [&] { got = w.take(2); });
    expect(got == 0 || got == 2);
    w.ends_with(2 - got);
  }

  // I1: of two batches each goes to one.
  static void two_that_take(auto& run) {
    world<Depot> w;
    w.put(w.of(0, 1), 0);
    w.put(w.of(1, 2), 0);
    std::array<unsigned, 2> got{};
    run([&] { got[0] = w.take(1); }, [&] { got[1] = w.take(2); });
    expect_equal(got[0] + got[1], 3u);
    w.ends_with(0);
  }

  // I1: the shelf on top is taken and comes back under one that has read its next.
  static void a_shelf_that_comes_back(auto& run) {
    world<Depot> w;
    w.put(w.of(0, 1), 0);
    w.put(w.of(1, 1), 0);
    unsigned got = 0;
    run([&] { got = w.take(1); },
        [&] {
          batch const first = w.depot.take();
          batch const second = w.depot.take();
          world<Depot>::use(first, 2);
          world<Depot>::use(second, 2);
          w.depot.put(first);
          if (second.count != 0) w.depot.put(second);
        });
    w.ends_with(2 - got);
  }

  // I1: shelves go round through both stacks.
  static void two_that_take_and_put(auto& run) {
    world<Depot> w;
    w.put(w.of(0, 1), 0);
    w.put(w.of(1, 1), 0);
    run([&] { w.turn(1); }, [&] { w.turn(2); });
    w.ends_with(2);
  }

  // I4: blocks that found no shelf are taken, some by one thread and the rest by another.
  static void blocks_without_a_shelf(auto& run) {
    world<Depot> w;
    std::array<unsigned, 2> got{};
    run(
        [&] {
          auto const b = w.of(0, 2);
          world<Depot>::use(b, 1);
          w.depot.put_without_shelf(b);
          got[0] = w.take(1);
        },
        [&] { got[1] = w.take(2); });
    w.ends_with(2 - got[0] - got[1]);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(two_that_put, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(a_put_against_a_take, .at_least = 2, .prepared = false),
        WEFT_SCENARIO(two_that_take, .at_least = 10, .prepared = false),
        WEFT_SCENARIO(a_shelf_that_comes_back, .at_least = 20, .prepared = false),
        WEFT_SCENARIO(two_that_take_and_put, .at_least = 50, .prepared = false),
        WEFT_SCENARIO(blocks_without_a_shelf, .at_least = 3, .prepared = false),
    };
  }
};

auto const all = with<weft::detail::depot>::all();
bool const registered = weft_test::register_scenarios("depot_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(depot_model, orders) { weft_test::audit_orders(all, {"mem/depot.hpp"}); }

template <template <class> class Depot>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Depot>::all());
}

TEST(depot_model, mutants) {
  weft_test::hunt(
      all,
      {{"a shelf is put on without release", mutation::weaken, "head.compare_exchange_weak(h, (h"},
       {"the head is read without acquire", mutation::weaken, "h = head.load(acquire)"},
       {"strays are put down without release", mutation::weaken, "strays_.compare_exchange_weak"},
       {"strays are taken without acquire", mutation::weaken, "strays_.exchange"},
       {"two take one shelf", mutation::tear, "head.compare_exchange_weak(h, tag"},
       {"a shelf is lost", mutation::tear, "head.compare_exchange_weak(h, (h"},
       {"two make one segment", mutation::tear, "segments_[k].compare_exchange_strong"},
       {.name = "a shelf is taken off without a new tag",
        .variant = variant<weft::no_tag::detail::depot>()},
       {.name = "a shelf is read after it is put with the empty ones",
        .variant = variant<weft::read_late::detail::depot>()},
       {.name = "a shelf is put on, then written",
        .variant = variant<weft::written_late::detail::depot>()},
       {.name = "who takes the strays keeps one batch and forgets the rest",
        .variant = variant<weft::strays_lost::detail::depot>()}});
}

#endif

}  // namespace
