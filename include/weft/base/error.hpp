// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <source_location>
#include <string>
#include <string_view>
#include <system_error>

namespace weft {

/// What can go wrong in weft itself; category "weft".
enum class errc {
  cancelled = 1,   // the scope of the work was cancelled
  timed_out,       // a deadline passed first
  closed,          // the other side has gone
  broken_promise,  // a promise was dropped without a value
  deadlock,        // waiting would never end
  misuse,          // the call breaks a contract
  registration,    // a bounded table of threads is full
  shut_down,       // the runtime takes no more work
  busy,            // a bounded queue is full
  forked,          // this process is a fork's child: floors above data do not work here
  broken_barrier,  // one that took part in a barrier has left it
};

std::error_category const& category() noexcept;
inline std::error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), category()};
}

}  // namespace weft

template <>
struct std::is_error_code_enum<weft::errc> : std::true_type {};

namespace weft {

/// The base of weft's own exceptions: what happened, where, and what to do.
class error : public std::system_error {
 public:
  error(errc code, std::string text) : std::system_error(code), text_(std::move(text)) {}
  [[nodiscard]] char const* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

/// The scope of a wait was cancelled. Thrown in plain threads and at the boundary of `| with`;
/// a task that is cancelled ends without an exception.
class cancelled : public error {
 public:
  explicit cancelled(std::string reason)
      : error(errc::cancelled, reason.empty() ? "cancelled" : "cancelled: " + reason),
        reason_(std::move(reason)) {}
  [[nodiscard]] std::string const& reason() const noexcept { return reason_; }

 private:
  std::string reason_;
};

/// A `timeout` or a deadline scope ended what was inside it.
class timeout_error : public error {
 public:
  explicit timeout_error(std::string text) : error(errc::timed_out, std::move(text)) {}
};

/// Waiting would close a cycle: the text names every lock, owner and place of acquisition.
class deadlock_error : public error {
 public:
  explicit deadlock_error(std::string text) : error(errc::deadlock, std::move(text)) {}
};

/// The call breaks a contract that can be reported without stopping the program.
class misuse_error : public error {
 public:
  explicit misuse_error(std::string text) : error(errc::misuse, std::move(text)) {}
};

/// "file:line" of a place in the source, with the folders cut off.
std::string place(std::source_location const& where);

inline namespace WEFT_ON {
namespace detail {

/// Ends the program: a contract was broken in a way that would corrupt memory or lose work.
///
/// Prints what happened, where, and what to do; then std::abort().
[[noreturn]] void die(std::string_view what, std::string_view cure,
                      std::source_location const& where = std::source_location::current()) noexcept;

}  // namespace detail
}  // namespace WEFT_ON
}  // namespace weft
