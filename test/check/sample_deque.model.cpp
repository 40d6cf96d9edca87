// SPDX-License-Identifier: Apache-2.0
// D1 to D4 of check/sample/deque.hpp.
#include "mutants.hpp"

#include <check/sample/deque.hpp>

#include <weft/check/model.hpp>

#include <array>
#include <optional>

#include "sample_variants.hpp"

namespace {

namespace check = weft::check;
using check::model, check::mutation, check::threads;

// Items 1 to 4, each of which stands for a piece of plain data.
class items {
 public:
  unsigned make(unsigned i) {
    data_[i] = 7;
    return i;
  }
  void took(std::optional<unsigned> i) {
    if (!i) return;
    check::expect(*i >= 1 && *i < data_.size(), "took what was never pushed");
    check::expect_equal(data_[*i].get(), 7);
    data_[*i] = 8;  // nobody else has it
    ++taken_[*i];
  }
  void all_taken_once(unsigned n) const {
    for (unsigned i = 1; i <= n; ++i) check::expect_equal(taken_[i], 1);
  }

 private:
  std::array<check::var<int>, 5> data_{};
  std::array<int, 5> taken_{};
};

template <template <class, std::int64_t, class> class Deque>
void two_pushes_two_pops_two_thieves(threads& run) {
  Deque<unsigned, 2, model> d;
  items all;
  run(
      [&] {
        check::expect(d.push(all.make(1)));
        check::expect(d.push(all.make(2)));
        all.took(d.pop());
        all.took(d.pop());
      },
      [&] { all.took(d.steal()); }, [&] { all.took(d.steal()); });
  all.took(d.pop());
  all.all_taken_once(2);
}

// Three items through two places: the third is refused, or written where a thief still reads.
template <template <class, std::int64_t, class> class Deque>
void round_the_ring(threads& run) {
  Deque<unsigned, 2, model> d;
  items all;
  unsigned pushed = 0;
  run(
      [&] {
        for (unsigned i = 1; i <= 3; ++i) {
          if (!d.push(all.make(i))) break;
          pushed = i;
        }
        all.took(d.pop());
      },
      [&] {
        all.took(d.steal());
        all.took(d.steal());
      });
  for (unsigned i = 0; i < 3; ++i) all.took(d.pop());
  all.all_taken_once(pushed);
}

template <template <class, std::int64_t, class> class Deque>
void emptied_and_filled_again(threads& run) {
  Deque<unsigned, 2, model> d;
  items all;
  run(
      [&] {
        for (unsigned i = 1; i <= 2; ++i) {
          check::expect(d.push(all.make(i)));
          all.took(d.pop());
        }
      },
      [&] {
        all.took(d.steal());
        all.took(d.steal());
      });
  all.took(d.pop());
  all.all_taken_once(2);
}

template <template <class, std::int64_t, class> class Deque>
std::vector<check::scenario> scenarios() {
  return {{"deque: two pushes, two pops, two thieves",
           two_pushes_two_pops_two_thieves<Deque>,
           {.at_least = 800}},
          {"deque: emptied and filled again", emptied_and_filled_again<Deque>, {.at_least = 200}},
          {"deque: round the ring", round_the_ring<Deque>, {.at_least = 50}}};
}

TEST(sample_deque, exhausted) { weft_test::exhaust(scenarios<sample::deque>()); }

TEST(sample_deque, three_threads_are_exhausted_in_less_than_a_second) {
  auto const begin = std::chrono::steady_clock::now();
  auto const r = weft_test::explore(scenarios<sample::deque>().front());
  EXPECT_TRUE(r.ok() && r.exhausted) << r;
  EXPECT_LT(weft_test::seconds_since(begin), 1.0);
}

TEST(sample_deque, mutants) {
  weft_test::hunt(
      scenarios<sample::deque>(),
      {{"push does not release the item", mutation::weaken, "bottom_.store(b + 1, release)"},
       {"pop's store does not carry on the release", mutation::weaken, "bottom_.store(b, release)"},
       {"a thief does not acquire the item", mutation::weaken, "bottom_.load(acquire)"},
       {"pop has no fence", mutation::weaken, "Atoms::fence()", "pop"},
       {"steal has no fence", mutation::weaken, "Atoms::fence()", "steal"},
       {"steal is a load and a store", mutation::tear, "t + 1, release"},
       {"pop's race is a load and a store", mutation::tear, "t + 1, relaxed"},
       {"pop leaves the bottom low", mutation::skip, "bottom_.store(b + 1, relaxed)"},
       {.name = "the last item is taken without a race", .variant = scenarios<unraced::deque>()},
       {.name = "the last item is taken for one of more", .variant = scenarios<one_off::deque>()},
       {.name = "a thief looks at the bottom first", .variant = scenarios<bottom_first::deque>()},
       {.name = "a thief reads the item after its claim", .variant = scenarios<read_late::deque>()},
       {.name = "full is seen one item late", .variant = scenarios<overfull_deque::deque>()}});
}

TEST(sample_deque, audit) {
  weft_test::audit(scenarios<sample::deque>(), "check/sample/deque.hpp");
}

}  // namespace
