// SPDX-License-Identifier: Apache-2.0
#include "harness/stats.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness/baseline.hpp"
#include "harness/cores.hpp"
#include "harness/nearest.hpp"
#include "harness/result.hpp"

namespace {

using bench::estimate;
using bench::result;

std::vector<double> one_to(int n) {
  std::vector<double> values;
  for (int i = n; i >= 1; --i) values.push_back(i);
  return values;
}

result measured(std::string name, estimate ratio) {
  return {std::move(name), "ns/op", 10, "std", 10 * ratio.median, ratio, "near"};
}

std::string file_with(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + name;
  std::ofstream{path} << text;
  return path;
}

std::string error_of(auto&& action) {
  try {
    action();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(median_ranks, fifteen_rounds_use_the_fourth_and_the_twelfth) {
  const bench::ranks at = bench::median_ranks(15);
  EXPECT_EQ(at.low, 4U);
  EXPECT_EQ(at.high, 12U);
  EXPECT_NEAR(at.coverage, 0.96484375, 1e-12);
}

// Ranks from the tables of the sign test (for example Conover, Practical Nonparametric Statistics).
TEST(median_ranks, agree_with_the_published_table) {
  const std::array<std::array<std::size_t, 2>, 7> table{
      {{6, 1}, {8, 1}, {9, 2}, {12, 3}, {20, 6}, {30, 10}, {50, 18}}};
  for (const auto& [n, low] : table) {
    EXPECT_EQ(bench::median_ranks(n).low, low) << n;
    EXPECT_EQ(bench::median_ranks(n).high, n + 1 - low) << n;
  }
}

TEST(median_ranks, are_as_narrow_as_95_percent_allows) {
  for (std::size_t n = 6; n <= 2000; ++n) {
    const bench::ranks at = bench::median_ranks(n);
    ASSERT_GE(at.coverage, 0.95) << n;
    ASSERT_LE(at.coverage, 1.0) << n;
    // One rank further in, each tail gains P(X = low): that must be too much.
    const auto all = static_cast<double>(n);
    const auto k = static_cast<double>(at.low);
    const double gained = std::exp(std::lgamma(all + 1) - std::lgamma(k + 1) -
                                   std::lgamma(all - k + 1) - all * std::log(2.0));
    ASSERT_LT(at.coverage - 2 * gained, 0.95) << n;
  }
}

TEST(median_ranks, of_few_rounds_are_the_first_and_the_last_and_say_what_they_are_worth) {
  for (std::size_t n = 1; n < 6; ++n) {
    const bench::ranks at = bench::median_ranks(n);
    EXPECT_EQ(at.low, 1U);
    EXPECT_EQ(at.high, n);
    EXPECT_NEAR(at.coverage, 1 - std::pow(0.5, static_cast<double>(n) - 1), 1e-12);
  }
  EXPECT_THROW(bench::median_ranks(0), std::invalid_argument);
}

TEST(median_interval, of_one_to_fifteen) {
  const estimate e = bench::median_interval(one_to(15));
  EXPECT_EQ(e.median, 8);
  EXPECT_EQ(e.low, 4);
  EXPECT_EQ(e.high, 12);
}

TEST(median_interval, of_an_even_number_takes_the_mean_of_the_middle) {
  EXPECT_EQ(bench::median(one_to(4)), 2.5);
  EXPECT_THROW(bench::median({}), std::invalid_argument);
}

TEST(median_interval, holds_the_true_median_as_often_as_it_says) {
  // Exponential values: skewed, so an interval built on the mean would fail here.
  std::mt19937_64 engine{7};
  std::exponential_distribution<double> draw{1.0};
  int held = 0;
  constexpr int repeats = 20000;
  for (int i = 0; i < repeats; ++i) {
    std::vector<double> values(15);
    for (double& v : values) v = draw(engine);
    const estimate e = bench::median_interval(values);
    held += e.low <= std::log(2.0) && std::log(2.0) <= e.high ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(held) / repeats, 0.9648, 0.006);  // more than four deviations
}

TEST(paired_ratios, are_above_one_where_ours_is_better) {
  const std::array ours{10.0, 20.0};
  const std::array rival{20.0, 10.0};
  EXPECT_EQ(bench::paired_ratios(ours, rival, bench::better::smaller),
            (std::vector<double>{2.0, 0.5}));
  EXPECT_EQ(bench::paired_ratios(ours, rival, bench::better::larger),
            (std::vector<double>{0.5, 2.0}));
}

TEST(paired_ratios, refuse_what_is_no_measurement) {
  const auto ratios = [](double ours, double rival) {
    return bench::paired_ratios(std::array{ours}, std::array{rival}, bench::better::smaller);
  };
  EXPECT_THROW(ratios(0, 1), std::invalid_argument);
  EXPECT_THROW(ratios(1, -1), std::invalid_argument);
  EXPECT_THROW(ratios(1, std::nan("")), std::invalid_argument);
  EXPECT_THROW(bench::paired_ratios(std::array{1.0, 2.0}, std::array{1.0}, bench::better::larger),
               std::invalid_argument);
}

TEST(verdict, follows_the_median_and_the_upper_end) {
  using bench::verdict;
  EXPECT_EQ(bench::judge({1.0, 0.9, 1.1}, 1.0), verdict::met);
  EXPECT_EQ(bench::judge({1.5, 0.9, 1.7}, 1.0), verdict::met);
  EXPECT_EQ(bench::judge({0.9, 0.8, 0.99}, 1.0), verdict::missed);
  EXPECT_EQ(bench::judge({0.9, 0.8, 1.0}, 1.0), verdict::undecided);
}

TEST(baseline, a_regression_needs_separate_intervals_and_five_percent) {
  EXPECT_TRUE(bench::regressed({2.0, 1.9, 2.1}, {1.5, 1.4, 1.6}));
  EXPECT_FALSE(bench::regressed({2.0, 1.9, 2.1}, {1.8, 1.6, 1.95})) << "intervals overlap";
  EXPECT_FALSE(bench::regressed({2.0, 1.99, 2.01}, {1.95, 1.94, 1.96})) << "only 2.5 %";
  EXPECT_FALSE(bench::regressed({1.5, 1.4, 1.6}, {2.0, 1.9, 2.1})) << "better";
  EXPECT_FALSE(bench::regressed({2.0, 1.9, 2.1}, {1.8, 1.7, 1.9})) << "touching is overlapping";
}

TEST(baseline, names_each_row_that_regressed_and_each_that_was_not_compared) {
  result missing = measured("d.d/std", {});
  missing.ratio.reset();
  const std::vector<result> before{measured("a.a/std", {2.0, 1.9, 2.1}),
                                   measured("b.b/std", {1.0, 0.9, 1.1}), missing};
  std::vector<result> now{
      measured("a.a/std", {1.0, 0.9, 1.1}), measured("b.b/std", {2.0, 1.9, 2.1}),
      measured("c.c/std", {1.0, 0.9, 1.1}), measured("d.d/std", {1.0, 0.9, 1.1})};
  now[0].state = "far";
  std::ostringstream text;
  EXPECT_EQ(bench::compare(before, now, text), 1U);
  EXPECT_EQ(text.str(),
            "regression  a.a/std: ratio 2 [1.9 .. 2.1] -> 1 [0.9 .. 1.1]; "
            "the cores were near then and are far now\n"
            "better      b.b/std: ratio 1 [0.9 .. 1.1] -> 2 [1.9 .. 2.1]\n"
            "new         c.c/std: the baseline has no such row\n"
            "incomplete  d.d/std: the rival was or is not installed\n"
            "baseline: 2 compared, 1 regressed\n");
}

TEST(result, has_exactly_the_documented_keys_in_order) {
  EXPECT_EQ(
      bench::to_json({"task.spawn/tbb", "ns/op", 50, "tbb", 100.0, estimate{2, 1.5, 2.5}, "near"}),
      R"({"name":"task.spawn/tbb","unit":"ns/op","ours":5E1,"rival_name":"tbb",)"
      R"("rival":1E2,"ratio":2E0,"low":1.5E0,"high":2.5E0,"state":"near"})");
}

TEST(result, without_a_rival_has_nulls_and_says_so) {
  EXPECT_EQ(bench::to_json(
                {"task.spawn/tbb", "ns/op", 50, "tbb", {}, {}, std::string{bench::not_installed}}),
            R"({"name":"task.spawn/tbb","unit":"ns/op","ours":5E1,"rival_name":"tbb",)"
            R"("rival":null,"ratio":null,"low":null,"high":null,"state":"not installed"})");
}

TEST(result, survives_the_way_out_and_back) {
  const result out{"chan.mpmc.4_4/tbb",          "op/s", 12345678.9, "tbb", 0.000123456789,
                   estimate{1.0 / 3, 0.25, 0.5}, "far"};
  const result in = bench::from_json(bench::to_json(out));
  EXPECT_EQ(in.name, out.name);
  EXPECT_EQ(in.unit, out.unit);
  EXPECT_EQ(in.ours, 1.23457e7);  // six digits are kept
  EXPECT_EQ(in.rival_name, out.rival_name);
  EXPECT_EQ(in.rival, 0.000123457);
  EXPECT_EQ(in.ratio->median, 0.333333);
  EXPECT_EQ(in.ratio->low, 0.25);
  EXPECT_EQ(in.ratio->high, 0.5);
  EXPECT_EQ(in.state, out.state);
  EXPECT_EQ(bench::to_json(in), bench::to_json(out));
}

TEST(result, refuses_a_line_that_is_not_a_row) {
  const auto error = [](const std::string& line) {
    return error_of([&] { (void)bench::from_json(line); });
  };
  EXPECT_TRUE(error("{\"name\":").starts_with("not JSON: ")) << error("{\"name\":");
  EXPECT_EQ(error("[1]"), "not a JSON object");
  EXPECT_EQ(error("{}"), "the key \"name\" is missing");
  EXPECT_EQ(error(R"({"nmae":"a"})"), "the key \"nmae\" is not one of a row");
  EXPECT_EQ(error(R"({"name":1})"), "\"name\" is not a string");
}

TEST(saved_results, come_back_and_name_the_line_that_is_wrong) {
  const std::string path = testing::TempDir() + "weft_bench_saved.json";
  const std::vector<result> kept{measured("a.a/std", {2.0, 1.9, 2.1}),
                                 measured("b.b/std", {1.0, 0.9, 1.1})};
  bench::save(path, kept);
  const std::vector<result> read = bench::load(path);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[1].name, "b.b/std");
  EXPECT_EQ(read[1].ratio->high, 1.1);

  const std::string good = bench::to_json(kept[0]);
  const std::string broken = file_with("weft_bench_broken.json", good + "\n\n[]\n");
  EXPECT_EQ(error_of([&] { (void)bench::load(broken); }), broken + ":3: not a JSON object");
  const std::string twice = file_with("weft_bench_twice.json", good + "\n" + good + "\n");
  EXPECT_EQ(error_of([&] { (void)bench::load(twice); }),
            twice + ":2: the row a.a/std is here a second time");
  EXPECT_EQ(error_of([] { (void)bench::load("/no/such/file"); }),
            "/no/such/file: No such file or directory");
  EXPECT_EQ(error_of([] { (void)bench::load("/"); }), "/: a directory, not a file of results");
}

TEST(saved_results, checking_that_a_file_can_be_written_leaves_no_trace) {
  const std::string fresh = testing::TempDir() + "weft_bench_fresh.json";
  std::remove(fresh.c_str());
  bench::check_writable(fresh);
  EXPECT_FALSE(std::ifstream{fresh}.is_open());
  EXPECT_EQ(error_of([] { bench::check_writable("/no/such/file"); }),
            "/no/such/file: cannot write: No such file or directory");
}

TEST(nearest, finds_what_was_meant) {
  EXPECT_EQ(bench::edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(bench::edit_distance("", "abc"), 3U);
  const std::vector<std::string> names{"chan.mpmc.1_1/fiber", "exec.wake/condvar",
                                       "task.pingpong.1w/fiber", "task.spawn/asio",
                                       "task.spawn/tbb"};
  EXPECT_EQ(bench::nearest("task.spwan", names, 2),
            (std::vector<std::string>{"task.spawn/asio", "task.spawn/tbb"}));
  EXPECT_EQ(bench::nearest("exex", names, 1), std::vector<std::string>{"exec.wake/condvar"});
  EXPECT_EQ(bench::nearest("task.spawn/tbc", names, 1), std::vector<std::string>{"task.spawn/tbb"});
}

TEST(cores, are_near_or_far_by_their_round_trip) {
  EXPECT_EQ(bench::state_of(249.9), "near");
  EXPECT_EQ(bench::state_of(250), "far");
  EXPECT_GT(bench::word_round_trip(), 1.0);  // infinite on a machine with one processor
}

}  // namespace
