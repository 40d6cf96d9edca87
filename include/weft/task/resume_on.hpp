// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/task.hpp>

namespace weft::inline WEFT_ON {

/// `co_await resume_on(ex)`: the task goes on on `ex`, now and after every wait from here on.
///
/// It holds for the whole execution: for the tasks that await this one too. Tasks spawned before
/// stay where they are.
///
/// cost      one post
/// lifetime  `ex` outlives the task
class resume_on : public detail::frame_awaitable {
 public:
  explicit resume_on(executor& ex) noexcept : to_(&ex) {}
  void bind(frame& f) noexcept { context_ = f.running_in; }
  bool await_ready() const noexcept { return false; }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<> h) const noexcept {
    context_->move_to(*to_);
    context_->yield_to_others(h);
    return context::go({});
  }
  void await_resume() const noexcept {}

 private:
  executor* to_;
  context* context_ = nullptr;
};

/// `co_await yield()`: lets the others that are ready run first.
class yield : public detail::frame_awaitable {
 public:
  void bind(frame& f) noexcept { context_ = f.running_in; }
  bool await_ready() const noexcept { return false; }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<> h) const noexcept {
    context_->yield_to_others(h);
    return context::go({});
  }
  void await_resume() const noexcept {}

 private:
  context* context_ = nullptr;
};

/// `co_await checkpoint()`: ends the task here if its scope was cancelled and no shield is up.
///
/// cost      one load
class checkpoint : public detail::frame_awaitable {
 public:
  void bind(frame& f) noexcept { context_ = f.running_in; }
  bool await_ready() const noexcept { return !context_->cancel_due(); }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<>) const noexcept {
    return context::go(context_->unwind());
  }
  void await_resume() const noexcept {}

 private:
  context* context_ = nullptr;
};

}  // namespace weft::inline WEFT_ON
