// SPDX-License-Identifier: Apache-2.0
// Question  What does a parallel algorithm cost beyond its work, and does it share the work well?
// Method    The caller is one of the threads that work; chunks are chosen by the library.
//           `reduce` adds a million numbers, some hundred microseconds of work for one thread.
//           `map` calls a function whose cost grows with the index, so that halves are not
//           equal. `small` maps 64 numbers, each some 5 ns: all of it is overhead.
// Rivals    oneTBB parallel_reduce and parallel_for with its auto_partitioner, called from the
//           thread that measures. 1w and 2w: one and two threads work, on either side.
// Reads as  ns per call; ratio > 1 where weft is cheaper.
#include "support/weft_side.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#if WEFT_BENCH_TBB
#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/parallel_reduce.h>
#endif

namespace {

std::vector<long> const& numbers() {
  static auto const v = [] {
    std::vector<long> all(1'000'000);
    std::iota(all.begin(), all.end(), 0L);
    return all;
  }();
  return v;
}

double uneven(int x) {
  double sum = 0;
  for (int i = 0; i < x / 16; ++i) sum += std::sqrt(i);
  return sum;
}

std::vector<int> const& some(std::size_t n) {
  static std::vector<int> small, large;
  auto& v = n == 64 ? small : large;
  if (v.empty()) {
    v.resize(n);
    std::iota(v.begin(), v.end(), 0);
  }
  return v;
}

template <class F>
weft::task<> again(std::uint64_t n, F f) {
  while (n-- != 0) bench::keep(f());
  co_return;
}

template <unsigned Threads, class F>
bench::sample ours(F f) {
  return bench::per_op_of_task(Threads, [f](std::uint64_t n) { return again(n, f); });
}

template <unsigned Threads>
bench::sample our_reduce() {
  return ours<Threads>([] { return weft::parallel_reduce(numbers(), 0L, std::plus{}); });
}
template <unsigned Threads, std::size_t N>
bench::sample our_map() {
  return ours<Threads>([] { return weft::parallel_map(some(N), uneven).back(); });
}

#if WEFT_BENCH_TBB
template <unsigned Threads, class F>
bench::sample of_tbb(F f) {
  auto threads =
      std::make_shared<tbb::global_control>(tbb::global_control::max_allowed_parallelism, Threads);
  return bench::per_op([threads, f](std::uint64_t n) {
    while (n-- != 0) bench::keep(f());
  });
}

template <unsigned Threads>
bench::sample tbb_reduce() {
  return of_tbb<Threads>([] {
    auto const& v = numbers();
    return tbb::parallel_reduce(
        tbb::blocked_range<std::size_t>(0, v.size()), 0L,
        [&](auto const& r, long sum) {
          for (auto i = r.begin(); i != r.end(); ++i) sum += v[i];
          return sum;
        },
        std::plus<long>());
  });
}
template <unsigned Threads, std::size_t N>
bench::sample tbb_map() {
  return of_tbb<Threads>([] {
    auto const& v = some(N);
    std::vector<double> all(v.size());
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, v.size()), [&](auto const& r) {
      for (auto i = r.begin(); i != r.end(); ++i) all[i] = uneven(v[i]);
    });
    return all.back();
  });
}
#else
template <unsigned>
constexpr std::nullptr_t tbb_reduce = nullptr;
template <unsigned, std::size_t>
constexpr std::nullptr_t tbb_map = nullptr;
#endif

const bench::add one_reduce{{
    .name = "task.parallel_reduce.1w/tbb",
    .ours = our_reduce<1>,
    .rival = tbb_reduce<1>,
    .package = "libtbb-dev",
}};
const bench::add two_reduce{{
    .name = "task.parallel_reduce.2w/tbb",
    .ours = our_reduce<2>,
    .rival = tbb_reduce<2>,
    .package = "libtbb-dev",
}};
const bench::add one_map{{
    .name = "task.parallel_map.1w/tbb",
    .ours = our_map<1, 4096>,
    .rival = tbb_map<1, 4096>,
    .package = "libtbb-dev",
}};
const bench::add two_map{{
    .name = "task.parallel_map.2w/tbb",
    .ours = our_map<2, 4096>,
    .rival = tbb_map<2, 4096>,
    .package = "libtbb-dev",
}};
const bench::add two_small{{
    .name = "task.parallel_small.2w/tbb",
    .ours = our_map<2, 64>,
    .rival = tbb_map<2, 64>,
    .package = "libtbb-dev",
}};

}  // namespace
