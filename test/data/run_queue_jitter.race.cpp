// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of data/run_queue.hpp on real threads, on a queue of four
// places and on atoms that hold threads up and delay their stores. The checker's are in
// run_queue.model.cpp.
#include <mem/jitter.hpp>
#include <support/scenario.hpp>

#include <weft/data/run_queue.hpp>

#include <array>

namespace {

using queue = weft::basic_run_queue<std::atomic<int>, jitter, 4>;

// Each job counts its runs.
struct world {
  std::array<std::atomic<int>, 12> jobs{};
  queue owner, thief, second;

  std::size_t next = 0;
  void push_one() {
    if (next < jobs.size() && owner.push(&jobs[next])) ++next;
  }
  static void run(std::atomic<int>* j) {
    if (j) ++*j;
  }
  static void drain(queue& q) {
    while (auto* j = q.pop()) run(j);
  }
  void check() {
    for (auto* q : {&owner, &thief, &second}) drain(*q);
    for (std::size_t i = 0; i < next; ++i) EXPECT_EQ(jobs[i], 1) << "job " << i;
    for (std::size_t i = next; i < jobs.size(); ++i) EXPECT_EQ(jobs[i], 0);
  }
  void push_and_pop() {
    for (int i = 0; i < 6; ++i) {
      push_one();
      push_one();
      run(owner.pop());
    }
    jitter::finish();
  }
  void steal(queue& into) {
    for (int i = 0; i < 4; ++i) {
      run(owner.steal_into(into));
      drain(into);
    }
    jitter::finish();
  }
};

// I1, I2: the owner against one thief.
void an_owner_against_a_thief(auto& run) {
  world w;
  run([&] { w.push_and_pop(); }, [&] { w.steal(w.thief); });
  w.check();
}

// I3: two thieves; one of them at a time copies.
void an_owner_against_two_thieves(auto& run) {
  world w;
  run([&] { w.push_and_pop(); }, [&] { w.steal(w.thief); }, [&] { w.steal(w.second); });
  w.check();
}

// I2: half is given away while a thief takes half.
void giving_against_stealing(auto& run) {
  world w;
  run(
      [&] {
        for (int i = 0; i < 3; ++i) {
          for (int n = 0; n < 4; ++n) w.push_one();
          (void)w.owner.give_half([](std::atomic<int>* j) { world::run(j); });
          world::run(w.owner.pop());
        }
        jitter::finish();
      },
      [&] { w.steal(w.thief); });
  w.check();
}

// A thief that is robbed itself.
void a_chain_of_thieves(auto& run) {
  world w;
  run([&] { w.push_and_pop(); },
      [&] {
        for (int i = 0; i < 4; ++i) {
          world::run(w.owner.steal_into(w.thief));
          world::run(w.thief.pop());
        }
        jitter::finish();
      },
      [&] {
        for (int i = 0; i < 4; ++i) {
          world::run(w.thief.steal_into(w.second));
          world::drain(w.second);
        }
        jitter::finish();
      });
  w.check();
}

weft_test::scenarios const all{
    WEFT_SCENARIO(an_owner_against_a_thief),
    WEFT_SCENARIO(an_owner_against_two_thieves),
    WEFT_SCENARIO(giving_against_stealing),
    WEFT_SCENARIO(a_chain_of_thieves),
};

bool const registered = weft_test::register_scenarios("run_queue_jitter", all, __FILE__);

}  // namespace
