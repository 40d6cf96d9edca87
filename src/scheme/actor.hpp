// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record.hpp"

#include <weft/actor/actor.hpp>
#include <weft/actor/receive.hpp>
#include <weft/actor/watch.hpp>

namespace weft::inline WEFT_ON::scheme::detail {

/// A message between Scheme tasks; the answer to one that is asked is as good as one.
struct letter {
  using reply = root;
  root content;
};

/// What a Scheme mailbox takes: letters, and the ends of actors that are watched.
using address = ref<letter, down>;
using mailbox_wait = weft::detail::receive_operation<letter, down>;

/// A Scheme task that lives in an actor's cell: its mailbox stays when it is started again.
class scheme_actor : public actor<letter, down> {
 public:
  /// `task` is a record that was never started.
  explicit scheme_actor(root task) noexcept : task_(std::move(task)) {}
  scheme_actor(scheme_actor&&) noexcept = default;
  ~scheme_actor();
  task<> run();

 private:
  root task_;
};

/// Waits for the next message of the task; gives it to the task itself.
class letter_wait : public operation_base<letter_wait>, public weft::detail::receive_wait {
 public:
  using result_type = void;
  using receive_wait::describe;
  using receive_wait::try_commit, receive_wait::publish, receive_wait::withdraw;
  static constexpr bool catches = true;
  explicit letter_wait(record& r) noexcept;
  void take(case_id i);

 private:
  record* for_;
};

/// Argument `at` of primitive `who`: an actor or a supervisor.
[[nodiscard]] ref<> any_actor_argument(char const* who, int at, SCM x);
/// What the options of a spawn say of the mailbox; one that is bounded makes senders wait.
[[nodiscard]] mailbox_bounds bounds_of(SCM options);
/// The object of a reference.
[[nodiscard]] SCM object_of(address const& a);
/// Why an actor has ended: a symbol, or the condition.
[[nodiscard]] SCM reason_of(exit_reason const& why) noexcept;

/// The same as a wait of its own, for a task that cannot be suspended.
[[nodiscard]] task<> wait_for_letter(record& r);

/// After the last slice of a life: true if there is more to run, which is its on-stop.
[[nodiscard]] bool begin_on_stop(record& r) noexcept;
/// The task has ended: its mailbox is closed, if it is its own.
void leave_mailbox(record& r) noexcept;
/// Throws what an actor's run() ends with, if that is no normal end.
void end_of_life(record& r);

/// A record for a life like that of `kind`, an actor's that never runs itself.
[[nodiscard]] record& another_life(record const& kind);
/// An actor's record, not started, from the alist of its options.
[[nodiscard]] record& actor_record(core& of, SCM thunk, SCM name, SCM options);

/// The question that the task has received last and not answered ends without an answer.
void drop_question(record& r) noexcept;

/// The mailbox of the running task, for primitive `who`; made if it has none.
[[nodiscard]] record& receiver(char const* who);

/// The primitives of actors, in the module that is being made.
void define_actors();
void define_mailboxes();
void define_supervisors();

}  // namespace weft::inline WEFT_ON::scheme::detail
