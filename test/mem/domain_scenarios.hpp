// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/scenario.hpp>

#include <weft/mem/domain.hpp>

#include <array>
#include <optional>

// Scenarios of the proof at the head of mem/domain.hpp, with bags of one object: every retirement
// seals, advances and frees. Objects are really freed, so a reader that comes too late is found.
namespace domain_scenarios {

using weft_test::expect, weft_test::expect_equal;

struct object {
  weft::atoms::var<int> value = 7;
};

// Threads take turns by words that publish nothing.
template <unsigned N>
class turns {
 public:
  void end(unsigned n) { ended_[n].store(true, weft::relaxed); }
  void wait_for(unsigned n) {
    while (!ended_[n].load(weft::relaxed)) weft::atoms::pause();
  }

 private:
  std::array<weft::atoms::atomic<bool>, N> ended_{};
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
  // Threads have registered before the scenario begins, and announced nothing.
  void attach(auto& run) {
    run.prepare([this] { (void)domain.attach(); });
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

// No barrier reaches the other threads: each section passes a fence.
struct fenced_atoms : weft::atoms {
  static bool asymmetric() noexcept { return false; }
  static void heavy() noexcept { fence(); }
};

template <template <class, unsigned> class Basic, class Atoms = weft::atoms>
struct with {
  using Domain = Basic<Atoms, 1>;
  using bags_of_two = Basic<Atoms, 2>;

  // E1 to E6: a reader against one that retires and frees as soon as it may.
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

  // E4, E5: the reader announces itself: nothing of it is there before.
  static void a_reader_that_announces_itself(auto& run) {
    world<Domain> w;
    w.attach(run);
    run([&] { w.read(); },
        [&] {
          w.replace_alone();
          w.domain.reclaim();
        });
  }

  // E1 to E3: the reader's word is withdrawn just when it comes again.
  static void a_reader_that_is_withdrawn(auto& run) {
    world<Domain> w;
    w.join(run);
    run([&] { w.read(); },
        [&] {
          w.domain.pin().retire(new object);
          w.domain.pin().retire(new object);
          w.replace();
          w.domain.reclaim();
        });
  }

  // E6: the reader's last word is idle: it leaves, or has withdrawn its word itself.
  static void a_reader_that_leaves(auto& run) {
    world<Domain> w;
    w.join(run);
    run(
        [&] {
          w.read();
          w.domain.leave();
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }
  static void a_reader_that_advances(auto& run) {
    world<Domain> w;
    w.join(run);
    run(
        [&] {
          w.read();
          w.domain.attach().try_advance();
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  // E7: a reader joins while words are withdrawn: there is a laggard, who does nothing.
  static void a_reader_that_joins(auto& run) {
    world<Domain> w;
    (void)w.domain.pin();
    run([&] { w.read(); },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  // E5: who advances has done nothing but that: its own fence is all that shows it the reader.
  static void a_reader_against_one_that_only_advances(auto& run) {
    world<Domain> w;
    w.attach(run);
    turns<4> turn;
    run(
        [&] {
          turn.wait_for(1);
          w.domain.attach().try_advance();
          turn.end(2);
        },
        [&] {
          turn.wait_for(0);
          w.replace_alone();
          (void)w.domain.pin();
          turn.end(1);
          turn.wait_for(2);
          w.domain.reclaim();
          turn.end(3);
        },
        [&] {
          auto guard = w.domain.pin();
          auto const* const o = guard.load(w.shared);
          turn.end(0);
          turn.wait_for(3);
          world<Domain>::look(o);
        });
  }

  // E6: one withdraws the reader's word, and can do no more for another holds a pin; that one goes
  // on by the word that was withdrawn. They take turns by words that publish nothing.
  static void a_withdrawal_that_another_uses(auto& run) {
    world<Domain> w;
    w.join(run);
    turns<4> turn;
    run(
        [&] {
          {
            auto guard = w.domain.pin();
            auto const* const o = guard.load(w.shared);
            turn.end(0);
            turn.wait_for(1);
            world<Domain>::look(o);
          }
          turn.end(2);
        },
        [&] {
          {
            auto guard = w.domain.pin();
            turn.wait_for(0);
            object* const old = guard.load(w.shared);
            w.shared.store(new object, weft::release);
            guard.retire(old);
            turn.end(1);
            turn.wait_for(3);
          }
          w.domain.reclaim();
        },
        [&] {
          turn.wait_for(2);
          w.domain.attach().try_advance();
          turn.end(3);
        });
  }

  // E4: the reader's epoch is one that the writer does not know of.
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

  // E5, E6: a third looks at the reader and advances, and the writer frees. They take turns by
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
    turns<4> turn;
    run(
        [&] {
          {
            auto guard = w.domain.pin();
            auto const* const o = guard.load(w.shared);
            turn.end(0);
            turn.wait_for(1);
            world<Domain>::look(o);
          }
          turn.end(2);
        },
        [&] {
          turn.wait_for(0);
          w.replace_alone();
          turn.end(1);
          turn.wait_for(3);
          w.domain.reclaim();
        },
        [&] {
          turn.wait_for(2);
          w.domain.reclaim();
          turn.end(3);
        });
  }

  // E7: the counts go over slots that are just being made.
  static void counting_against_joining(auto& run) {
    world<Domain> w;
    run([&] { (void)w.domain.pin(); },
        [&] {
          expect_equal(w.domain.limbo_count(), 0u);
          expect_equal(w.domain.leaked_count(), 0u);
          expect(w.domain.slot_count() <= 1);
        });
  }

  // E5: the reader is in its second section, and what it read in the first is what is freed.
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

  // E7, E8: one joins, leaves its bags, and its slot to another that joins.
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

  // E8: a slot that one has left and another takes.
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

  // E8: the same where nothing but the state orders the two: reclaim() looks into the open bag
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

  // E8: two that find a slot which a third has left.
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

  // E8: a thread leaves at any point of its retirements: its bag empty, half full or just sealed.
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

  // One that leaves while what it retired is being freed, two objects at a time.
  static void leaving_while_bags_are_being_freed(auto& run) {
    world<Domain> w;
    (void)w.domain.pin();  // so nobody else gets the slot
    run([&] {
      {
        auto guard = w.domain.pin();
        for (int i = 0; i < 4; ++i) guard.retire(new object);
      }
      for (int i = 0; i < 2; ++i) w.domain.pin().retire(new object);
      w.domain.leave();
    });
    std::uint64_t const left = w.domain.limbo_count();
    expect(left <= 6);
    expect_equal(w.domain.reclaim(), left);
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

  // E8: the domain ends while a thread that has used it does, or joins another one.
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

  // Readers against those who retire, advance and free.
  static weft_test::scenarios of_readers() {
    return {
        WEFT_SCENARIO(a_reader_against_one_that_retires, .at_least = 61, .prepared = false),
        WEFT_SCENARIO(a_plain_store_that_unlinks, .at_least = 61, .prepared = false),
        WEFT_SCENARIO(a_reader_that_announces_itself, .at_least = 73, .prepared = false),
        WEFT_SCENARIO(a_reader_that_leaves, .at_least = 50, .prepared = false),
        WEFT_SCENARIO(a_reader_that_advances, .at_least = 50, .prepared = false),
        WEFT_SCENARIO(a_nested_pin, .at_least = 150, .prepared = false),
        WEFT_SCENARIO(a_reader_that_comes_again, .at_least = 365, .prepared = false),
        WEFT_SCENARIO(a_reader_that_joins, .at_least = 50, .prepared = false),
        WEFT_SCENARIO(a_withdrawal_that_another_uses, .at_least = 51, .preemptions = 0,
                      .prepared = false),
        WEFT_SCENARIO(a_reader_against_one_that_only_advances, .at_least = 1, .preemptions = 0,
                      .prepared = false),
        WEFT_SCENARIO(a_third_that_advances, .at_least = 1200, .preemptions = 0, .prepared = false),
        WEFT_SCENARIO(a_reader_that_is_withdrawn, .at_least = 1200, .preemptions = 2,
                      .prepared = false),
        WEFT_SCENARIO(a_reader_that_has_advanced, .at_least = 9000, .prepared = false),
    };
  }
  // Threads that come and go, and the end of a domain.
  static weft_test::scenarios of_slots() {
    return {
        WEFT_SCENARIO(leaving_while_bags_are_being_freed, .at_least = 1, .prepared = false),
        WEFT_SCENARIO(counting_against_joining, .at_least = 4, .prepared = false),
        WEFT_SCENARIO(a_slot_that_is_free_again, .at_least = 80, .prepared = false),
        WEFT_SCENARIO(reclaiming_in_a_slot_that_another_left, .at_least = 170, .prepared = false),
        WEFT_SCENARIO(leaving_at_each_point_of_retiring, .at_least = 90, .prepared = false),
        WEFT_SCENARIO(two_that_find_a_free_slot, .at_least = 54, .prepared = false),
        WEFT_SCENARIO(two_that_retire_the_same, .at_least = 4, .prepared = false),
        WEFT_SCENARIO(the_end_of_a_domain_against_a_thread_that_leaves, .at_least = 510,
                      .prepared = false),
        WEFT_SCENARIO(a_domain_in_the_place_of_another, .at_least = 1, .prepared = false),
        WEFT_SCENARIO(joining_and_leaving, .at_least = 8000, .prepared = false),
        WEFT_SCENARIO(adopting_against_a_reader, .at_least = 2200, .preemptions = 2,
                      .prepared = false),
    };
  }
  // Those that are about light() and heavy().
  static weft_test::scenarios of_fences() {
    return {
        {"fences: a reader against one that retires",
         [](auto& run) { a_reader_against_one_that_retires(run); },
         {.at_least = 10, .prepared = false}},
        {"fences: a reader that comes again",
         [](auto& run) { a_reader_that_comes_again(run); },
         {.at_least = 10, .prepared = false}},
        {"fences: a reader that is withdrawn",
         [](auto& run) { a_reader_that_is_withdrawn(run); },
         {.at_least = 10, .preemptions = 2, .prepared = false}},
    };
  }
};

}  // namespace domain_scenarios
