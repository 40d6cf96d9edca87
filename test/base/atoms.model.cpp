// SPDX-License-Identifier: Apache-2.0
// What the model build relies on of the checker's atoms.
#include <support/scenario.hpp>

namespace {

using weft_test::expect_equal;

weft::atoms::atomic<int> before{1};
weft::atoms::atomic<int> kept{7};

void a_static_object_starts_again(auto& run) {
  before.store(1, weft::relaxed);
  run([] { before.store(2, weft::relaxed); });
  expect_equal(kept.load(weft::relaxed), 7);
}
void another_static_object_comes_first(auto& run) {
  run([] { before.store(3, weft::relaxed); });
  expect_equal(before.load(weft::relaxed), 3);
  expect_equal(kept.load(weft::relaxed), 7);
}

// A loop of exchanges that fail, as it may on what is stale, ends when what it waits for is there.
void a_loop_of_exchanges(auto& run) {
  weft::atoms::atomic<int> word{0};
  run(
      [&] {
        word.store(1, weft::relaxed);
        word.store(0, weft::relaxed);
      },
      [&] {
        for (int seen = 0; !word.compare_exchange_strong(seen, 2, weft::relaxed, weft::relaxed);
             seen = 0) {
          weft::atoms::pause();
        }
      });
}

TEST(atoms_model, what_outlives_an_exploration_starts_again_in_the_next) {
  weft_test::scenarios const all{
      WEFT_SCENARIO(a_static_object_starts_again, .prepared = false),
      WEFT_SCENARIO(another_static_object_comes_first, .prepared = false),
  };
  for (auto const& s : all) weft_test::try_out(s);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(a_loop_of_exchanges, .at_least = 3, .prepared = false),
};

bool const registered = weft_test::register_scenarios("atoms_model", all, __FILE__);

}  // namespace
