// SPDX-License-Identifier: Apache-2.0
// A histogram counts every value, and what happened before a read is in it.
#include <support/scenario.hpp>

#include <weft/probe/histogram.hpp>

namespace {

using weft_test::expect, weft_test::expect_equal;
using histogram = weft::basic_histogram<1, 3, weft::atoms>;  // 0 to 7, six buckets

void two_that_record_and_one_that_merges(auto& run) {
  histogram h;
  histogram::counts others;
  others.record(2, 3);
  run([&] { h.record(2); },
      [&] {
        h.record(2);
        h.record(7);
      },
      [&] { h.merge(others); });
  auto const got = h.read();
  expect_equal(got.count(), 6u);
  expect_equal(got.percentile(80), 2u);
}

void a_reader_against_one_that_records(auto& run) {
  histogram h;
  weft::atoms::atomic<bool> recorded{false};
  run(
      [&] {
        h.record(1);
        recorded.store(true, weft::release);
        h.record(5);
      },
      [&] {
        bool const told = recorded.load(weft::acquire);
        auto const n = h.read().count();
        expect(n <= 2 && (!told || n >= 1));
      });
  expect_equal(h.read().count(), 2u);
}

weft_test::scenarios const all{
    WEFT_SCENARIO(two_that_record_and_one_that_merges, .at_least = 4, .prepared = false),
    WEFT_SCENARIO(a_reader_against_one_that_records, .at_least = 4, .prepared = false),
};

bool const registered = weft_test::register_scenarios("histogram_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(histogram_model, orders) { weft_test::audit_orders(all, {"probe/histogram.hpp"}); }

TEST(histogram_model, mutants) {
  weft_test::hunt(all, {{"a record is a load and a store", mutation::tear, "fetch_add(1, relaxed)"},
                        {"a merge is a load and a store", mutation::tear, "fetch_add(theirs[i]"},
                        {"a read is stale", mutation::read_stale, "(*buckets_)[i].load(relaxed)"}});
}

#endif

}  // namespace
