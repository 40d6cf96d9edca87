// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/group.hpp>

#include <memory>

namespace weft::inline WEFT_ON {
namespace detail {

/// A task as a case among others: runs beside its waiter, in a scope of its own.
///
/// Losing cancels it, and the wait ends only when it has ended.
template <class T>
class task_operation : public operation_base<task_operation<T>>, wait_node {
 public:
  using result_type = T;
  explicit task_operation(task<T>&& t) noexcept : task_(std::move(t)) {}

  [[nodiscard]] case_id try_commit() {
    // What can fail is done before the wait is visible; the task starts when it is published, so
    // that it has no effect if another case commits at once.
    if (!group_) {
      task_ = task<T>(task_.release());  // refuses one that was used before
      auto& c = current_context();
      auto* const home = c.home() ? c.home() : &default_executor();
      group_.reset(new group(*home, c.top, scope()));
      child_ = new child<T>(*group_, group_->in());
      outcome_ = outcome_ptr<T>(child_);
    }
    return no_case;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept {
    if (task_.valid()) child_->launch(task_.release());
    return outcome_->publish(*this, w, base);
  }
  void withdraw() noexcept {
    if (!started()) return;
    if (this->lost()) outcome_->withdraw(*this);
    if (!outcome_->ready()) group_->cancel("it lost against another case");
  }
  [[nodiscard]] bool settle(waiter* w) noexcept {
    return !started() || group_->empty_or_hang(w ? &ending_ : nullptr, w, 0);
  }
  T take(case_id) {
    outcome_->rethrow();
    if constexpr (!std::is_void_v<T>) return std::move(outcome_->value());
  }
  [[nodiscard]] wait_info describe() const noexcept { return {"task", child_, nullptr}; }

  task_operation(task_operation&&) noexcept = default;
  task_operation& operator=(task_operation&&) = delete;
  ~task_operation() {
    if (group_) group_->forget_error();  // the outcome has it; a loser's is nobody's
    if (outcome_ && task_.valid()) child_->abandon();  // prepared and never started
  }

 private:
  [[nodiscard]] bool started() const noexcept { return outcome_ && !task_.valid(); }

  task<T> task_;  // until it is started
  std::unique_ptr<group> group_;
  outcome_ptr<T> outcome_;
  child<T>* child_ = nullptr;
  wait_node ending_;
};

}  // namespace detail

template <class T>
[[nodiscard]] auto as_operation(task<T>&& t) noexcept {
  return detail::task_operation<T>(std::move(t));
}

}  // namespace weft::inline WEFT_ON
