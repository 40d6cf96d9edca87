// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/group.hpp>

namespace weft::inline WEFT_ON {
namespace detail {

/// Gives the running frame to the coroutine it belongs to.
class this_frame : public frame_awaitable {
 public:
  void bind(frame& f) noexcept { frame_ = &f; }
  bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  frame* await_resume() const noexcept { return frame_; }

 private:
  frame* frame_ = nullptr;
};

/// Completes the running task, and those that await it, as cancelled.
class cancel_here : public frame_awaitable {
 public:
  void bind(frame& f) noexcept { context_ = f.running_in; }
  bool await_ready() const noexcept { return false; }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<>) const noexcept {
    return context::go(context_->unwind());
  }
  void await_resume() const noexcept {}

 private:
  context* context_ = nullptr;
};

/// A group inside a task; whoever makes one awaits joined() under a shield before it goes.
struct group_here {
  explicit group_here(frame* self) : g(*self->running_in->home(), self, scope()) {}
  [[nodiscard]] joined_operation joined() noexcept { return {g, false}; }
  void rethrow() { g.rethrow(); }
  /// Spawns the body of the group.
  template <class F, class... Args>
  auto start(F f, Args... args) {
    auto ready = prepare<F, Args...>(g, f, args...);
    using T = spawned_value<F&, Args...>;
    future<T> of_body{outcome_ptr<T>(ready.of)};
    g.body_ = ready.of;
    ready.of->launch(ready.start);
    return of_body;
  }
  group g;
};

struct group_frame {
  template <class F>
  static auto call(F& body, group& g) {
    return body(g);
  }

  template <class T, class F>
  static task<T> run(F body) {
    auto* const self = co_await this_frame();
    self->flags |= frame::internal | frame::boundary;
    group_here here(self);
    auto done = here.start(&call<F>, std::ref(body), std::ref(here.g)).get();
    {
      shield until_joined;
      auto all = here.joined();
      co_await std::move(all);
    }
    here.rethrow();
    auto result = done.result_now();
    if (result.cancelled()) {
      if (is_cancelled()) co_await cancel_here();
      throw cancelled(result.reason());
    }
    co_return std::move(result).value();
  }
};

}  // namespace detail

/// Runs body(group&) and waits until everything it spawned has ended, whatever happens.
///
/// Gives the body's value. If the body or a task fails, the others are cancelled, and the first
/// error is thrown when all have ended. If the group's own scope was cancelled and the ambient
/// one was not, weft::cancelled is thrown with the reason.
///
/// cost      two frames and one post more than the body
/// lifetime  tasks of the group may use what outlives the call, not the body's own variables
template <class F>
  requires std::invocable<F&, group&> && detail::is_task<std::invoke_result_t<F&, group&>>
[[nodiscard]] auto with_group(F body) {
  using T = typename std::invoke_result_t<F&, group&>::value_type;
  return detail::group_frame::run<T>(std::move(body));
}

}  // namespace weft::inline WEFT_ON
