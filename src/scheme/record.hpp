// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "guile.hpp"
#include "lane.hpp"

#include <weft/actor/ref.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/scheme/error.hpp>
#include <weft/sync/gate.hpp>
#include <weft/task/task.hpp>

namespace weft::inline WEFT_ON {
struct down;
}

namespace weft::inline WEFT_ON::scheme::detail {

class core;
class transaction;
struct letter;

/// What most tasks never need, made for those that do.
struct rarities {
  SCM name;
  SCM stack;             // where the condition was raised that it ended with
  SCM locals;            // values that belong to the task
  SCM self;              // its reference, once it has been asked for
  SCM watched;           // actors whose end it is to hear of
  SCM touched;           // variables that the transaction knows
  SCM question;          // that the message received last is, or #f
  transaction* attempt;  // while it is in one
};

/// A Scheme task, as an object of Scheme's heap: it lives as long as somebody knows it, and while
/// it runs. No destructor ever runs, so its members own nothing once the task has ended.
///
/// threads   whoever runs the slice; `done`, and the fields that it publishes, everybody
struct record {
  enum class wait : std::uint8_t { none, yield, task, letter };
  enum class is : std::uint8_t { task, actor };

  scm_t_bits type;  // what makes it a Scheme object
  SCM k;            // the thunk at first, then the continuation
  SCM answer;       // what the continuation goes on with
  SCM outcome;      // the value, or the condition it ended with
  SCM on;           // what it waits for: nothing else may keep it alive
  SCM module;       // the current one: put back at each slice
  SCM on_stop;      // of an actor: a procedure of the reason, or #f
  core* of;
  ref<letter, down> box;          // its mailbox, once it has one
  rarities* rare;                 // null: none was needed yet
  void* pending;                  // the coroutine that waits for it
  weft::detail::scope_state* in;  // while it lives
  spin_lock lock;                 // of `in`
  wait what;
  is kind;
  bool owns_box;  // an inbox: it is no actor's
  bool started;
  bool failed;                  // `outcome` is a condition
  bool answer_failed;           // `answer` is to be raised
  bool asleep;                  // a slice has ended with a wait
  bool ending;                  // it has failed, and is not interrupted any more
  atoms::atomic<bool> noticed;  // somebody was given the outcome
  bool tries_again;             // the transaction's attempt is over, another one comes
  gate done;

  [[nodiscard]] static record& make(core& of, SCM thunk, SCM name);
  /// The task of an object; null if it is none.
  [[nodiscard]] static record* of_object(SCM x) noexcept;
  [[nodiscard]] SCM object() noexcept { return SCM_PACK_POINTER(this); }
  [[nodiscard]] bool is_done() const noexcept { return done.is_open(); }
  [[nodiscard]] transaction* attempt() const noexcept { return rare ? rare->attempt : nullptr; }
  [[nodiscard]] SCM question() const noexcept { return rare ? rare->question : SCM_BOOL_F; }
  /// Sets the question; gives the one before.
  SCM swap_question(SCM q) {
    if (!rare && scm_is_false(q)) return SCM_BOOL_F;
    return std::exchange(more().question, q);
  }
  [[nodiscard]] SCM name() const noexcept { return rare ? rare->name : SCM_BOOL_F; }
  [[nodiscard]] SCM stack() const noexcept { return rare ? rare->stack : SCM_BOOL_F; }
  [[nodiscard]] SCM locals() const noexcept { return rare ? rare->locals : SCM_EOL; }
  /// To be written; raises if there is no memory.
  [[nodiscard]] rarities& more();

  /// Ends the wait with a value, or with a condition to raise.
  void answer_with(SCM v) noexcept {
    answer = v;
    answer_failed = false;
  }
  void answer_raising(SCM condition) noexcept {
    answer = condition;
    answer_failed = true;
  }
};

/// The task that the calling thread runs.
[[nodiscard]] inline record* current_record() noexcept {
  auto* const l = lane::of_thread();
  return l ? l->current : nullptr;
}

/// Notes the wait of the running task; what the primitive returns.
SCM must_wait(record& r, task<> how, SCM on);
SCM must_yield(record& r);

/// Starts a task; it is the child of the scope given.
void start(record& r, scope const& below);

/// What the task ended with, for C++.
[[nodiscard]] scheme_error error_of(record& r);

/// An SCM of the failure that a C++ wait ended with. In Guile mode.
[[nodiscard]] SCM condition_of(std::exception_ptr e) noexcept;
[[nodiscard]] std::exception_ptr exception_of(SCM condition) noexcept;
[[nodiscard]] SCM cancelled_condition(std::string const& reason) noexcept;

/// Ends the wait of `r` as `how` ended; true if that is with a value, for the caller to give.
template <class T>
bool answered(record& r, result<T>& how) {
  if (how.has_value()) return true;
  r.answer_raising(how.cancelled() ? cancelled_condition(how.reason()) : condition_of(how.error()));
  return false;
}

}  // namespace weft::inline WEFT_ON::scheme::detail
