// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "idle_set.hpp"
#include "injection.hpp"
#include "worker.hpp"

#include <weft/exec/runtime.hpp>
#include <weft/exec/visitors.hpp>

#include <memory>
#include <vector>

namespace weft::inline WEFT_ON::detail {

/// The inside of a runtime. README.md beside this file has the protocol of parking and its proof.
///
/// threads   what runtime offers, from any thread; the rest by the worker that it is given
class scheduler {
 public:
  scheduler(runtime& r, runtime::options o);
  ~scheduler();

  void post(job& j) noexcept;
  void post_next(job& j) noexcept;
  void arm(timer& t) noexcept;
  void disarm(timer& t) noexcept;
  void blocking_begin() noexcept;
  void blocking_end() noexcept;

  void begin_work() noexcept { held_.fetch_add(1, relaxed); }    // rlx count
  void end_work() noexcept;
  bool wait_for_work(time_point limit) noexcept;

  [[nodiscard]] runtime::statistics stats() const noexcept;
  [[nodiscard]] unsigned workers() const noexcept { return regular_; }
  [[nodiscard]] worker* mine() const noexcept;
  void on_all_asleep(std::function<void()> f);

  scope root = scope::root();
  runtime* const facade;

  /// The worker that the calling thread is, of whichever scheduler.
  [[nodiscard]] static worker* of_thread() noexcept;

 private:
  static void start_thread(worker& w);
  void stop_all() noexcept;
  void thread_main(worker& w) noexcept;
  void loop(worker& w) noexcept;
  [[nodiscard]] job* next(worker& w) noexcept;
  static void plan_next_check(worker& w) noexcept;
  [[nodiscard]] job* from_injection(worker& w) noexcept;
  [[nodiscard]] job* from_next_up(worker& w) noexcept;
  void push(worker& w, job& j) noexcept;
  void overflow(worker& w, job& j) noexcept;
  void run_timers() noexcept;
  void arm_at(unsigned i, timer& t) noexcept;

  [[nodiscard]] job* search(worker& w) noexcept;
  [[nodiscard]] job* steal(worker& w, bool also_next_up) noexcept;
  void found(worker& w) noexcept;
  void notify() noexcept;
  void tell(worker& w) noexcept;
  void park(worker& w) noexcept;
  void sleep(worker& w, bool keeper) noexcept;
  [[nodiscard]] bool work_in_sight() noexcept;
  [[nodiscard]] time_point keeper_deadline(bool& diagnosing) noexcept;
  void wake_keeper() noexcept;
  void diagnose() noexcept;
  [[nodiscard]] bool retire(worker& w) noexcept;
  void stand_in(unsigned blocked) noexcept;
  void poll_events(worker& w) noexcept;
  /// Workers that have a thread: what a thief or a timekeeper looks at.
  [[nodiscard]] unsigned reach() const noexcept {
    return regular_ + spares_made_.load(relaxed);  // rlx ordered: by F1 and F2, as the rings are
  }
  /// True if no worker runs anything, blocked ones included.
  [[nodiscard]] bool all_idle() const noexcept {
    return idle_.count() >= regular_ + standing_in_.load(relaxed);  // rlx hint
  }
  /// True if no worker runs anything that may leave a job in its own slot.
  [[nodiscard]] bool nobody_runs() const noexcept {
    return idle_.count() + blocked_.load(relaxed) >=             // rlx hint
           regular_ + standing_in_.load(relaxed);                // rlx hint
  }
  [[nodiscard]] bool stopping() const noexcept {
    return stop_.load(acquire);                                  // sub exec.stop
  }

  runtime::options options_;
  unsigned regular_;
  time_point start_ = atoms::now();
  std::vector<std::unique_ptr<worker>> workers_;  // regular ones, then spares; never grows
  injection injected_;
  idle_set idle_;
  alignas(cache_line) atoms::atomic<int> searching_{0};
  alignas(cache_line) atoms::atomic<worker*> keeper_{nullptr};
  atoms::atomic<std::int64_t> keeper_wakes_at_{awake};
  alignas(cache_line) atoms::atomic<std::uint32_t> held_{0};  // pieces of work begun from outside
  atoms::atomic<bool> stop_{false};
  atoms::atomic<unsigned> blocked_{0}, standing_in_{0};
  atoms::atomic<std::uint64_t> wakes_{0};
  alignas(cache_line) visitors outside_;

  spin_lock spare_lock_;
  std::vector<worker*> resting_;  // spares that wait to be needed, with a thread or without one
  atoms::atomic<unsigned> spares_made_{0};

  spin_lock diagnosis_lock_;
  std::function<void()> diagnosis_;
  bool diagnosing_ = false;
  std::uint64_t diagnosed_at_ = ~std::uint64_t{0};

  static constexpr std::int64_t awake = INT64_MIN;  // nobody keeps time: all run, or will look
};

}  // namespace weft::inline WEFT_ON::detail
