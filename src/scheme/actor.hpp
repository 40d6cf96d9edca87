// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record.hpp"

#include <weft/actor/actor.hpp>
#include <weft/actor/receive.hpp>

namespace weft::inline WEFT_ON::scheme::detail {

/// A message between Scheme tasks; the answer to one that is asked is as good as one.
struct letter {
  using reply = root;
  root content;
};

/// A Scheme task that lives in an actor's cell: its mailbox stays when it is started again.
class scheme_actor : public actor<letter> {
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

/// The same as a wait of its own, for a task that cannot be suspended.
[[nodiscard]] task<> wait_for_letter(record& r);

/// After the last slice of a life: true if there is more to run, which is its on-stop.
[[nodiscard]] bool begin_on_stop(record& r) noexcept;
/// The task has ended: its mailbox is closed, if it is its own.
void leave_mailbox(record& r) noexcept;
/// Throws what an actor's run() ends with, if that is no normal end.
void end_of_life(record& r);

/// The primitives of actors, in the module that is being made.
void define_actors();

}  // namespace weft::inline WEFT_ON::scheme::detail
