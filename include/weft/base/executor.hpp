// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/list.hpp>

#include <concepts>

namespace weft::inline WEFT_ON {

/// A piece of work that stands in a queue by its own link: posting one allocates nothing.
///
/// lifetime  alive until run() was called; run() may destroy it
struct job {
  using function = void (*)(job&) noexcept;
  explicit job(function f) noexcept : run(f) {}
  job(job const&) = delete;
  job& operator=(job const&) = delete;

  job* next = nullptr;  // the queue's
  function run;
};

/// A point in time at which something happens, unless it is taken back first.
///
/// Expiry has two steps. `due` is called under the lock of the timer's wheel and says whether the
/// timer still matters; only then is `fire` called, after the lock was let go. So a wait is
/// claimed while the timer cannot be disarmed, and completed while no lock is held; a timer whose
/// `due` answered false is not touched again.
struct timer : list_hook<timer> {
  struct action {
    bool (*due)(timer&) noexcept;
    void (*fire)(timer&) noexcept;
  };
  explicit timer(action const& a) noexcept : kind(&a) {}
  /// Copies what it does, not where it hangs: a timer is moved only while it is not armed.
  timer(timer const&) noexcept = default;
  timer& operator=(timer const&) noexcept = default;

  time_point when{};
  action const* kind;
  std::uint16_t wheel = 0;  // whose lock guards it, set by arm()
  std::uint16_t slot = 0;   // where in the wheel it hangs
};

/// Where work runs. The runtime, a strand, a loop and the simulator are executors.
///
/// threads   every member, from any thread
class executor {
 public:
  /// Queues `j` behind what is queued. Allocates nothing and cannot fail.
  virtual void post(job& j) noexcept = 0;
  /// Queues `j` to run soon, on the calling worker if there is one: for work just made ready.
  virtual void post_next(job& j) noexcept { post(j); }

  [[nodiscard]] virtual time_point now() const noexcept = 0;
  /// Starts `t`, which expires at t.when.
  virtual void arm(timer& t) noexcept = 0;
  /// Takes `t` back. Once this returns, `t` is not touched any more, unless due() said true.
  virtual void disarm(timer& t) noexcept = 0;

  /// The calling thread is about to block outside of weft, and has come back.
  virtual void blocking_begin() noexcept {}
  virtual void blocking_end() noexcept {}

 protected:
  ~executor() = default;
};

/// The executor that serves whoever has none: set by the layer that has workers, started on first
/// use. Dies if the program links none.
[[nodiscard]] executor& default_executor() noexcept;
void set_default_executor(executor& (*make)() noexcept) noexcept;

/// What resume_on, spawn and group accept.
template <class E>
concept executor_like = std::derived_from<E, executor>;

}  // namespace weft::inline WEFT_ON
