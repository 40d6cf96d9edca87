// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>

#include <exception>
#include <string>

namespace weft::inline WEFT_ON {

/// Why an actor ended.
struct exit_reason {
  enum class kind : std::uint8_t {
    normal,     // its run() returned, or it stopped itself
    shutdown,   // stop() or drain(), or its supervisor gave up
    killed,     // kill()
    cancelled,  // the scope above it was cancelled
    crashed,    // an exception left its code
    linked,     // an actor it was linked to ended so
    no_actor,   // it had ended before; why is not known any more
  };
  kind why = kind::normal;
  std::exception_ptr error{};  // of a crash, its own or a linked actor's

  /// True for ends that are no failure.
  [[nodiscard]] bool orderly() const noexcept {
    return why == kind::normal || why == kind::shutdown;
  }
  /// For people: the kind, and the error's text.
  [[nodiscard]] std::string text() const;
};

/// Why a request to an actor has no answer.
enum class ask_failure : std::uint8_t {
  no_actor,    // nobody has that reference
  terminated,  // the actor ended before it answered
  restarted,   // the actor failed while it had the request, and begins anew
  failed,      // the actor failed, and is gone
  no_reply,    // it dropped the request without an answer
  full,        // its mailbox was full
  timed_out,   // the deadline passed
};

/// A request to an actor that was not answered.
class actor_error : public error {
 public:
  actor_error(ask_failure why, std::string text);
  [[nodiscard]] ask_failure why() const noexcept { return why_; }

 private:
  ask_failure why_;
};

namespace detail {
/// The error of a request of type `what`.
[[nodiscard]] std::exception_ptr unanswered(ask_failure why, char const* what) noexcept;
}  // namespace detail

}  // namespace weft::inline WEFT_ON
