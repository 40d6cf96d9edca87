// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/frame.hpp>
#include <weft/wait/awaiter.hpp>
#include <weft/wait/error_trace.hpp>
#include <weft/wait/result.hpp>

#include <optional>

namespace weft::inline WEFT_ON {

template <class T>
class task;

namespace detail {

template <class T>
class task_awaiter;
template <class T>
class task_result_awaiter;
template <class T>
struct task_as_result;

/// What a task may await besides operations and tasks: library awaiters that need the frame.
struct frame_awaitable {};

/// The part of a task's promise that does not depend on its type.
struct task_promise_base : frame {
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<> h) noexcept {
      return context::go(at_end(std::coroutine_handle<frame>::from_address(h.address()).promise()));
    }
    void await_resume() noexcept {}
  };
  std::suspend_always initial_suspend() noexcept { return {}; }
  final_awaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept;

  /// Where a frame that ran to its end goes on: its awaiter, or up as cancelled.
  static std::coroutine_handle<> at_end(frame& f) noexcept;

  // Every await passes here and is given the frame and its own place in the source.
  template <class Op>
    requires operation<Op>
  auto await_transform(Op&& op, std::source_location at = std::source_location::current()) {
    return op_awaiter<Op>(op, *this, at);
  }
  template <class T>
  auto await_transform(task<T>&& t, std::source_location at = std::source_location::current()) {
    return task_awaiter<T>(std::move(t), *this, at);
  }
  template <class T>
  auto await_transform(task_as_result<T>&& t,
                       std::source_location at = std::source_location::current()) {
    return task_result_awaiter<T>(std::move(t), *this, at);
  }
  template <class A>
    requires std::derived_from<A, frame_awaitable>
  A&& await_transform(A&& a, std::source_location at = std::source_location::current()) {
    site = at;
    a.bind(*this);
    return std::forward<A>(a);
  }
  /// A named operation or task is consumed by its wait: write co_await std::move(x).
  template <class X>
    requires(operation<std::remove_cvref_t<X>> || requires { typename X::promise_type; })
  void await_transform(X& named) = delete;

  /// Takes the place of the await's site once the frame has failed.
  void fail(std::exception_ptr e) noexcept {
    std::construct_at(&error, std::move(e));
    flags |= failed;
  }
  void rethrow_if_failed() {
    if ((flags & failed) != 0) std::rethrow_exception(error);
  }
};

/// The reason of a frame that ended as cancelled: its weft::cancelled's, else its scope's.
[[nodiscard]] std::string why_cancelled(frame const& f);

template <class T>
struct task_promise final : task_promise_base {
  task<T> get_return_object(std::source_location at = std::source_location::current()) noexcept;
  template <class U = T>
    requires std::constructible_from<T, U&&>
  void return_value(U&& v) noexcept(std::is_nothrow_constructible_v<T, U&&>) {
    value.emplace(std::forward<U>(v));
  }
  T take() {
    rethrow_if_failed();
    return std::move(*value);
  }
  std::optional<T> value;
};

template <>
struct task_promise<void> final : task_promise_base {
  task<void> get_return_object(std::source_location at = std::source_location::current()) noexcept;
  void return_void() noexcept {}
  void take() {
    rethrow_if_failed();
  }
};

}  // namespace detail

/// A coroutine that runs when it is awaited or spawned, and has one owner.
///
/// Lazy and move-only. Cancelled, it ends without an exception: its frames are destroyed, leaf
/// first, and whoever awaits it is cancelled too. `co_await` goes to any operation, to tasks, and
/// to as_result(task).
///
/// threads   one at a time; it may move between workers at every await
/// cost      one frame from a per-thread list; an await of a task a few ns
/// lifetime  one never started may be dropped; one started is owned by its awaiter or group
template <class T = void>
class [[nodiscard]] task {
 public:
  using value_type = T;
  using promise_type = detail::task_promise<T>;
  using handle = std::coroutine_handle<promise_type>;

  explicit task(handle h) noexcept : handle_(h) {
    static_assert(alignof(promise_type) <= 2 * sizeof(void*),
                  "a task's value may not be over-aligned: return it by std::unique_ptr");
  }
  task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  task& operator=(task&& other) noexcept {
    if (auto old = std::exchange(handle_, std::exchange(other.handle_, {}))) old.destroy();
    return *this;
  }
  ~task() {
    if (handle_) handle_.destroy();
  }

  /// Gives the coroutine up to whoever will run it.
  ///
  /// throws    misuse_error if it was given up before
  [[nodiscard]] handle release() {
    if (!handle_)
      throw misuse_error("a task was used twice: it runs once; call the coroutine again for "
                         "another run");
    return std::exchange(handle_, {});
  }
  [[nodiscard]] bool valid() const noexcept { return bool(handle_); }

 private:
  handle handle_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object(std::source_location at) noexcept {
  this->site = at;
  return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object(std::source_location at) noexcept {
  site = at;
  return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

/// How a task awaits another one: the child runs at once, in the same execution.
template <class T>
class task_awaiter {
 public:
  task_awaiter(task<T>&& t, frame& parent, std::source_location const& at)
      : child_(t.release()), parent_(&parent) {
    parent.site = at;
  }
  task_awaiter(task_awaiter const&) = delete;
  task_awaiter& operator=(task_awaiter const&) = delete;
  ~task_awaiter() {
    // A cancellation on its way up has destroyed the child before it destroys this frame.
    if ((parent_->flags & frame::child_gone) == 0) child_.destroy();
  }

  bool await_ready() noexcept { return false; }
  WEFT_RESUME_ABI context::transfer await_suspend(std::coroutine_handle<>) noexcept {
    auto& c = child_.promise();
    c.parent = parent_;
    c.running_in = parent_->running_in;
    c.running_in->top = &c;
    return context::go(child_);
  }
  T await_resume() { return child_.promise().take(); }

 protected:
  typename task<T>::handle child_;
  frame* parent_;
};

template <class T>
struct task_as_result {
  explicit task_as_result(task<T>&& t) noexcept : of(std::move(t)) {}
  task<T> of;
};

/// As task_awaiter, but an error or a cancellation of the child becomes a value.
template <class T>
class task_result_awaiter : public task_awaiter<T> {
 public:
  task_result_awaiter(task_as_result<T>&& t, frame& parent, std::source_location const& at)
      : task_awaiter<T>(std::move(t.of), parent, at) {
    this->child_.promise().flags |= frame::catches;
  }
  result<T> await_resume() {
    auto& p = this->child_.promise();
    if ((p.flags & (frame::was_cancelled | frame::ends_cancelled)) != 0)
      return result<T>::stopped_by(why_cancelled(p));
    if ((p.flags & frame::failed) != 0) return result<T>{p.error};
    if constexpr (std::is_void_v<T>) {
      return result<T>{std::monostate{}};
    } else {
      return result<T>{p.take()};
    }
  }
};

}  // namespace detail

/// Runs the task to its end whatever that is, and gives a result<T>.
template <class T>
[[nodiscard]] auto as_result(task<T>&& t) noexcept {
  return detail::task_as_result<T>(std::move(t));
}

}  // namespace weft::inline WEFT_ON
