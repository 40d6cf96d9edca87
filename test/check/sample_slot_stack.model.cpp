// SPDX-License-Identifier: Apache-2.0
// T1 to T3 of check/sample/slot_stack.hpp.
#include "mutants.hpp"

#include <check/sample/slot_stack.hpp>

#include <weft/check/model.hpp>

#include <array>

#include "sample_variants.hpp"

namespace {

namespace check = weft::check;
using check::model, check::mutation, check::threads;

constexpr std::uint32_t slots = 2;

// At the end each slot is on the stack once, or with the thread that kept it.
template <class Stack>
void expect_one_owner(Stack& s, std::array<std::uint32_t, 2> kept) {
  std::array<unsigned, slots> owners{};
  for (auto const slot : kept) {
    if (slot != Stack::none) ++owners[slot];
  }
  for (unsigned i = 0; i <= slots; ++i) {
    auto const slot = s.pop();
    if (slot == Stack::none) break;
    check::expect(slot < slots, "a slot that does not exist");
    ++owners[slot];
  }
  for (auto const n : owners) check::expect_equal(n, 1u);
}

template <template <class, std::uint32_t, class> class Stack>
void from_hand_to_hand(threads& run) {
  Stack<int, slots, model> s;
  for (std::uint32_t i = 0; i < slots; ++i) s.push(i);
  auto const use = [&s] {
    auto const slot = s.pop();
    if (slot == s.none) return;
    s[slot] = s[slot] + 1;  // nobody else may have it
    s.push(slot);
  };
  run(use, use);
  expect_one_owner(s, {s.none, s.none});
}

// While one thread pops, the other takes both slots and gives back the one that was the top.
template <template <class, std::uint32_t, class> class Stack>
void the_top_comes_back(threads& run) {
  Stack<int, slots, model> s;
  for (std::uint32_t i = 0; i < slots; ++i) s.push(i);
  std::array<std::uint32_t, 2> kept{s.none, s.none};
  run([&] { kept[0] = s.pop(); },
      [&] {
        auto const top = s.pop();
        kept[1] = s.pop();
        if (top != s.none) s.push(top);
      });
  expect_one_owner(s, kept);
}

template <template <class, std::uint32_t, class> class Stack>
void two_pushes_meet(threads& run) {
  Stack<int, slots, model> s;
  run([&] { s.push(0); }, [&] { s.push(1); });
  expect_one_owner(s, {s.none, s.none});
}

template <template <class, std::uint32_t, class> class Stack>
std::vector<check::scenario> scenarios() {
  return {{"slot_stack: two pushes meet", two_pushes_meet<Stack>, {.at_least = 15}},
          {"slot_stack: the top comes back", the_top_comes_back<Stack>, {.at_least = 200}},
          {"slot_stack: from hand to hand", from_hand_to_hand<Stack>, {.at_least = 800}}};
}

TEST(sample_slot_stack, exhausted) { weft_test::exhaust(scenarios<sample::slot_stack>()); }

TEST(sample_slot_stack, mutants) {
  weft_test::hunt(
      scenarios<sample::slot_stack>(),
      {{"push does not release the slot", mutation::weaken, "old, fresh, release"},
       {"pop does not acquire the slot", mutation::weaken, "head_.load(acquire)"},
       {"pop does not acquire it when it tries again", mutation::weaken, "old, rest, relaxed"},
       {"push is a load and a store", mutation::tear, "old, fresh, release"},
       {"pop is a load and a store", mutation::tear, "old, rest, relaxed"},
       {"push does not link", mutation::skip, "next.store(top(old)"},
       {.name = "pops are not counted: ABA", .variant = scenarios<uncounted::slot_stack>()},
       {.name = "push links once, then tries again",
        .variant = scenarios<linked_once::slot_stack>()}});
}

TEST(sample_slot_stack, audit) {
  weft_test::audit(scenarios<sample::slot_stack>(), "check/sample/slot_stack.hpp");
}

}  // namespace
