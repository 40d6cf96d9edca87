// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/task/parallel_loop.cpp. The caller is a thread, the helper the one
// worker of a runtime; deadlines pass only when nothing else can happen.
#include <check/mutants.hpp>
#include <support/scenario.hpp>

#include <weft/weft.hpp>

namespace {

using weft_test::expect;
using weft_test::expect_equal;

struct one_worker {
  weft::runtime on{[] {
    weft::runtime::options o;
    o.workers = 1;
    o.blocking_threads = 1;
    o.spare_workers = 0;
    return o;
  }()};

  template <class F>
  void two_chunks(F f) {
    weft::detail::run_chunks(2, weft::detail::chunk_body(f), {.on = &on});
  }
};

// L1, L3, L4: each chunk once, by whomever, and what it wrote is there.
void two_chunks_for_two(auto&) {
  one_worker w;
  weft::atoms::var<int> done[2] = {0, 0};
  w.two_chunks([&](std::size_t c) { done[c] = done[c] + 1; });
  expect_equal(int(done[0]), 1);
  expect_equal(int(done[1]), 1);
}

// L2: what the call used is gone when it has returned, though the helper may come later.
void a_helper_that_comes_late(auto&) {
  one_worker w;
  {
    auto const gone = std::make_unique<weft::atoms::var<int>>(0);
    w.two_chunks([&](std::size_t) { (void)int(*gone); });
    *gone = 1;
  }
}

// An error of either, or of both: one is thrown when nobody runs any more.
void errors_of_both(auto&) {
  one_worker w;
  auto const used = std::make_unique<weft::atoms::var<int>>(0);
  bool thrown = false;
  try {
    w.two_chunks([&](std::size_t c) {
      (void)int(*used);
      throw static_cast<int>(c);
    });
  } catch (int) {
    thrown = true;
  }
  *used = 1;
  expect(thrown);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(two_chunks_for_two, .at_least = 3000, .preemptions = 2, .late_timeouts = true),
    WEFT_SCENARIO(a_helper_that_comes_late, .at_least = 3000, .preemptions = 2,
                  .late_timeouts = true),
    WEFT_SCENARIO(errors_of_both, .at_least = 3500, .preemptions = 2, .late_timeouts = true),
};

bool const registered = weft_test::register_scenarios("parallel_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(parallel_model, mutants) {
  weft_test::hunt(
      all,
      {{"a helper leaves without publishing", mutation::weaken, "inside_.fetch_sub(one, release)"},
       {"the caller reads who is inside without an edge", mutation::weaken,
        "auto const seen = inside_.load(acquire)"},
       {"the caller is not woken", mutation::skip, "atoms::unpark_one(&inside_)"}});
}

TEST(parallel_model, orders) { weft_test::audit_orders(all, {"task/parallel_loop.cpp"}); }

#endif

}  // namespace
