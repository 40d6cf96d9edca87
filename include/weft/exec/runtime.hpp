// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/wait/scope.hpp>

#include <functional>
#include <memory>
#include <string>

namespace weft::inline WEFT_ON {

namespace detail {
struct machinery;
}  // namespace detail

/// A source of events, such as sockets, that one parked worker waits in.
///
/// threads   poll by one worker at a time; wake from any thread
class poller {
 public:
  virtual ~poller() = default;
  /// Handles what is ready; blocks until something is, wake() is called or `deadline` passes.
  virtual void poll(time_point deadline) = 0;
  /// Makes a poll() that runs, or the next one, return soon.
  virtual void wake() noexcept = 0;
};

/// Workers that run tasks: each has a queue, steals when it is empty, and parks when all are.
///
/// threads   every member, from any thread
/// blocks    only the destructor
/// cost      an idle runtime makes no system call and uses no processor time
/// lifetime  the destructor cancels the root scope, waits until the work has ended, and joins
class runtime final : public executor {
 public:
  /// Calls the body it is given, around whatever the host needs.
  using around = std::function<void(std::function<void()> const&)>;

  struct options {
    unsigned workers = 0;           // 0: as many as the process may use, or WEFT_WORKERS
    unsigned blocking_threads = 0;  // 0: twice the processors, at least 4
    unsigned spare_workers = 64;    // at most so many stand in for workers that block
    std::string name = "weft";      // of the threads
    around around_worker{};         // wraps the life of each worker thread
    around around_park{};           // wraps each sleep of a worker
    weft::poller* events = nullptr; // one parked worker waits in it; outlives the runtime
  };

  struct statistics {
    std::uint64_t jobs = 0, steals = 0, parks = 0, wakes = 0;
    unsigned workers = 0, idle = 0, spare = 0;  // spare: standing in for blocked ones
    unsigned threads = 0, blocking = 0;         // of tasks; of the blocking pool
  };

  /// throws    std::system_error if no thread can be made; misuse_error for a bad option
  runtime();
  explicit runtime(options o);
  ~runtime();
  runtime(runtime const&) = delete;
  runtime& operator=(runtime const&) = delete;

  void post(job& j) noexcept override;
  void post_next(job& j) noexcept override;
  [[nodiscard]] time_point now() const noexcept override;
  void arm(timer& t) noexcept override;
  void disarm(timer& t) noexcept override;
  void blocking_begin() noexcept override;
  void blocking_end() noexcept override;

  /// Queues `j` on the pool of threads that may block.
  ///
  /// throws    std::system_error if no thread can be made; `j` is not queued then
  void post_blocking(job& j);
  /// Takes `j` back if no thread has begun it.
  [[nodiscard]] bool take_back_blocking(job& j) noexcept;
  /// True while that pool runs or holds a job.
  [[nodiscard]] bool blocking_busy() const noexcept;

  /// The scope above everything that runs here.
  [[nodiscard]] scope root() const noexcept;
  [[nodiscard]] unsigned workers() const noexcept;
  [[nodiscard]] statistics stats() const noexcept;

  /// Every task with its chain of awaits, what it waits for and since when.
  ///
  /// cost      stops each sleeping task for the time of a look; for people, not for loops
  [[nodiscard]] std::string dump() const;

  /// Work that the destructor has to wait for: counted by whoever starts it from outside.
  void begin_work() noexcept;
  void end_work() noexcept;

  /// Cancels the root and waits at most `limit`; true if all work has ended.
  bool wind_down(std::string_view reason, duration limit) noexcept;

  /// Calls f once when all workers have slept for a while though work is held and no timer runs:
  /// nothing inside will wake it. Never called with a poller, whose events come from outside.
  ///
  /// blocks    while the function set before runs, so not from it
  void on_all_asleep(std::function<void()> f);

  /// True on a worker of this runtime.
  [[nodiscard]] bool on_worker() const noexcept;

 private:
  std::unique_ptr<detail::machinery> inside_;
};

/// The runtime that serves whoever names none; started on first use with one worker for each
/// processor the process may use (or WEFT_WORKERS), never destroyed.
///
/// At exit it takes no more work, cancels its root and waits for at most a second.
[[nodiscard]] runtime& default_runtime();

namespace detail {
/// Makes the default runtime the executor of whoever has none; done by including this header.
bool serve_by_default() noexcept;
[[maybe_unused]] inline bool const served_by_default = serve_by_default();
}  // namespace detail

/// The runtime whose worker this is, else the default one.
[[nodiscard]] runtime& current_runtime();

/// While it lives, the worker that made it may block: another thread takes its place.
///
/// threads   made and destroyed by the same thread; never held across co_await
/// cost      wakes or starts a thread when tasks wait
class blocking_region {
 public:
  blocking_region() noexcept;
  ~blocking_region();
  blocking_region(blocking_region const&) = delete;
  blocking_region& operator=(blocking_region const&) = delete;

 private:
  runtime* of_;
};

}  // namespace weft::inline WEFT_ON
