// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of data/run_queue.hpp: each job is run once, by one who sees
// what the owner put into it.
#include <support/scenario.hpp>

#include <weft/data/run_queue.hpp>

#include <array>

#if defined(WEFT_MODEL)
#include "run_queue_variants.hpp"
#endif

namespace {

using weft_test::expect, weft_test::expect_equal;

// What a job carries is plain data: to run one that was not handed over is a race.
struct job {
  weft::atoms::var<int> carries = 0;
  weft::atoms::var<int> runs = 0;
};

template <class Queue>
struct world {
  std::array<job, 6> jobs{};
  Queue owner, thief, second;
  std::size_t next = 0;  // the owner's

  void push(int n = 1) {
    for (; n > 0; --n) {
      auto& j = jobs[next];
      j.carries = 1;
      if (!owner.push(&j)) return;
      ++next;
    }
  }
  static void run(job* j) {
    if (j == nullptr) return;
    expect_equal(static_cast<int>(j->carries), 1);
    j->runs = j->runs + 1;
  }
  void pop() { run(owner.pop()); }
  void steal(Queue& into) { run(owner.steal_into(into)); }
  static void drain(Queue& q) {
    while (auto* j = q.pop()) run(j);
  }
  // Afterwards: what was accepted was run once.
  void check() {
    for (auto* q : {&owner, &thief, &second}) {
      drain(*q);
      expect_equal(q->size(), 0u);
    }
    for (std::size_t i = 0; i < jobs.size(); ++i)
      expect_equal(static_cast<int>(jobs[i].runs), i < next ? 1 : 0);
  }
};

template <template <std::uint32_t> class Queue>
struct with {
  using of_two = world<Queue<2>>;
  using of_four = world<Queue<4>>;

  // I1, I2: the owner puts in and takes out while a thief takes half.
  static void an_owner_against_a_thief(auto& run) {
    of_two w;
    run(
        [&] {
          w.push(2);
          w.pop();
          w.push();
          w.pop();
        },
        [&] { w.steal(w.thief); });
    w.check();
  }

  // I3: the slots that a thief copies are not used again before it has done so.
  static void a_ring_that_goes_round(auto& run) {
    of_two w;
    w.push(2);
    run(
        [&] {
          w.pop();
          w.push(2);
        },
        [&] {
          w.steal(w.thief);
          w.drain(w.thief);
        });
    w.check();
  }

  // I3: two thieves; one of them at a time copies.
  static void two_thieves(auto& run) {
    of_four w;
    w.push(4);
    run([&] { w.steal(w.thief); }, [&] { w.steal(w.second); });
    w.check();
  }

  // I3: the same while the owner takes and puts in.
  static void an_owner_against_two_thieves(auto& run) {
    of_two w;
    w.push(1);
    run(
        [&] {
          w.push(1);
          w.pop();
          w.push(1);
        },
        [&] { w.steal(w.thief); }, [&] { w.steal(w.second); });
    w.check();
  }

  // Half of four: the thief keeps one and has one to run.
  static void a_thief_takes_half_of_four(auto& run) {
    of_four w;
    w.push(4);
    run(
        [&] {
          w.pop();
          w.push();
          w.pop();
        },
        [&] {
          w.steal(w.thief);
          w.run(w.thief.pop());
        });
    w.check();
  }

  // I2: half is given away while a thief takes half.
  static void giving_against_stealing(auto& run) {
    of_four w;
    w.push(4);
    run(
        [&] {
          (void)w.owner.give_half([](job* j) { of_four::run(j); });
          w.pop();
          w.push();
        },
        [&] { w.steal(w.thief); });
    w.check();
  }

  // A thief that is robbed itself: what it has taken over it publishes.
  static void a_chain_of_thieves(auto& run) {
    of_four w;
    w.push(3);
    run(
        [&] {
          w.steal(w.thief);
          w.run(w.thief.pop());
        },
        [&] { w.run(w.thief.steal_into(w.second)); });
    w.check();
  }

  // Two that rob each other.
  static void two_that_steal_from_each_other(auto& run) {
    of_four w;
    w.push(3);
    run([&] { w.run(w.thief.steal_into(w.owner)); },
        [&] {
          w.steal(w.thief);
          w.run(w.thief.pop());
        });
    w.check();
  }

  // A search asks how many there are before it sleeps. Whoever was told of one finds it.
  static void the_size_of_what_was_announced(auto& run) {
    of_two w;
    weft::atoms::atomic<bool> there{false};
    run(
        [&] {
          w.push();
          there.store(true, weft::release);
        },
        [&] {
          bool const told = there.load(weft::acquire);
          auto const n = w.owner.size();
          expect(n <= 1);
          if (told) expect_equal(n, 1u);
        });
    w.check();
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(an_owner_against_a_thief, .at_least = 3200, .spurious = 1, .prepared = false),
        WEFT_SCENARIO(a_ring_that_goes_round, .at_least = 27, .prepared = false),
        WEFT_SCENARIO(two_thieves, .at_least = 8, .prepared = false),
        WEFT_SCENARIO(a_thief_takes_half_of_four, .at_least = 78, .prepared = false),
        WEFT_SCENARIO(giving_against_stealing, .at_least = 52, .prepared = false),
        WEFT_SCENARIO(a_chain_of_thieves, .at_least = 7, .prepared = false),
        WEFT_SCENARIO(two_that_steal_from_each_other, .at_least = 8, .prepared = false),
        WEFT_SCENARIO(the_size_of_what_was_announced, .at_least = 2, .prepared = false),
        WEFT_SCENARIO(an_owner_against_two_thieves, .at_least = 4400, .prepared = false),
    };
  }
};

template <std::uint32_t Capacity>
using queue = weft::basic_run_queue<job, weft::atoms, Capacity>;

auto const all = with<queue>::all();
bool const registered = weft_test::register_scenarios("run_queue_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(run_queue_model, orders) { weft_test::audit_orders(all, {"data/run_queue.hpp"}, 20'000); }

template <std::uint32_t Capacity>
using room_from_real = weft::room_from_real::basic_run_queue<job, weft::atoms, Capacity>;
template <std::uint32_t Capacity>
using two_copy_at_once = weft::two_copy_at_once::basic_run_queue<job, weft::atoms, Capacity>;
template <std::uint32_t Capacity>
using one_too_many = weft::one_too_many::basic_run_queue<job, weft::atoms, Capacity>;
template <std::uint32_t Capacity>
using settled_early = weft::settled_early::basic_run_queue<job, weft::atoms, Capacity>;
template <std::uint32_t Capacity>
using given_while_copied = weft::given_while_copied::basic_run_queue<job, weft::atoms, Capacity>;

TEST(run_queue_model, mutants) {
  auto const variant = [](weft_test::scenarios const& s) { return weft_test::all_checked(s); };
  weft_test::hunt(
      all, {{"push does not publish", mutation::weaken, "tail_.store(tail + 1, release)"},
            {"push forgets the tail", mutation::skip, "tail_.store(tail + 1, release)"},
            {"a thief does not acquire the tail", mutation::weaken, "tail_.load(acquire)"},
            {"a thief claims by a load and a store", mutation::tear, "pack(real, real + n)"},
            {"a thief settles by a load and a store", mutation::tear, "settled(head)"},
            {"a thief does not publish what it took over", mutation::weaken, "into.tail_.store"},
            {"the owner takes by a load and a store", mutation::tear,
             "compare_exchange_weak(head, next"},
            {"the owner gives half away by a load and a store", mutation::tear, "pack(real + n"},
            {.name = "room is measured from what is claimed",
             .variant = variant(with<room_from_real>::all())},
            {.name = "a thief claims while another copies",
             .variant = variant(with<two_copy_at_once>::all())},
            {.name = "a thief takes one too many", .variant = variant(with<one_too_many>::all())},
            {.name = "a thief settles, then copies the last",
             .variant = variant(with<settled_early>::all())},
            {.name = "half is given away while a thief copies",
             .variant = variant(with<given_while_copied>::all())}});
}

#endif

}  // namespace
