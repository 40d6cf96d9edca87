// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/exec/timer_wheel.hpp>
#include <weft/exec/visitors.hpp>

namespace weft::inline WEFT_ON {

/// An executor that runs its jobs in whichever thread calls run(), run_one() or poll().
///
/// For a host that has a loop of its own, for a thread that must not change, and for tests.
///
/// threads   post, arm, disarm and stop from any thread; run, run_one and poll by one at a time
/// blocks    run() until stop(); run_one() until a job or timer has run, or stop()
/// lifetime  jobs that wait are not run by the destructor: end their tasks first
class loop final : public executor {
 public:
  /// What tells the time: timers, timeouts and deadlines of the tasks on this loop go by it.
  using clock_function = time_point (*)() noexcept;

  loop() : loop([]() noexcept { return atoms::now(); }) {}
  /// A loop on a clock of its own, for tests: move the clock, then poll(). run() and run_one()
  /// sleep by the real one, so they are not for it.
  explicit loop(clock_function tell) : now_(tell), wheel_(tell()) {}
  ~loop() { outside_.wait(); }
  loop(loop const&) = delete;
  loop& operator=(loop const&) = delete;

  /// Runs jobs and timers until stop(); returns how many.
  std::size_t run();
  /// Runs one, waiting for it if need be; 0 after stop().
  std::size_t run_one();
  /// Runs until nothing is ready, without waiting; returns how many. A task that only yields is
  /// ready for ever: give it something to wait for.
  std::size_t poll();
  /// Makes run() and run_one() return; the next call of one of them works again.
  void stop() noexcept;

  void post(job& j) noexcept override;
  [[nodiscard]] time_point now() const noexcept override { return now_(); }
  void arm(timer& t) noexcept override;
  void disarm(timer& t) noexcept override { wheel_.remove(t); }

 private:
  [[nodiscard]] job* pop() noexcept;
  void expire_due() noexcept;
  [[nodiscard]] std::size_t run_ready(std::size_t most);
  [[nodiscard]] std::size_t run_at_least_one(std::size_t most);
  void signal() noexcept;

  spin_lock lock_;
  job* first_ = nullptr;
  job* last_ = nullptr;
  bool stopped_ = false;
  atoms::atomic<std::uint32_t> changes_{0};
  clock_function now_;
  timer_wheel wheel_;
  detail::visitors outside_;
};

}  // namespace weft::inline WEFT_ON
