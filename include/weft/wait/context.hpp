// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/wait/frame.hpp>
#include <weft/wait/scope.hpp>
#include <weft/wait/waiter.hpp>

#include <exception>
#include <memory>

namespace weft::inline WEFT_ON {

/// What a wait is for, as shown to people.
struct wait_info {
  char const* verb = "";         // "recv", "lock", "sleep"
  void const* object = nullptr;  // the thing waited on
  char const* name = nullptr;    // its name, if it has one
};

/// What the driver of a wait needs of an operation, whatever its type.
///
/// threads   the owner of the wait
class wait_cases {
 public:
  /// Makes every case visible, or commits one. True: the wait has ended. Called again after each
  /// nudge: a case that hangs on its list already looks again and stays.
  [[nodiscard]] virtual bool publish(waiter& w) = 0;
  /// Takes back every case that is still visible. After this no other party starts a claim.
  virtual void withdraw() noexcept = 0;
  /// True once the losing cases have no effect left; else, if `w` is given, its wait is ended
  /// (with any case) when it is time to ask again.
  [[nodiscard]] virtual bool settle(waiter* w) noexcept = 0;
  [[nodiscard]] virtual wait_info describe() const noexcept = 0;
  /// True if this one case is all that the wait waits for.
  [[nodiscard]] virtual bool alone() const noexcept = 0;
  /// What to do when the wait has ended: the coroutine to go on with, if any.
  [[nodiscard]] virtual std::coroutine_handle<> ended(context& c) noexcept = 0;

 protected:
  ~wait_cases() = default;
};

namespace detail {
struct error_trace;
}

/// One line of execution: a spawned task with all it awaits, or a thread. What runs now, where, in
/// which scope, and the waiter it waits with.
///
/// threads   its owner, but for what waiter and scope offer to others
class context : public waiter, private job, public detail::scope_member {
  // Small fields first: they lie in the padding of the last base. A million may be asleep.
  std::uint8_t spent_ = 0;
  std::uint8_t shields_ = 0;
  bool settling_ : 1 = false;
  bool foreign_ : 1 = false;
  bool entered_ : 1 = false;
  bool resumes_ : 1 = false;  // a posted job goes on with next_; else with cases_
  case_id kept_ = no_case;    // how the wait ended, while the losers are taken back

 public:
  [[nodiscard]] executor* home() const noexcept { return home_; }
  void move_to(executor& ex) noexcept { home_ = &ex; }
  [[nodiscard]] detail::scope_state* scope_of() const noexcept { return scope_; }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }

  /// Starts a wait. True: it sleeps, and nothing of it may be touched; false: it has ended and
  /// winner() says how.
  [[nodiscard]] bool park(wait_cases& cases) noexcept;

  /// True if this wait may be seen as cancelled: the scope is and no shield is up.
  [[nodiscard]] bool cancel_due() const noexcept {
    return shields_ == 0 && scope_ != nullptr && scope_->cancelled();
  }
  [[nodiscard]] bool shielded() const noexcept { return shields_ != 0; }
  void raise_shield() noexcept { ++shields_; }
  void lower_shield() noexcept { --shields_; }

  /// Counts an operation that did not wait. True when it is time to let others run.
  [[nodiscard]] bool budget_spent() noexcept {
    return ++spent_ >= operations_per_turn || (spent_ % 16 == 0 && turn_over());
  }
  /// Queues this execution behind the others; it goes on with `h`.
  void yield_to_others(std::coroutine_handle<> h) noexcept;

  /// True if the running wait is for one thing only, which nothing but its owner can end.
  [[nodiscard]] bool waits_for_one() const noexcept { return cases_->alone(); }

  /// Timers of the running wait: on the executor, or folded into a thread's own sleep.
  virtual void arm_timer(timer& t) noexcept;
  virtual void disarm_timer(timer& t) noexcept;
  [[nodiscard]] virtual time_point now() const noexcept;
  [[nodiscard]] virtual bool is_thread() const noexcept { return false; }

  /// The frame at the top was told that its wait is cancelled: destroys frames, leaf first, up to
  /// one that takes cancellation as a value, and returns that one's coroutine.
  [[nodiscard]] std::coroutine_handle<> unwind() noexcept;

  /// Frame `f` has run to its end: the coroutine to go on with.
  [[nodiscard]] std::coroutine_handle<> complete(frame& f) noexcept;

  /// Goes on with `h` after the caller has suspended: by a tail call, or by the loop that resumed
  /// the caller. Touches no context: the caller's may run elsewhere already.
#if WEFT_TAIL_RESUME
  using transfer = std::coroutine_handle<>;
  [[nodiscard]] WEFT_RESUME_ABI static transfer go(std::coroutine_handle<> h) noexcept {
    return h ? h : std::coroutine_handle<>(std::noop_coroutine());
  }
#else
  using transfer = void;
  WEFT_RESUME_ABI static void go(std::coroutine_handle<> h) noexcept { leave_to_loop(h); }
#endif
  static void leave_to_loop(std::coroutine_handle<> h) noexcept;

  /// Resumes `h`, and what it goes on with, in the calling thread until one of them waits: for code
  /// that runs as this execution and is no coroutine.
  static void resume_here(std::coroutine_handle<> h) noexcept;

  /// The first frame of this execution has ended; the context may be gone afterwards.
  virtual void finished(frame& first, bool cancelled) noexcept = 0;

  /// The frame that owns the group this runs in, if there is one.
  [[nodiscard]] virtual frame* spawner() const noexcept { return nullptr; }

  frame* top = nullptr;                        // the frame that runs or waits
  std::unique_ptr<detail::error_trace> trace;  // of the exception on its way up

 protected:
  context(executor* home, detail::scope_state* in) noexcept;
  ~context();

  /// The turn of a wait that was woken: true when it has ended.
  [[nodiscard]] bool woken() noexcept;
  /// Leaves the scope's list: no cancellation reaches this execution any more. It still knows the
  /// scope.
  void leave_scope() noexcept;
  /// For a coroutine that is not weft's: it does not run "in" this context.
  void set_foreign() noexcept { foreign_ = true; }

 private:
  friend class detail::scope_state;
  friend struct dump_access;
  friend class running_as;
  static constexpr std::uint8_t operations_per_turn = 128;

  static void on_job(job& j) noexcept;
  void runs() noexcept;
  static void runs_again(context* before) noexcept;
  void wake() noexcept override;
  [[nodiscard]] bool advance() noexcept;
  [[nodiscard]] bool settle() noexcept;
  [[nodiscard]] bool settled() noexcept;
  [[nodiscard]] bool turn_over() noexcept;

  std::uint32_t since_ = 0;  // ms of the coarse clock
  std::uint64_t id_;
  executor* home_;
  detail::scope_state* scope_;
  union {
    wait_cases* cases_ = nullptr;
    void* next_;
  };
};

/// What runs on the calling thread: the task that it resumes, else the thread itself.
[[nodiscard]] context& current_context() noexcept;

/// While it lives, the calling thread runs an execution that is no coroutine.
///
/// threads   made and destroyed by the same thread; never held across co_await
class running_as {
 public:
  explicit running_as(context& c) noexcept;
  ~running_as();
  running_as(running_as const&) = delete;
  running_as& operator=(running_as const&) = delete;

 private:
  context* before_;
};

/// The thread's own context, whatever it resumes.
[[nodiscard]] context& thread_context() noexcept;

/// Waits in the calling thread until the cases have ended one way.
[[nodiscard]] case_id wait_in_thread(wait_cases& cases) noexcept;

/// Refuses to block where that would stop other tasks, or is forbidden.
///
/// throws    misuse_error, naming what to write instead
void must_not_be_worker(std::source_location const& where);

/// Marks the calling thread as a worker, whose blocking would stop other tasks, or unmarks it;
/// returns what it was.
bool mark_worker(bool is_one) noexcept;

/// While `why` is set, must_not_be_worker() throws it in the calling thread: "a wait at x.cpp:7 " +
/// why. Null allows waiting again; returns what was set before.
char const* forbid_waiting(char const* why) noexcept;

}  // namespace weft::inline WEFT_ON
