// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <support/duration.hpp>
#include <support/seed.hpp>

#include <weft/base/atoms.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

// Scenarios on real threads.
namespace weft_test {

/// Pseudo-random numbers for pauses (xorshift, Marsaglia 2003).
class dice {
 public:
  explicit dice(std::uint64_t seed) noexcept
      : state_(static_cast<std::uint32_t>(seed ^ (seed >> 32)) | 1) {}
  std::uint32_t operator()() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ >> 3;
  }
  /// Mostly nothing, sometimes some pauses, now and then the rest of the time slice.
  void pause() noexcept {
    auto const d = (*this)();
    if (d % 4 == 0) weft::native::pause(d / 4 % 256);
    if (d % 16 == 1) weft::native::yield();
  }

 private:
  std::uint32_t state_;
};

/// A place in a test's own primitive where the thread may be held up: between two looks, say.
inline void may_be_held_up() {
  static std::atomic<std::uint64_t> made{0};
  thread_local dice chance(++made * 0x9e3779b97f4a7c15u);
  chance.pause();
}

/// Runs the bodies of a scenario in real threads, which live as long as this does.
class runner {
 public:
  explicit runner(unsigned most) : bodies_(most), chances_() {
    auto const s = seed();
    for (unsigned i = 0; i < most; ++i) chances_.emplace_back(s + i * 7919);
    for (unsigned i = 0; i < most; ++i) threads_.emplace_back([this, i] { life(i); });
  }
  runner(runner const&) = delete;
  runner& operator=(runner const&) = delete;
  ~runner() {
    used_ = 0;
    ++round_;
    for (auto& t : threads_) t.join();
  }

  /// Of the checker: real threads do what they have to when it comes to it.
  void prepare(std::function<void()> const&) {}

  /// Runs each body in a thread of its own; returns when all have ended.
  template <class... Bodies>
  void operator()(Bodies&&... bodies) {
    std::size_t n = 0;
    ((bodies_.at(n++) = std::ref(bodies)), ...);
    ended_ = 0;
    used_ = sizeof...(bodies);
    ++round_;
    while (ended_ != threads_.size()) weft::native::yield();
  }

 private:
  void life(unsigned i) {
    for (unsigned seen = 0;;) {
      while (round_ == seen) weft::native::yield();
      ++seen;
      if (used_ == 0) return;
      if (i < used_) {
        chances_[i].pause();
        bodies_[i]();
      }
      ++ended_;
    }
  }

  std::vector<std::function<void()>> bodies_;
  std::vector<dice> chances_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::size_t> ended_{0};
  std::atomic<unsigned> round_{0};
  std::vector<std::thread> threads_;
};

/// In a scenario: what must hold.
inline void expect(bool holds, std::string_view what = {}) { EXPECT_TRUE(holds) << what; }
template <class A, class B>
void expect_equal(A const& got, B const& expected) {
  EXPECT_EQ(got, expected);
}

/// Runs a scenario again and again, for 300 ms or what WEFT_DURATION says.
inline void try_out(auto const& scenario) {
  runner run{4};
  auto const end = weft::clock::now() + duration(std::chrono::milliseconds(300));
  unsigned long times = 0;
  do {
    for (int i = 0; i < 16; ++i, ++times) scenario.body(run);
  } while (weft::clock::now() < end && !testing::Test::HasFailure());
  std::printf("%lu times\n", times);
}

}  // namespace weft_test
