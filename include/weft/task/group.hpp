// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/exec/runtime.hpp>
#include <weft/sync/future.hpp>
#include <weft/task/keeping.hpp>

#include <functional>

namespace weft::inline WEFT_ON {

class group;

namespace detail {

class joined_operation;
struct group_here;
template <class T>
class task_operation;

template <class R>
inline constexpr bool is_task = false;
template <class T>
inline constexpr bool is_task<task<T>> = true;

/// A callable that makes a task, so something that can be spawned.
template <class F, class... Args>
concept spawnable = std::invocable<F, Args...> && is_task<std::invoke_result_t<F, Args...>>;
template <class F, class... Args>
using spawned_value = typename std::invoke_result_t<F, Args...>::value_type;

/// The execution of a spawned task, and the outcome that its future waits for: one allocation.
class child_base : public context {
 public:
  child_base(group& g, scope const& in);
  [[nodiscard]] frame* spawner() const noexcept override;

 protected:
  ~child_base() = default;
  /// Counts this child among the group's live ones.
  void begin_child() noexcept;
  /// Tells the group; the last thing a child does.
  static void leave(group& g, outcome_base& how) noexcept;
  [[nodiscard]] static executor* must_live(group& g) noexcept;
  group* const group_;
};

template <class T>
class child final : public child_base, public outcome<T> {
 public:
  /// Starts with two references: the execution's and the future's.
  child(group& g, scope const& in) : child_base(g, in), outcome<T>(2) {}
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }

  /// Lets the task run; from here on the child belongs to itself and to its future.
  void launch(typename task<T>::handle h) noexcept {
    begin_child();
    h.promise().running_in = this;
    top = &h.promise();
    yield_to_others(h);
  }
  void finished(frame& first, bool cancelled) noexcept override;
  /// Gives up the execution's reference of a child that was never launched.
  void abandon() noexcept {
    leave_scope();
    this->unref();
  }

 private:
  ~child() override = default;
  [[nodiscard]] error_trace const* chain() const noexcept override { return this->trace.get(); }
  void destroy() noexcept override { delete this; }
  [[nodiscard]] std::string scope_reason() const override {
    return scope_of()->cancelled() ? scope_of()->reason() : std::string{};
  }
};

}  // namespace detail

/// Owns concurrent tasks: nothing it spawned outlives it.
///
/// The first task that fails cancels the others, and join() (or with_group) throws its error. In
/// a task a group exists only inside with_group; a local group object is for plain threads.
///
/// threads   spawn and cancel from any thread while the group lives
/// blocks    the destructor cancels and waits: never on a worker
/// lifetime  tasks may use what outlives the group, not what is younger
class group {
 public:
  /// A group of the default runtime, in a scope below the calling code's.
  group() : group(default_runtime()) {}
  explicit group(executor& ex);
  ~group();
  group(group const&) = delete;
  group& operator=(group const&) = delete;

  /// Starts f(args...), which makes a task<T>. f and the arguments are moved into the task's keep.
  ///
  /// cost      two frames from per-thread lists, one post; a third frame if the task may refer to f
  ///           (captures) or to an argument (a reference, a view)
  /// throws    std::bad_alloc; what f throws before it suspends is not possible: tasks are lazy
  template <class F, class... Args>
    requires detail::spawnable<F&, Args...>
  auto spawn(F f, Args... args) -> future<detail::spawned_value<F&, Args...>>;

  /// As spawn(), in a scope of its own: `below` is the group's scope or one under it. Cancelling it
  /// ends this task and no other.
  template <class F, class... Args>
    requires detail::spawnable<F&, Args...>
  auto spawn_in(scope const& below, F f, Args... args)
      -> future<detail::spawned_value<F&, Args...>>;

  /// Waits until every task has ended. A group that has failed or was cancelled stays so.
  ///
  /// throws    the first error of a task
  [[nodiscard]] auto join();

  bool cancel(std::string_view reason = {}) noexcept { return scope_.cancel(reason); }
  [[nodiscard]] scope const& in() const noexcept { return scope_; }
  /// Tasks that have not ended.
  [[nodiscard]] std::size_t live() const noexcept;

 private:
  friend class detail::child_base;
  friend class detail::joined_operation;
  friend struct detail::group_here;
  template <class>
  friend class detail::task_operation;
  group(executor& ex, frame* owner, scope in);

  void enter() noexcept;
  void leave(detail::outcome_base& how) noexcept;
  void rethrow();
  void report_unjoined() noexcept;
  /// The error has been delivered in another way.
  void forget_error() noexcept { error_ = nullptr; }
  /// True if nothing is live; else `n`, if given, will end the wait of `w` when that is so.
  [[nodiscard]] bool empty_or_hang(wait_node* n, waiter* w, case_id index) noexcept;
  void unhang(wait_node& n) noexcept;

  atoms::atomic<executor*> home_;  // null once the group has ended
  runtime* counted_ = nullptr;  // told that work from outside has begun
  frame* owner_;
  scope scope_;
  mutable spin_lock lock_;
  std::size_t live_ = 0;
  unsigned stopped_ = 0;  // tasks that were cancelled after the first error
  detail::outcome_base const* body_ = nullptr;  // of the group itself: no sibling of its tasks
  wait_list joining_;
  std::exception_ptr error_;
  std::unique_ptr<detail::error_trace> chain_;
};

namespace detail {

/// Commits when a group has no live task; gives the group's first error, if it is to.
class joined_operation : public operation_base<joined_operation>, wait_node {
 public:
  using result_type = void;
  joined_operation(group& g, bool throws) noexcept : of_(g), throws_(throws) {}

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  void take(case_id);
  [[nodiscard]] wait_info describe() const noexcept { return {"join", of_.peek(), nullptr}; }

 private:
  borrowed<group> of_;
  bool throws_;
};

template <class T>
child<T>* make_child(group& g, scope const& in, typename task<T>::handle h) {
  try {
    return new child<T>(g, in);
  } catch (...) {
    h.destroy();
    throw;
  }
}

/// A child that has not started, and the coroutine it will run.
template <class T>
struct prepared {
  child<T>* of;
  typename task<T>::handle start;
};

template <class F, class... Args>
auto prepare_in(group& g, scope const& in, F f, Args... args) {
  using T = spawned_value<F&, Args...>;
  if constexpr (needs_keeping<F, Args...>()) {
    auto h = keep<T, F, Args...>(std::move(f), std::move(args)...).release();
    h.promise().flags |= frame::internal;
    return prepared<T>{make_child<T>(g, in, h), h};
  } else {
    auto h = std::invoke(f, std::move(args)...).release();
    return prepared<T>{make_child<T>(g, in, h), h};
  }
}

template <class F, class... Args>
auto prepare(group& g, F f, Args... args) {
  return prepare_in<F, Args...>(g, g.in(), std::move(f), std::move(args)...);
}

template <class T>
void child<T>::finished(frame& first, bool cancelled) noexcept {
  using ends_as = outcome_base::ending;
  auto h = task<T>::handle::from_address(first.handle().address());
  auto how = ends_as::value;
  if (cancelled || (first.flags & frame::ends_cancelled) != 0) {
    how = ends_as::cancelled;
    // Nothing is made for a cancelled task: who asks for the reason is told the scope's.
    if ((first.flags & frame::failed) != 0) this->set_error(first.error);  // as it was thrown
  } else if ((first.flags & frame::failed) != 0) {
    how = ends_as::error;
    this->set_error(first.error);
  } else if constexpr (std::is_void_v<T>) {
    this->set_value();
  } else {
    try {
      this->set_value(h.promise().take());
    } catch (...) {
      how = ends_as::error;
      this->set_error(std::current_exception());
    }
  }
  h.destroy();
  top = nullptr;
  auto& g = *group_;
  leave_scope();
  this->make_ready(how);
  leave(g, *this);
  this->unref();
}

}  // namespace detail

inline auto group::join() { return detail::joined_operation(*this, true); }

template <class F, class... Args>
  requires detail::spawnable<F&, Args...>
auto group::spawn(F f, Args... args) -> future<detail::spawned_value<F&, Args...>> {
  return spawn_in<F, Args...>(scope_, std::move(f), std::move(args)...);
}

template <class F, class... Args>
  requires detail::spawnable<F&, Args...>
auto group::spawn_in(scope const& below, F f, Args... args)
    -> future<detail::spawned_value<F&, Args...>> {
  using T = detail::spawned_value<F&, Args...>;
  auto ready = detail::prepare_in<F, Args...>(*this, below, std::move(f), std::move(args)...);
  future<T> result{detail::outcome_ptr<T>(ready.of)};
  ready.of->launch(ready.start);
  return result;
}

}  // namespace weft::inline WEFT_ON
