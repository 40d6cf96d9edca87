// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/operation.hpp>

namespace weft::inline WEFT_ON::detail {

/// How a weft task waits for an operation: in the frame, beside the operation, which lives until
/// the end of the statement.
template <class Op>
class op_awaiter final : public wait_cases {
 public:
  op_awaiter(Op& op, frame& f, std::source_location const& site) noexcept
      : op_(&op), frame_(&f) {
    f.site = site;
  }
  op_awaiter(op_awaiter const&) = delete;
  op_awaiter& operator=(op_awaiter const&) = delete;

  bool await_ready() {
    auto& c = *frame_->running_in;
    auto const won = op_->try_commit();
    c.stage(won);
    return won != no_case && !c.budget_spent();
  }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<> h) noexcept {
    auto& c = *frame_->running_in;
    if (c.winner() != no_case) {  // it has committed, but it is the turn of others
      c.yield_to_others(h);
      return context::go({});
    }
    if (c.park(*this)) return context::go({});
    return context::go(ended(c));
  }
  typename Op::result_type await_resume() {
    // Taken out of the frame: one that is awaited a second time is found to be empty.
    Op used(std::move(*op_));
    return used.take(frame_->running_in->winner());
  }

  bool publish(waiter& w) override { return op_->publish(w, 0); }
  void withdraw() noexcept override { op_->withdraw(); }
  bool settle(waiter* w) noexcept override { return op_->settle(w); }
  wait_info describe() const noexcept override { return op_->describe(); }
  bool alone() const noexcept override { return Op::cases == 1; }
  std::coroutine_handle<> ended(context& c) noexcept override {
    if (c.winner() == cancelled_case && !Op::catches) return c.unwind();
    return frame_->handle();
  }

 private:
  Op* op_;
  frame* frame_;
};

/// The execution that a coroutine of another library, or a sender's receiver, waits as.
///
/// It goes on on the executor of the code that started the wait, or the default one.
class foreign_context final : public context {
 public:
  explicit foreign_context(scope_state* in) noexcept;
  void finished(frame&, bool) noexcept override {}
};

template <class P>
concept stoppable = requires(P& p) {
  { p.unhandled_stopped() } -> std::convertible_to<std::coroutine_handle<>>;
};

/// How a coroutine with any other promise waits.
template <class Op>
class foreign_awaiter final : public wait_cases {
 public:
  explicit foreign_awaiter(Op&& op) noexcept
      : op_(std::move(op)), context_(current_context().scope_of()) {}
  foreign_awaiter(foreign_awaiter const&) = delete;
  foreign_awaiter& operator=(foreign_awaiter const&) = delete;

  bool await_ready() {
    winner_ = op_.try_commit();
    return winner_ != no_case;
  }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> h) {
    self_ = h;
    if constexpr (stoppable<P>) {
      stopped_ = [](std::coroutine_handle<> of) noexcept -> std::coroutine_handle<> {
        return std::coroutine_handle<P>::from_address(of.address()).promise().unhandled_stopped();
      };
    }
    if (context_.park(*this)) return true;
    auto const next = ended(context_);
    if (next == h) return false;
    next.resume();
    return true;
  }
  typename Op::result_type await_resume() {
    if (winner_ == cancelled_case && !Op::catches) throw_cancelled(context_);
    return op_.take(winner_);
  }

  bool publish(waiter& w) override { return op_.publish(w, 0); }
  void withdraw() noexcept override { op_.withdraw(); }
  bool settle(waiter* w) noexcept override { return op_.settle(w); }
  wait_info describe() const noexcept override { return op_.describe(); }
  bool alone() const noexcept override { return Op::cases == 1; }
  std::coroutine_handle<> ended(context& c) noexcept override {
    winner_ = c.winner();
    bool const stop = winner_ == cancelled_case && !Op::catches && stopped_ != nullptr;
    return stop ? stopped_(self_) : self_;
  }

 private:
  Op op_;
  foreign_context context_;
  std::coroutine_handle<> self_{};
  std::coroutine_handle<> (*stopped_)(std::coroutine_handle<>) noexcept = nullptr;
  case_id winner_ = no_case;
};

/// An operation connected to a receiver of senders; immovable, and itself the waiter.
template <class Op, class Receiver>
class operation_state final : public wait_cases {
  using vocabulary = execution_vocabulary<std::enable_if_t<sizeof(Receiver) != 0>>;

 public:
  using operation_state_concept = typename vocabulary::operation_state;

  operation_state(Op&& op, Receiver&& r) noexcept
      : op_(std::move(op)), receiver_(std::move(r)), context_(scope_.state()) {}
  operation_state(operation_state const&) = delete;
  operation_state& operator=(operation_state const&) = delete;

  void start() & noexcept {
    auto winner = no_case;
    try {
      winner = op_.try_commit();
    } catch (...) {
      return vocabulary::set_error(std::move(receiver_), std::current_exception());
    }
    if (winner == no_case) {
      stop_.emplace(vocabulary::stop_token(receiver_), on_stop{&scope_});
      if (context_.park(*this)) return;
      winner = context_.winner();
    }
    complete(winner);
  }

  bool publish(waiter& w) override { return op_.publish(w, 0); }
  void withdraw() noexcept override { op_.withdraw(); }
  bool settle(waiter* w) noexcept override { return op_.settle(w); }
  wait_info describe() const noexcept override { return op_.describe(); }
  bool alone() const noexcept override { return Op::cases == 1; }
  std::coroutine_handle<> ended(context& c) noexcept override {
    complete(c.winner());
    return {};
  }

 private:
  struct on_stop {
    scope* of;
    void operator()() noexcept { of->cancel("stop requested"); }
  };
  using token = decltype(vocabulary::stop_token(std::declval<Receiver&>()));

  void complete(case_id winner) noexcept {
    stop_.reset();  // waits for a callback that runs in another thread
    if (winner == cancelled_case && !Op::catches)
      return vocabulary::set_stopped(std::move(receiver_));
    try {
      if constexpr (std::is_void_v<typename Op::result_type>) {
        op_.take(winner);
        vocabulary::set_value(std::move(receiver_));
      } else {
        vocabulary::set_value(std::move(receiver_), op_.take(winner));
      }
    } catch (...) {
      vocabulary::set_error(std::move(receiver_), std::current_exception());
    }
  }

  Op op_;
  Receiver receiver_;
  scope scope_;
  foreign_context context_;
  std::optional<typename token::template callback_type<on_stop>> stop_;
};

}  // namespace weft::inline WEFT_ON::detail
