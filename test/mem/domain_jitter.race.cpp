// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of mem/domain.hpp: few steps, tiny bags. Here real threads run
// each many times from a common start, on atoms that hold threads up and delay stores: without the
// fence of pin() or of seal(), with one epoch of grace instead of two, or with a nested pin that
// announces again, they fail. The checker's are in domain.model.cpp.
#include <weft/mem/domain.hpp>

#include "jitter.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace {

using tiny = weft::basic_domain<jitter, 1>;  // every retirement seals, advances and frees

constexpr int living = 1, dead = 2;
struct object {
  jitter::atomic<int> state{living};
};
// Marks instead of freeing: the reader may look, and must never see the mark.
struct bury {
  void operator()(object* o) const noexcept { o->state.store(dead, weft::relaxed); }
};

// Runs the bodies together, `times` times, each on a fresh world.
template <class World>
void scenario(int times, std::vector<std::function<void(World&)>> const& bodies) {
  std::vector<std::unique_ptr<World>> worlds;
  for (int i = 0; i < times; ++i) worlds.push_back(std::make_unique<World>());
  std::vector<std::atomic<int>> arrived(static_cast<std::size_t>(times));
  std::vector<std::thread> threads;
  for (auto& body : bodies) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < worlds.size(); ++i) {
        ++arrived[i];
        for (int n = 0; arrived[i] < int(bodies.size()); ++n) {
          if (n > 100) jitter::yield();
        }
        body(*worlds[i]);
        worlds[i]->domain.leave();
        jitter::finish();
      }
    });
  }
  for (auto& t : threads) t.join();
  for (auto& w : worlds) w->check();
}

struct world {
  std::array<object, 6> objects;
  std::array<object, 6> other;
  tiny domain;
  jitter::atomic<object*> shared{&objects[0]};
  jitter::atomic<bool> seen_dead{false};

  void read() {
    auto guard = domain.pin();
    object* o = guard.load(shared);
    for (int i = 0; i < 3; ++i) {
      if (o->state.load(weft::relaxed) == dead) seen_dead.store(true, weft::relaxed);
    }
  }
  void replace(std::size_t by) {
    auto guard = domain.pin();
    guard.retire(shared.exchange(&objects[by], weft::acq_rel), bury{});
  }
  // Unlinks by a plain store, as the only writer may: the fence of the bag is all that orders it.
  void replace_alone(std::size_t by) {
    auto guard = domain.pin();
    object* const old = guard.load(shared);
    shared.store(&objects[by], weft::release);
    guard.retire(old, bury{});
  }
  void check() { EXPECT_FALSE(seen_dead.load(weft::relaxed)); }
};

constexpr int times = 4000;

// I1 to I5: a reader against one that unlinks, retires and frees as fast as it can.
TEST(domain_jitter, a_reader_against_one_that_retires) {
  scenario<world>(times, {[](world& w) {
                            w.read();
                            w.read();
                          },
                          [](world& w) {
                            for (std::size_t i = 1; i < 6; ++i) w.replace(i);
                          }});
}

// I4: an advance that looked before the reader announced.
TEST(domain_jitter, a_reader_against_one_that_retires_and_one_that_advances) {
  scenario<world>(times, {[](world& w) {
                            w.read();
                            w.read();
                          },
                          [](world& w) {
                            for (std::size_t i = 1; i < 6; ++i) w.replace(i);
                          },
                          [](world& w) {
                            for (int i = 0; i < 4; ++i) w.domain.reclaim();
                          }});
}

// I1, I2: the stamp against a store that is not yet seen.
TEST(domain_jitter, a_plain_store_that_unlinks_against_readers) {
  scenario<world>(times, {[](world& w) {
                            for (int i = 0; i < 4; ++i) w.read();
                          },
                          [](world& w) {
                            for (std::size_t i = 1; i < 6; ++i) w.replace_alone(i);
                          },
                          [](world& w) {
                            for (std::size_t i = 0; i < 6; ++i) {
                              w.domain.pin().retire(&w.other[i], bury{});
                            }
                          }});
}

// I7, I8: a reader that joins and leaves, and adopts what another one left.
TEST(domain_jitter, joining_and_leaving_against_retiring) {
  scenario<world>(times, {[](world& w) {
                            w.read();
                            w.domain.leave();
                            w.read();
                            w.domain.reclaim();
                          },
                          [](world& w) {
                            for (std::size_t i = 1; i < 4; ++i) w.replace(i);
                            w.domain.leave();
                            w.replace(4);
                          }});
}

// A nested pin must not end the outer one's protection.
TEST(domain_jitter, a_nested_pin_against_retiring) {
  scenario<world>(times, {[](world& w) {
                            auto guard = w.domain.pin();
                            object* o = guard.load(w.shared);
                            w.read();
                            if (o->state.load(weft::relaxed) == dead) {
                              w.seen_dead.store(true, weft::relaxed);
                            }
                          },
                          [](world& w) {
                            for (std::size_t i = 1; i < 6; ++i) w.replace(i);
                          }});
}

// Two that unlink the same object: only the winner of the exchange retires it.
struct contest : world {
  jitter::atomic<int> wins{0};
  void replace_first(std::size_t by) {
    auto guard = domain.pin();
    object* expected = &objects[0];
    object* const old = expected;
    if (shared.compare_exchange_strong(expected, &objects[by], weft::acq_rel)) {
      guard.retire(old, bury{});
      wins.fetch_add(1, weft::relaxed);
    }
  }
  void check() {
    EXPECT_EQ(wins.load(weft::relaxed), 1);
    world::check();
  }
};
TEST(domain_jitter, two_that_retire_the_same_object) {
  scenario<contest>(times, {[](contest& w) {
                              w.replace_first(1);
                              w.domain.reclaim();
                            },
                            [](contest& w) {
                              w.replace_first(2);
                              w.domain.reclaim();
                            },
                            [](contest& w) { w.read(); }});
}

}  // namespace
