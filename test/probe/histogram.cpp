// SPDX-License-Identifier: Apache-2.0
#include <weft/probe/histogram.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

namespace {

template <class Cut>
void edges_are_right() {
  EXPECT_EQ(Cut::bucket(Cut::most), Cut::buckets - 1);
  EXPECT_EQ(Cut::lowest(0), 0u);
  for (unsigned i = 0; i < Cut::buckets; ++i) {
    ASSERT_LE(Cut::lowest(i), Cut::highest(i)) << i;
    ASSERT_EQ(Cut::bucket(Cut::lowest(i)), i);
    ASSERT_EQ(Cut::bucket(Cut::highest(i)), i);
    ASSERT_EQ(Cut::lowest(i), i == 0 ? 0 : Cut::highest(i - 1) + 1) << i;
  }
  EXPECT_EQ(Cut::highest(Cut::buckets - 1), Cut::most);
  EXPECT_EQ(Cut::bucket(~std::uint64_t{0}), Cut::buckets - 1);
}

TEST(histogram, buckets_cover_every_value_once) {
  edges_are_right<weft::log_linear<6, 62>>();
  edges_are_right<weft::log_linear<1, 8>>();
  edges_are_right<weft::log_linear<10, 40>>();
  edges_are_right<weft::log_linear<7, 63>>();
}

TEST(histogram, buckets_are_no_wider_than_their_share) {
  using cut = weft::log_linear<6, 62>;
  for (unsigned i = 0; i < cut::buckets; ++i) {
    ASSERT_LE((cut::highest(i) - cut::lowest(i)) * 64, cut::lowest(i)) << i;
  }
}

TEST(histogram, empty_has_no_values) {
  weft::histogram h;
  auto const c = h.read();
  EXPECT_EQ(c.count(), 0u);
  EXPECT_EQ(c.percentile(50), 0u);
  EXPECT_EQ(c.max(), 0u);
  EXPECT_EQ(c.min(), 0u);
  EXPECT_EQ(c.mean(), 0);
}

TEST(histogram, small_values_are_exact) {
  weft::histogram h;
  for (std::uint64_t v = 1; v <= 100; ++v) h.record(v);
  auto const c = h.read();
  EXPECT_EQ(c.count(), 100u);
  EXPECT_EQ(c.percentile(50), 50u);
  EXPECT_EQ(c.percentile(99), 99u);
  EXPECT_EQ(c.percentile(99.5), 100u);
  EXPECT_EQ(c.percentile(0), 1u);
  EXPECT_EQ(c.min(), 1u);
  EXPECT_EQ(c.max(), 100u);
  EXPECT_DOUBLE_EQ(c.mean(), 50.5);
}

TEST(histogram, percentiles_are_within_the_error_of_the_sorted_values) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(9, 3);
  weft::histogram h;
  std::vector<std::uint64_t> all;
  double sum = 0;
  for (int i = 0; i < 20000; ++i) {
    auto const v = static_cast<std::uint64_t>(latency(random));
    all.push_back(v);
    sum += static_cast<double>(v);
    h.record(v);
  }
  std::sort(all.begin(), all.end());
  auto const c = h.read();
  for (double p : {0.1, 1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    auto const rank = static_cast<std::size_t>(std::ceil(p / 100 * 20000));
    auto const exact = all[rank - 1];
    EXPECT_GE(c.percentile(p), exact) << p;
    EXPECT_LE(c.percentile(p) - exact, exact / 64) << p;
  }
  EXPECT_NEAR(c.mean(), sum / 20000, sum / 20000 / 64);
}

TEST(histogram, merging_is_recording_both) {
  weft::histogram a, b, both;
  for (std::uint64_t v = 1; v < 1'000'000'000; v = v * 3 + 1) {
    a.record(v);
    b.record(v * 7);
    both.record(v);
    both.record(v * 7);
  }
  auto c = a.read();
  c.merge(b.read());
  a.merge(b.read());
  EXPECT_TRUE(std::ranges::equal(c.buckets(), both.read().buckets()));
  EXPECT_TRUE(std::ranges::equal(a.read().buckets(), both.read().buckets()));
  EXPECT_EQ(c.count(), both.read().count());
}

TEST(histogram, threads_that_record_together_lose_nothing) {
  weft::histogram h;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&h, t] {
      for (std::uint64_t i = 0; i < 5000; ++i) h.record(i * (t + 1));
    });
  }
  for (int i = 0; i < 20; ++i) {
    auto const c = h.read();
    EXPECT_LE(c.count(), 40000u);
    EXPECT_LE(c.percentile(50), c.percentile(99));
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(h.read().count(), 40000u);
}

}  // namespace
