// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of mem/domain.hpp, with bags of one object: every retirement
// seals, advances and frees. Objects are really freed, so a reader that comes too late is found.
#include <support/scenario.hpp>

#include <weft/mem/domain.hpp>

#include <optional>

#if defined(WEFT_MODEL)
#include "domain_variants.hpp"
#endif

namespace {

using weft_test::expect, weft_test::expect_equal;

struct object {
  weft::atoms::var<int> value = 7;
};

template <class Domain>
struct world {
  using pointer = weft::atoms::atomic<object*>;
  pointer shared{new object};
  Domain domain;

  ~world() { delete shared.load(weft::relaxed); }

  static void look(object const* o) { expect_equal(static_cast<int>(o->value), 7); }
  void read() {
    auto guard = domain.pin();
    auto const* const o = guard.load(shared);
    look(o);
    look(o);
  }
  // Threads have joined before the scenario begins, and leave after its end.
  void join(auto& run) {
    run.prepare([this] { (void)domain.pin(); });
  }
  void replace() {
    auto guard = domain.pin();
    guard.retire(shared.exchange(new object, weft::acq_rel));
  }
  // Unlinks by a plain store, as the only writer may: the fence of the bag is all that orders it.
  void replace_alone() {
    auto guard = domain.pin();
    object* const old = guard.load(shared);
    shared.store(new object, weft::release);
    guard.retire(old);
  }
};

template <template <class, unsigned> class Basic>
struct with {
  using Domain = Basic<weft::atoms, 1>;
  using bags_of_two = Basic<weft::atoms, 2>;

  // I1 to I6: a reader against one that retires and frees as soon as it may.
  static void a_reader_against_one_that_retires(auto& run) {
    world<Domain> w;
    w.join(run);
    run([&] { w.read(); },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  static void a_plain_store_that_unlinks(auto& run) {
    world<Domain> w;
    w.join(run);
    run([&] { w.read(); },
        [&] {
          w.replace_alone();
          w.domain.reclaim();
        });
  }

  // I2: the reader's epoch is one that the writer does not know of.
  static void a_reader_that_has_advanced(auto& run) {
    world<Domain> w;
    w.join(run);
    run(
        [&] {
          w.domain.pin().retire(new object);
          w.read();
        },
        [&] {
          w.replace_alone();
          w.domain.reclaim();
        });
  }

  // I3, I6: a third looks at the reader and advances, and the writer frees. They take turns by
  // words that publish nothing.
  static void a_third_that_advances(auto& run) {
    world<Domain> w;
    run.prepare([&w, n = 0]() mutable {
      auto guard = w.domain.pin();
      if (++n < 3) return;
      // The third has a bag of the present epoch, which its own pin has kept from moving on.
      guard.retire(new object);
      guard.retire(new object);
    });
    weft::atoms::atomic<bool> read{false}, unlinked{false}, left{false}, advanced{false};
    auto const tell = [](auto& word) { word.store(true, weft::relaxed); };
    auto const wait_for = [](auto& word) {
      while (!word.load(weft::relaxed)) weft::atoms::pause();
    };
    run(
        [&] {
          {
            auto guard = w.domain.pin();
            auto const* const o = guard.load(w.shared);
            tell(read);
            wait_for(unlinked);
            world<Domain>::look(o);
          }
          tell(left);
        },
        [&] {
          wait_for(read);
          w.replace_alone();
          tell(unlinked);
          wait_for(advanced);
          w.domain.reclaim();
        },
        [&] {
          wait_for(left);
          w.domain.reclaim();
          tell(advanced);
        });
  }

  // I7: the counts go over slots that are just being made.
  static void counting_against_joining(auto& run) {
    world<Domain> w;
    run([&] { (void)w.domain.pin(); },
        [&] {
          expect_equal(w.domain.limbo_count(), 0u);
          expect_equal(w.domain.leaked_count(), 0u);
          expect(w.domain.slot_count() <= 1);
        });
  }

  // I5: the reader is in its second section, and what it read in the first is what is freed.
  static void a_reader_that_comes_again(auto& run) {
    world<Domain> w;
    w.join(run);
    run(
        [&] {
          w.read();
          w.read();
        },
        [&] {
          w.replace();
          w.replace();
        });
  }

  // A nested pin must not end, nor renew, the outer one's protection.
  static void a_nested_pin(auto& run) {
    world<Domain> w;
    w.join(run);
    run(
        [&] {
          auto guard = w.domain.pin();
          auto const* const o = guard.load(w.shared);
          w.read();
          world<Domain>::look(o);
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  // I7, I8: one joins, leaves its bags, and its slot to another that joins.
  static void joining_and_leaving(auto& run) {
    world<Domain> w;
    auto const come_and_go = [&] {
      w.replace();
      w.domain.leave();
    };
    run(come_and_go, come_and_go);
    expect(w.domain.slot_count() <= 2);
    expect_equal(w.domain.limbo_count(), 2u);
    expect_equal(w.domain.reclaim(), 2u);
    expect_equal(w.domain.limbo_count(), 0u);
  }

  // I8: a slot that one has left and another takes.
  static void a_slot_that_is_free_again(auto& run) {
    world<Domain> w;
    run(
        [&] {
          (void)w.domain.pin();
          w.domain.leave();
        },
        [&] { w.domain.pin().retire(new object); });
    expect(w.domain.slot_count() <= 2);
  }

  // I8: the same where nothing but the state orders the two: reclaim() looks into the open bag
  // before any fence.
  static void reclaiming_in_a_slot_that_another_left(auto& run) {
    world<Domain> w;
    run(
        [&] {
          w.domain.pin().retire(new object);
          w.domain.leave();
        },
        [&] { w.domain.reclaim(); });
    expect(w.domain.slot_count() <= 2);
    w.domain.reclaim();
    expect_equal(w.domain.limbo_count(), 0u);
  }

  // I8: two that find a slot which a third has left.
  static void two_that_find_a_free_slot(auto& run) {
    world<Domain> w;
    (void)w.domain.pin();
    w.domain.leave();
    run(
        [&] {
          w.domain.pin().retire(new object);
          w.domain.leave();
        },
        [&] { (void)w.domain.pin(); });
    expect_equal(w.domain.reclaim(), 1u);
  }

  // Whoever adopts what another has left frees it when no reader is left from before.
  static void adopting_against_a_reader(auto& run) {
    world<Domain> w;
    w.join(run);
    for (int i = 0; i < 3; ++i) w.domain.pin().retire(new object);  // the epoch moves on
    run([&] { w.read(); },
        [&] {
          w.replace();
          w.domain.leave();
        },
        [&] { w.domain.reclaim(); });
  }

  // I8: a thread leaves at any point of its retirements: its bag empty, half full or just sealed.
  static void leaving_at_each_point_of_retiring(auto& run) {
    world<bags_of_two> w;
    w.join(run);
    std::uint32_t n = 0;
    run([&] { w.read(); },
        [&] {
          n = weft::atoms::any(5);
          for (auto i = n; i > 0; --i) w.replace();
          w.domain.leave();
        });
    std::uint64_t const left = w.domain.limbo_count();
    expect(left <= n);
    expect_equal(w.domain.reclaim(), left);
    expect_equal(w.domain.limbo_count(), 0u);
  }

  // Two that unlink the same object: the winner of the exchange retires it.
  static void two_that_retire_the_same(auto& run) {
    world<Domain> w;
    w.join(run);
    object* const first = w.shared.load(weft::relaxed);
    auto const replace_first = [&] {
      auto guard = w.domain.pin();
      object* expected = first;
      auto* const fresh = new object;
      if (!guard.retire_on_cas(w.shared, expected, fresh)) {
        world<Domain>::look(expected);
        delete fresh;
      }
    };
    run(replace_first, replace_first);
    expect_equal(w.domain.limbo_count(), 1u);
  }

  // I8: the domain ends while a thread that has used it does, or joins another one.
  static void the_end_of_a_domain_against_a_thread_that_leaves(auto& run) {
    std::optional<Domain> domain{std::in_place};
    Domain other;
    weft::atoms::atomic<bool> used{false};
    run(
        [&] {
          domain->pin().retire(new object);
          used.store(true, weft::release);  // the last use; leaving comes later
          other.pin().retire(new object);
        },
        [&] {
          if (used.load(weft::acquire)) domain.reset();
        });
  }

  // A domain at the place of one that has gone is another one.
  static void a_domain_in_the_place_of_another(auto& run) {
    std::optional<Domain> domain{std::in_place};
    domain->pin().retire(new object);
    run([&] {
      domain.reset();
      domain.emplace();
      domain->pin().retire(new object);
      domain->leave();
    });
    domain->pin().retire(new object);
    expect_equal(domain->slot_count(), 1u);
    expect_equal(domain->limbo_count(), 2u);
    expect_equal(domain->reclaim(), 2u);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(a_reader_against_one_that_retires, .at_least = 35, .prepared = false),
        WEFT_SCENARIO(a_plain_store_that_unlinks, .at_least = 35, .prepared = false),
        WEFT_SCENARIO(a_reader_that_has_advanced, .at_least = 1500, .prepared = false),
        WEFT_SCENARIO(counting_against_joining, .at_least = 4, .prepared = false),
        WEFT_SCENARIO(a_nested_pin, .at_least = 40, .prepared = false),
        WEFT_SCENARIO(a_reader_that_comes_again, .at_least = 650, .prepared = false),
        WEFT_SCENARIO(a_slot_that_is_free_again, .at_least = 57, .prepared = false),
        WEFT_SCENARIO(reclaiming_in_a_slot_that_another_left, .at_least = 26, .prepared = false),
        WEFT_SCENARIO(leaving_at_each_point_of_retiring, .at_least = 180, .prepared = false),
        WEFT_SCENARIO(two_that_find_a_free_slot, .at_least = 54, .prepared = false),
        WEFT_SCENARIO(joining_and_leaving, .at_least = 5100, .prepared = false),
        WEFT_SCENARIO(two_that_retire_the_same, .at_least = 19, .prepared = false),
        WEFT_SCENARIO(the_end_of_a_domain_against_a_thread_that_leaves, .at_least = 510,
                      .prepared = false),
        WEFT_SCENARIO(a_domain_in_the_place_of_another, .at_least = 1, .prepared = false),
        WEFT_SCENARIO(adopting_against_a_reader, .at_least = 2200, .preemptions = 2,
                      .prepared = false),
        WEFT_SCENARIO(a_third_that_advances, .at_least = 6000, .preemptions = 0, .prepared = false),
    };
  }
};

auto const all = with<weft::basic_domain>::all();
bool const registered = weft_test::register_scenarios("domain_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(domain_model, orders) {
  weft_test::audit_orders(all, {"mem/domain.hpp", "mem/domain_body.hpp", "mem/domain_link.hpp"});
}

template <template <class, unsigned> class Basic>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Basic>::all());
}

TEST(domain_model, mutants) {
  weft_test::hunt(
      all,
      {{"a pin has no fence", mutation::weaken, "Atoms::fence()", "pin"},
       {"a pin does not announce itself", mutation::skip, "s.announced.store(now, release)"},
       {"an announcement does not release the last section", mutation::weaken,
        "s.announced.store(now, release)"},
       {"an end of a section does not release it", mutation::weaken, "s.announced.store(idle"},
       {"a bag is sealed without a fence", mutation::weaken, "Atoms::fence()", "seal"},
       {"a stamp is stale", mutation::read_stale, "b->stamp = epoch_.load(relaxed)"},
       {"an advance has no fence", mutation::weaken, "Atoms::fence()", "advance"},
       {"an advance does not acquire the sections", mutation::weaken,
        "a = s->announced.load(acquire)"},
       {"an advance does not release the epoch", mutation::weaken, "epoch_.compare_exchange"},
       {"who frees does not acquire the epoch", mutation::weaken, "now = epoch_.load(acquire)"},
       {"who takes a slot does not acquire it", mutation::weaken, "slot_state::attached, acquire"},
       {"who leaves a slot does not release it", mutation::weaken, "slot_state::free", "set_free"},
       {"a domain that ends does not say so", mutation::skip, "slot_state::dead"},
       {"a slot that is left does not say so", mutation::skip, "slot_state::free", "set_free"},
       {"two take one slot", mutation::tear, "slot_state::attached, acquire"},
       {"orphans are lost", mutation::tear, "orphans_.compare_exchange_weak"},
       {.name = "one epoch of grace", .variant = variant<weft::one_epoch::basic_domain>()},
       {.name = "a nested pin announces itself again",
        .variant = variant<weft::renewed_pin::basic_domain>()},
       {.name = "the end of a nested pin is one of the outer",
        .variant = variant<weft::nested_unpin::basic_domain>()},
       {.name = "a pin has its fence, then announces itself",
        .variant = variant<weft::fence_before_announcing::basic_domain>()},
       {.name = "a bag is stamped, then the fence",
        .variant = variant<weft::stamp_before_fence::basic_domain>()},
       {.name = "an advance ignores readers of older epochs",
        .variant = variant<weft::older_announcements_pass::basic_domain>()},
       {.name = "adopted bags count as old",
        .variant = variant<weft::adopted_young::basic_domain>()},
       {.name = "a thread that leaves forgets a bag that is half full",
        .variant = variant<weft::half_a_bag_is_lost::basic_domain>()},
       {.name = "a slot that its domain empties counts as one that is dead",
        .variant = variant<weft::busy_is_gone::basic_domain>()},
       {.name = "a domain that ends does not wait for a thread that leaves",
        .variant = variant<weft::freed_while_one_leaves::basic_domain>()}});
}

#endif

}  // namespace
