// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/restart.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>

// A thread that sits in a read phase and writes down each step it does there: the one thing a read
// phase must not do, so that a test sees whether a step comes after it should have ended.
namespace weft_test {

using weft::detail::signalling;
using neutralizer = weft::detail::neutralizer<weft::native>;
using restart_point = weft::detail::restart_point<weft::native>;

class reading_thread {
 public:
  /// `before` and `after` run in the thread, outside of read phases.
  explicit reading_thread(
      std::function<void()> before = [] {}, std::function<void()> after = [] {})
      : thread_([this, before = std::move(before), after = std::move(after)] {
          before();
          neutralizer::prepare(point);
          ready_ = true;
          while (!done_) stay();
          after();
          ended_ = true;
        }) {
    while (!ready_) std::this_thread::yield();
  }
  reading_thread(reading_thread const&) = delete;
  reading_thread& operator=(reading_thread const&) = delete;
  ~reading_thread() { join(); }

  void join() {
    done_ = true;
    if (thread_.joinable()) thread_.join();
  }
  void ask_to_end() { done_ = true; }
  [[nodiscard]] bool ended() const { return ended_; }

  /// The run of the read phase it is in, above its steps.
  [[nodiscard]] std::uint64_t steps() const { return steps_.load(); }
  [[nodiscard]] static std::uint64_t run_of(std::uint64_t steps) { return steps >> 40; }

  /// Waits until it is some steps into a read phase, and says which step.
  std::uint64_t wait_until_reading() const {
    for (;;) {
      auto const at = steps();
      if (point.phase.load() == weft::detail::phase_reading && (at & low) > 3) return at;
      std::this_thread::yield();
    }
  }

  /// Sends, and waits for the acknowledgement where that is needed.
  signalling neutralize() {
    auto const seen = steps();
    auto const how = neutralizer::send(point);
    if (how == signalling::sent && neutralizer::confirm()) return how;
    if (how == signalling::sent || how == signalling::awaited) {
      while (run_of(steps()) == run_of(seen)) std::this_thread::yield();
      return signalling::awaited;
    }
    return how;
  }

  restart_point point;

 private:
  static constexpr std::uint64_t low = (std::uint64_t{1} << 40) - 1;

  // Leaves by itself only at the end.
  void stay() {
    weft::detail::restartable(point, [this]() noexcept {
      auto const run = run_of(steps_.load(std::memory_order_relaxed)) + 1;
      steps_.store(run << 40, std::memory_order_relaxed);
      point.phase.store(weft::detail::phase_reading, std::memory_order_relaxed);
      std::uint64_t step = run << 40;
      while (!done_.load(std::memory_order_relaxed)) {
        steps_.store(++step, std::memory_order_release);
      }
      point.phase.store(weft::detail::phase_idle, std::memory_order_release);
      return 0;
    });
  }

  std::atomic<std::uint64_t> steps_{0};
  std::atomic<bool> ready_{false}, done_{false}, ended_{false};
  std::thread thread_;
};

}  // namespace weft_test
