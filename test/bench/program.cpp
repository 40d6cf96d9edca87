// SPDX-License-Identifier: Apache-2.0
#include "harness/program.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include "harness/result.hpp"
#include "harness/sampler.hpp"

namespace {

using bench::row;

bench::side constant(double value) {
  return [value] { return [value] { return value; }; };
}

row fixed(std::string name, double ours, double rival) {
  return {.name = std::move(name), .ours = constant(ours), .rival = constant(rival)};
}

// The rows that a sample's own process knows too: see main() below.
std::vector<row> process_rows() {
  return {{.name = "bench.process/std",
           .own_process = true,
           .ours =
               [] {
                 return [] {
                   std::puts("a row may print");
                   std::fflush(stdout);
                   return static_cast<double>(::getppid());
                 };
               },
           .rival = constant(1)},
          {.name = "bench.exits/std",
           .own_process = true,
           .ours = [] { return []() -> double { std::_Exit(9); }; },
           .rival = constant(1)},
          {.name = "bench.dies/std",
           .own_process = true,
           .ours = [] { return []() -> double { std::abort(); }; },
           .rival = constant(1)}};
}

struct outcome {
  int code;
  std::string out;
  std::string err;
};

outcome run(std::vector<const char*> arguments, std::vector<row> rows, bool colour = false) {
  arguments.insert(arguments.begin(), "weft-bench");
  std::ostringstream out;
  std::ostringstream err;
  const int code = bench::run(static_cast<int>(arguments.size()), arguments.data(), std::move(rows),
                              {.out = out, .err = err, .colour = colour});
  return {code, out.str(), err.str()};
}

std::string temporary(const std::string& name) { return testing::TempDir() + name; }

TEST(program, measures_both_sides_in_alternation_with_the_order_swapped) {
  std::string order;
  const auto noting = [&order](char who) {
    return bench::side{[&order, who] {
      return [&order, who] {
        order += who;
        return 1.0;
      };
    }};
  };
  const row noted{.name = "bench.order/std", .ours = noting('o'), .rival = noting('r')};
  EXPECT_EQ(run({"--rounds", "4"}, {noted}).code, bench::fine);
  EXPECT_EQ(order,
            "or"
            "orroorro")
      << "one warm-up each, then the rounds";
}

TEST(program, keeps_what_a_side_set_up_until_its_row_ends_and_no_longer) {
  const auto alive = std::make_shared<int>(0);
  std::vector<long> holders;
  const auto holding = [&](const std::string& name) {
    return row{.name = name,
               .ours =
                   [&] {
                     return [&holders, &alive, own = alive] {
                       holders.push_back(alive.use_count());
                       return 1.0;
                     };
                   },
               .rival = constant(1)};
  };
  EXPECT_EQ(run({"--rounds", "1"}, {holding("bench.a/std"), holding("bench.b/std")}).code, 0);
  EXPECT_EQ(holders, (std::vector<long>{2, 2, 2, 2}));
}

TEST(program, prints_a_table) {
  const row promised{
      .name = "bench.promised/std", .target = 2, .ours = constant(10), .rival = constant(15)};
  const row absent{.name = "bench.absent/std", .ours = constant(10), .package = "libabsent-dev"};
  const row many{.name = "bench.many/std",
                 .unit = "op/s",
                 .good = bench::better::larger,
                 .ours = constant(25e6),
                 .rival = constant(5e6)};
  const outcome got = run({}, {promised, absent, many});
  EXPECT_EQ(got.code, bench::fine) << got.err;
  EXPECT_EQ(got.err, "");
  std::istringstream lines{got.out};
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line,
            "name                         ours          rival    ratio"
            "  interval           state          target");
  std::getline(lines, line);
  EXPECT_TRUE(
      line.starts_with("bench.promised/std     10.0 ns/op     15.0 ns/op     1.50"
                       "  [1.50 .. 1.50]     "))
      << line;
  EXPECT_TRUE(line.ends_with("missed (2)")) << line;
  std::getline(lines, line);
  EXPECT_EQ(line,
            "bench.absent/std       10.0 ns/op              -  not installed (libabsent-dev)");
  std::getline(lines, line);
  EXPECT_TRUE(line.starts_with("bench.many/std        25.0 M op/s    5.00 M op/s     5.00"))
      << line;
  EXPECT_NE(run({}, {promised}, true).out.find("\033[31mmissed\033[0m (2)"), std::string::npos);
  EXPECT_EQ(run({"--color", "never"}, {promised}, true).out.find('\033'), std::string::npos);
}

TEST(program, prints_one_json_object_a_row) {
  const outcome got = run({"--json"}, {fixed("bench.a/std", 10, 20), fixed("bench.b/std", 20, 10)});
  EXPECT_EQ(got.code, bench::fine);
  std::istringstream lines{got.out};
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(bench::from_json(line).ratio->median, 2);
  std::getline(lines, line);
  EXPECT_EQ(bench::from_json(line).ratio->median, 0.5);
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(program, lists_the_rows_a_filter_finds) {
  const std::vector<row> rows{fixed("chan.mpmc/std", 1, 1), fixed("task.spawn/std", 1, 1)};
  EXPECT_EQ(run({"--list"}, rows).out, "chan.mpmc/std\ntask.spawn/std\n");
  EXPECT_EQ(run({"--list", "--filter", "^task"}, rows).out, "task.spawn/std\n");
}

TEST(program, a_filter_that_finds_nothing_is_answered_with_the_nearest_names) {
  const outcome got = run({"--filter", "task.spwan"},
                          {fixed("chan.mpmc/std", 1, 1), fixed("task.spawn/std", 1, 1)});
  EXPECT_EQ(got.code, bench::usage);
  EXPECT_EQ(got.out, "");
  EXPECT_EQ(got.err,
            "weft-bench: no row matches 'task.spwan'; the nearest are\n"
            "  task.spawn/std\n  chan.mpmc/std\n");
}

TEST(program, bad_usage_exits_with_2_and_says_what_to_do) {
  const std::vector<row> rows{fixed("bench.a/std", 1, 1)};
  const auto refused = [&](std::vector<const char*> arguments, std::string_view expected) {
    const outcome got = run(std::move(arguments), rows);
    EXPECT_EQ(got.code, bench::usage);
    EXPECT_EQ(got.out, "");
    EXPECT_NE(got.err.find(expected), std::string::npos) << got.err;
  };
  refused({"--lst"}, "there is no option --lst; the nearest is --list");
  refused({"--rounds", "none"}, "--rounds");
  refused({"--rounds", "0"}, "--rounds");
  refused({"extra"}, "extra");
  refused({"--filter", "("}, "--filter '(' is not a regular expression");
  refused({"--save", "x", "--rounds", "14"}, "--save needs at least 15 rounds");
  refused({"--save", "x", "--quick"}, "--save needs full samples");
  refused({"--baseline", "x", "--rounds", "14"}, "--baseline needs at least 15 rounds");
  refused({"--save", "/no/such/file"}, "/no/such/file: cannot write: No such file");
  refused({"--baseline", "/no/such/file"}, "/no/such/file: No such file");
  EXPECT_EQ(run({}, {}).code, bench::usage);
  EXPECT_EQ(run({"--help"}, rows).code, bench::fine);
}

TEST(program, fewer_rounds_are_marked_as_a_smoke_test) {
  const outcome got = run({"--rounds", "3"}, {fixed("bench.a/std", 1, 1)});
  EXPECT_EQ(got.code, bench::fine);
  EXPECT_EQ(got.err, "weft-bench: 3 rounds of 15: a smoke test, not a result\n");
  EXPECT_NE(run({"--quick"}, {fixed("bench.a/std", 1, 1)}).err.find("5 rounds"), std::string::npos);
}

TEST(program, a_baseline_ends_with_3_only_beyond_noise) {
  const std::string kept = temporary("weft_bench_baseline.json");
  const std::string path = "--baseline=" + kept;
  ASSERT_EQ(run({"--save", kept.c_str()}, {fixed("bench.a/std", 10, 20)}).code, bench::fine);
  EXPECT_EQ(run({path.c_str()}, {fixed("bench.a/std", 10, 20)}).code, bench::fine);
  EXPECT_EQ(run({path.c_str()}, {fixed("bench.a/std", 10, 19.5)}).code, bench::fine);
  const outcome worse = run({path.c_str()}, {fixed("bench.a/std", 10, 18)});
  EXPECT_EQ(worse.code, bench::regression);
  EXPECT_NE(worse.err.find("regression  bench.a/std: ratio 2 [2 .. 2] -> 1.8"), std::string::npos)
      << worse.err;
  const outcome other = run({path.c_str()}, {fixed("bench.b/std", 10, 20)});
  EXPECT_EQ(other.code, bench::usage);
  const std::string again = "--save=" + kept;
  EXPECT_EQ(run({path.c_str(), again.c_str()}, {fixed("bench.a/std", 1, 1)}).code, bench::usage);
}

TEST(program, a_row_that_fails_is_named_and_the_others_still_run) {
  const row broken{.name = "bench.a/std",
                   .ours = [] { return []() -> double { throw std::runtime_error{"no luck"}; }; },
                   .rival = constant(1)};
  const std::string kept = temporary("weft_bench_partial.json");
  std::remove(kept.c_str());
  const outcome got = run({"--json", "--save", kept.c_str()},
                          {broken, fixed("bench.b/std", 1, 1), fixed("bench.c/std", 0, 1)});
  EXPECT_EQ(got.code, bench::failure);
  EXPECT_NE(got.err.find("bench.a/std failed: no luck"), std::string::npos) << got.err;
  EXPECT_NE(got.err.find("bench.c/std failed: weft measured 0"), std::string::npos) << got.err;
  EXPECT_EQ(bench::from_json(got.out).name, "bench.b/std");
  EXPECT_NE(::access(kept.c_str(), F_OK), 0) << "a partial result is not kept as a whole one";
}

// Refuses every byte, as /dev/full does.
class full_device : public std::streambuf {
  int_type overflow(int_type) override {
    errno = ENOSPC;
    return traits_type::eof();
  }
};

TEST(program, an_output_that_cannot_be_written_is_an_error_with_its_reason) {
  std::ostringstream err;
  full_device device;
  std::ostream closed{&device};
  const std::vector<const char*> arguments{"weft-bench", "--list"};
  EXPECT_EQ(
      bench::run(2, arguments.data(), {fixed("bench.a/std", 1, 1)}, {.out = closed, .err = err}),
      bench::failure);
  EXPECT_EQ(err.str(), "weft-bench: cannot write to standard output: No space left on device\n");
}

TEST(program, a_row_can_ask_for_a_process_a_sample) {
  const outcome got = run({"--json", "--rounds", "2", "--filter", "process"}, process_rows());
  EXPECT_EQ(got.code, bench::fine) << got.err;
  EXPECT_EQ(bench::from_json(got.out).ours, static_cast<double>(::getpid()));
}

TEST(program, a_process_that_fails_is_told_apart) {
  EXPECT_NE(run({"--rounds", "1", "--filter", "exits"}, process_rows()).err.find("exited with 9"),
            std::string::npos);
  EXPECT_NE(run({"--rounds", "1", "--filter", "dies"}, process_rows()).err.find("Aborted"),
            std::string::npos);
}

TEST(row, names_are_checked) {
  EXPECT_NO_THROW(bench::check(fixed("area.item/rival", 1, 1)));
  EXPECT_NO_THROW(bench::check(fixed("area.item.4_4/rival", 1, 1)));
  for (const char* bad : {"area/rival", "area.item", "area.item/", "Area.item/rival", "a.b.c.d/e"})
    EXPECT_THROW(bench::check(fixed(bad, 1, 1)), std::logic_error) << bad;
  EXPECT_THROW(bench::check({.name = "area.item/rival"}), std::logic_error);
  EXPECT_EQ(bench::rival_name("area.item.4_4/rival"), "rival");
}

TEST(sampler, fills_a_sample_and_divides_by_the_operations) {
  std::vector<std::uint64_t> asked;
  const auto work = [&asked](std::uint64_t n) {
    asked.push_back(n);
    for (std::uint64_t i = 0; i < n * 1000; ++i) bench::keep(i);
  };
  bench::current() = {std::chrono::milliseconds{5}, true};
  bench::sample each = bench::per_op(work, 1000);
  const double value = each();
  EXPECT_GT(value, 0.01);
  EXPECT_LT(value, 1000.0);
  const std::uint64_t turns = asked.back();
  each();
  EXPECT_EQ(asked.back(), turns) << "the number is found once";
  EXPECT_GT(turns, 1U);
  bench::current() = {};
}

TEST(sampler, throughput_is_operations_per_second) {
  bench::current() = {std::chrono::milliseconds{5}, true};
  const auto work = [](std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i) bench::keep(i);
  };
  bench::sample rate = bench::throughput(work);
  EXPECT_GT(rate(), 1e6);
  bench::current() = {};
}

TEST(sampler, resident_memory_grows_with_what_is_touched) {
  const std::size_t before = bench::resident_bytes();
  constexpr std::size_t size = 32U << 20;
  const std::vector<char> touched(size, 'x');
  bench::keep(touched.data());  // else the allocation itself may be left out
  EXPECT_GE(bench::resident_bytes(), before + size / 2);
}

}  // namespace

// A sample's own process is this program again: it must take the harness's way in.
int main(int argc, char** argv) {
  if (argc > 1 && std::string_view{argv[1]} == "--sample")
    return bench::run(argc, argv, process_rows(), {.out = std::cout, .err = std::cerr});
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
