// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/task/group.hpp>

#include <memory>

namespace weft::inline WEFT_ON {
namespace detail {

/// What weft::main sets up around a program: signals, the report of errors, the exit code.
class program {
 public:
  program();
  ~program();
  program(program const&) = delete;
  program& operator=(program const&) = delete;

  [[nodiscard]] group& tasks() noexcept;
  /// Waits for the end of all tasks; 0, or the exit code of a failure, which it has reported.
  [[nodiscard]] int join(outcome_base const& body) noexcept;

 private:
  struct inside;
  std::unique_ptr<inside> inside_;
};

/// Prints the exception that is handled just now; returns the exit code for it.
[[nodiscard]] int report_failure() noexcept;

}  // namespace detail

/// Runs f(args...), a task of nothing or of an exit code, as the program.
///
/// The body runs on the default runtime. SIGINT and SIGTERM cancel its scope; a second one, or
/// five seconds, end the process hard. SIGQUIT prints every task and goes on. SIGPIPE is ignored,
/// so that writing to a closed pipe is an error and not the end.
///
/// If all tasks sleep, no timer runs and no other thread exists, nothing can wake them: that is
/// reported as a deadlock. A program that waits for its interruption says so by
/// `co_await until(never)`.
///
/// returns   0 or the body's value; 1 after an error, printed with its chain of awaits, or if the
///           runtime cannot be started; 130 if interrupted
/// threads   call it from main(), before other threads are made: they inherit the signal mask
template <class F, class... Args>
  requires detail::spawnable<F&, Args...>
int main(F f, Args... args) try {
  using T = detail::spawned_value<F&, Args...>;
  static_assert(std::is_void_v<T> || std::is_convertible_v<T, int>,
                "the body of weft::main is a task<> or a task<int>, its exit code");
  detail::program here;
  auto ready = detail::prepare<F, Args...>(here.tasks(), std::move(f), std::move(args)...);
  detail::outcome_ptr<T> body(ready.of);
  ready.of->launch(ready.start);
  int const code = here.join(*body.get());
  if constexpr (!std::is_void_v<T>) {
    if (code == 0) return static_cast<int>(body->value());
  }
  return code;
} catch (...) {  // nothing has started yet
  return detail::report_failure();
}

/// What happens to an error that nobody joins: the group that owned the task is destroyed without
/// a join(). The default prints the error and its chain of awaits, and aborts.
using unjoined_handler = void (*)(std::exception_ptr, stack_trace const&) noexcept;
/// Sets it and returns the one before; null restores the default.
unjoined_handler set_unjoined_handler(unjoined_handler f) noexcept;

}  // namespace weft::inline WEFT_ON
