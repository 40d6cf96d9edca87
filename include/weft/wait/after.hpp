// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/awaiter.hpp>

namespace weft::inline WEFT_ON {

/// Commits when a time has come; `after` and `until` make it.
///
/// A part of the operation is the timer itself: nothing is allocated.
class sleep_operation : public operation_base<sleep_operation>, private timer {
 public:
  using result_type = void;
  explicit sleep_operation(duration d) noexcept : timer(on_expiry), index_(relative) {
    when = time_point(d);
  }
  explicit sleep_operation(time_point t) noexcept : timer(on_expiry), index_(absolute) {
    when = t;
  }
  sleep_operation(sleep_operation&&) noexcept = default;
  sleep_operation& operator=(sleep_operation&&) noexcept = default;

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  void take(case_id) noexcept {}
  [[nodiscard]] wait_info describe() const noexcept { return {"sleep", nullptr, nullptr}; }

 private:
  // Until it is published, `index_` says what `when` means: a point in time, or one counted from
  // the start of the wait.
  static constexpr case_id relative = no_case;
  static constexpr case_id absolute = no_case - 1;
  static bool due(timer& t) noexcept;
  static void fire(timer& t) noexcept;
  static constexpr timer::action on_expiry{due, fire};

  case_id index_;
  context* who_ = nullptr;
};

/// Commits once `d` has passed since the wait began, on the executor's clock.
///
/// cost      arming and disarming, about 10 ns each
[[nodiscard]] inline sleep_operation after(duration d) noexcept { return sleep_operation{d}; }

/// Commits at time `t`.
[[nodiscard]] inline sleep_operation until(time_point t) noexcept { return sleep_operation{t}; }

}  // namespace weft::inline WEFT_ON
