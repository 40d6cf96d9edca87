// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/exec/runtime.hpp>
#include <weft/sync/future.hpp>

#include <functional>

namespace weft::inline WEFT_ON {
namespace detail {

/// A call on the blocking pool: the job, the callable and where its result goes.
template <class F>
class blocking_call final : public job, public outcome<std::invoke_result_t<F>> {
  using value = std::invoke_result_t<F>;

 public:
  /// Starts with one reference, the waiter's; queueing takes another.
  explicit blocking_call(F&& f) : job(&run_job), outcome<value>(1), f_(std::move(f)) {}

 private:
  static void run_job(job& j) noexcept {
    auto& self = static_cast<blocking_call&>(j);
    auto how = outcome_base::ending::value;
    try {
      if constexpr (std::is_void_v<value>) {
        std::invoke(std::move(self.f_));
      } else {
        self.set_value(std::invoke(std::move(self.f_)));
      }
    } catch (...) {
      how = outcome_base::ending::error;
      self.set_error(std::current_exception());
    }
    self.make_ready(how);
    self.unref();
  }
  F f_;
};

/// Waits for a call on the blocking pool. Losing takes it back if it has not begun; else the wait
/// ends when the call has: what it did is done, and its result is dropped.
template <class F>
class blocking_operation : public operation_base<blocking_operation<F>>, wait_node {
  using value = std::invoke_result_t<F>;

 public:
  using result_type = value;
  explicit blocking_operation(F f) : of_(current_runtime()), f_(std::move(f)) {}

  [[nodiscard]] case_id try_commit() {
    if (!call_) {
      job_ = new blocking_call<F>(std::move(f_));
      call_ = outcome_ptr<value>(job_);
    }
    return no_case;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) {
    if (!queued_) {
      queue();
    }
    return call_->publish(*this, w, base);
  }
  void withdraw() noexcept {
    if (!queued_ || !this->lost()) return;
    call_->withdraw(*this);
    if (of_->take_back_blocking(*job_)) {
      call_->unref();
      queued_ = false;
    }
  }
  [[nodiscard]] bool settle(waiter* w) noexcept {
    if (!queued_ || call_->ready()) return true;
    if (w) return call_->ready_or_hang(ending_, *w);
    return false;
  }
  value take(case_id) {
    call_->rethrow();
    if constexpr (!std::is_void_v<value>) return std::move(call_->value());
  }
  [[nodiscard]] wait_info describe() const noexcept { return {"blocking call", job_, nullptr}; }

 private:
  void queue() noexcept {
    call_->ref();
    queued_ = true;
    try {
      of_->post_blocking(*job_);
    } catch (...) {  // no thread can be made: that is how the call ends
      call_->set_error(std::current_exception());
      call_->make_ready(outcome_base::ending::error);
      call_->unref();
    }
  }

  borrowed<runtime> of_;
  F f_;
  blocking_call<F>* job_ = nullptr;
  outcome_ptr<value> call_;
  bool queued_ = false;
  wait_node ending_;
};

}  // namespace detail

/// An operation that calls f() on the runtime's pool of threads that may block.
///
/// cost      one allocation and a hand-over between threads each way, microseconds
/// throws    what f throws
template <class F>
  requires std::invocable<F&&>
[[nodiscard]] auto blocking(F f) {
  return detail::blocking_operation<F>(std::move(f));
}

}  // namespace weft::inline WEFT_ON
