// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/base/list.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/mem/frame.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weft::inline WEFT_ON {

class context;

namespace detail {

class scope_state;

/// What stands in a scope's list: a child scope, an execution, or one wait of another execution.
struct scope_member : list_hook<scope_member> {
  enum class kind : std::uint8_t { child, execution, link, listener };
  explicit scope_member(kind k) noexcept : what(k) {}
  kind what;
};

/// One that has no wait to be ended and is told instead when its scope is cancelled.
///
/// threads   told by the canceller, under the scope's lock: it sets a word and posts a job, no more
struct scope_listener : scope_member {
  struct action {
    void (*cancelled)(scope_listener&) noexcept;
  };
  scope_listener() noexcept : scope_member(kind::listener) {}

  // The owner's own, where padding would be.
  std::uint8_t marks = 0;
  spin_lock lock;
  atoms::atomic<std::uint32_t> word{0};

  action const* heard = nullptr;
};

/// The shared part of a scope; counted by its handles, its children and those who run in it.
class scope_state final : public scope_member {
 public:
  /// A child of `parent` (null: a root), born cancelled if the parent is.
  [[nodiscard]] static scope_state* make(scope_state* parent);
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }

  void ref() noexcept;
  void unref() noexcept;

  [[nodiscard]] bool cancelled() const noexcept {
    return status_.load(weft::acquire) != live;  // sub scope.cancel
  }
  /// As cancelled(), for the owner of a wait that has just been opened.
  [[nodiscard]] bool cancelled_after_begin() const noexcept {
    return status_.load(weft::seq_cst) != live;  // dek wait.cancel
  }
  [[nodiscard]] atoms::atomic<std::uint32_t> const& status() const noexcept { return status_; }
  /// Valid, and constant, once cancelled() is true.
  [[nodiscard]] std::string const& reason() const noexcept;

  /// True for the call that did it. Wakes every wait below; does not wait for the work to end.
  bool cancel(std::string_view reason, bool late = false) noexcept;

  void enter(scope_member& m) noexcept;
  void leave(scope_member& m) noexcept;

  /// Cancels at time `t`, on the clock of `ex`; the earliest of several calls counts.
  void cancel_at(time_point t, executor& ex);
  /// True if it was a deadline that cancelled it. Valid, and constant, once cancelled() is true.
  [[nodiscard]] bool late() const noexcept { return late_; }

  /// Calls f for each execution below, while that scope's lock is held: f must be quick.
  void visit(std::function<void(context&)> const& f);

 private:
  struct deadline : timer {
    deadline(scope_state& s, executor& e) noexcept : timer(on_expiry), of(&s), on(&e) {}
    static bool due(timer& t) noexcept;
    static void fire(timer& t) noexcept;
    static constexpr timer::action on_expiry{due, fire};
    scope_state* of;
    executor* on;
    deadline* next = nullptr;
  };
  static constexpr std::uint32_t live = 0;
  static constexpr std::uint32_t dead = 1;

  scope_state() noexcept : scope_member(kind::child) {}
  ~scope_state() = default;
  [[nodiscard]] bool try_ref() noexcept;
  [[nodiscard]] bool kill(std::string_view reason, bool late) noexcept;
  static void claim_member(scope_member& m, context*& claimed) noexcept;

  atoms::atomic<std::uint32_t> status_{live};
  atoms::atomic<std::uint32_t> refs_{1};
  spin_lock lock_;
  scope_state* parent_ = nullptr;
  scope_state* chain_ = nullptr;  // of the states that one cancel still has to reach
  list<scope_member> members_;
  std::unique_ptr<std::string const> reason_;  // null: empty. Most scopes never have one
  deadline* deadlines_ = nullptr;              // each call adds one; they go with the scope
  atoms::var<bool> late_ = false;
};

/// The word that says whether the scope of the calling code was cancelled; one that stays zero if
/// there is no scope.
#if defined(__x86_64__) && defined(__ELF__) && !defined(WEFT_MODEL)
#define WEFT_CANCEL_WORD_BY_HAND 1
// Read by hand, so that no compiler keeps the thread's address over a suspension.
inline atoms::atomic<std::uint32_t> const& cancel_word() noexcept {
  atoms::atomic<std::uint32_t> const* at;
  asm volatile(  // tidy: allow direct: a thread's word, read anew each time and without a call
      "movq weft_running@gottpoff(%%rip), %0\n\t"
      "movq %%fs:(%0), %0"
      : "=r"(at));
  return *at;
}
#else
#define WEFT_CANCEL_WORD_BY_HAND 0
[[nodiscard]] atoms::atomic<std::uint32_t> const& cancel_word() noexcept;
#endif

}  // namespace detail

/// A node of the cancellation tree: cancelling one ends every wait below it, now and later.
///
/// Counted: copies are the same scope. A scope cancels; it owns no work: use a group for that.
///
/// threads   every member, from any thread
/// blocks    never
/// lifetime  handles may go before the work that runs in the scope
class scope {
 public:
  /// A child of the scope that the calling code runs in (in a plain thread: a root).
  ///
  /// throws    std::bad_alloc
  scope();
  scope(scope const& other) noexcept;
  scope(scope&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  scope& operator=(scope other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~scope();

  /// A scope that no other one cancels.
  [[nodiscard]] static scope root();
  /// A child of this scope.
  [[nodiscard]] scope child() const;

  /// Ends every wait in this scope and below as cancelled, those made later too.
  ///
  /// The first reason counts. Returns true if this call was the first.
  /// cost      one claim and one post for each wait that is open; allocates only for the reason
  bool cancel(std::string_view reason = {}) noexcept { return state_ && state_->cancel(reason); }

  /// Cancels the scope once `d` has passed, or at `t`; the earliest of several calls counts.
  ///
  /// At a boundary such as `| with(s)` that gives timeout_error instead of cancelled.
  /// cost      one allocation, freed with the scope
  /// lifetime  the executor of the calling code outlives the scope
  void cancel_after(duration d);
  void cancel_at(time_point t);

  /// cost      one load
  [[nodiscard]] bool cancelled() const noexcept { return state_ && state_->cancelled(); }
  /// Why; empty while the scope lives.
  [[nodiscard]] std::string reason() const { return cancelled() ? state_->reason() : ""; }

  [[nodiscard]] detail::scope_state* state() const noexcept { return state_; }
  /// Takes over one reference.
  explicit scope(detail::scope_state* adopted) noexcept : state_(adopted) {}

 private:
  detail::scope_state* state_;
};

/// The scope that the calling code runs in.
[[nodiscard]] scope this_scope() noexcept;

/// True if the scope that the calling code runs in was cancelled. Not affected by shields.
///
/// cost      three loads on x86-64, half a nanosecond; elsewhere two calls and two loads
[[nodiscard]] inline bool is_cancelled() noexcept {
  return detail::cancel_word().load(weft::acquire) != 0;  // sub scope.cancel
}

/// While it lives, waits of the task (or thread) that made it are not ended by cancellation.
///
/// Nests. A cancellation that comes meanwhile is seen at the first wait that parks afterwards.
///
/// threads   made and destroyed by the same task
class shield {
 public:
  shield() noexcept;
  ~shield();
  shield(shield const&) = delete;
  shield& operator=(shield const&) = delete;

 private:
  context* of_;
};

}  // namespace weft::inline WEFT_ON
