// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/exit.hpp>
#include "task/unjoined.hpp"

#include <array>

namespace weft::inline WEFT_ON {
namespace {

struct wording {
  errc code;
  std::string_view text;
};
constexpr std::array<wording, 7> wordings{{
    {errc::closed, "there is no such actor: it has ended, or was never started"},
    {errc::closed, "the actor ended before it answered"},
    {errc::closed, "the actor failed while it had the request; its supervisor restarts it"},
    {errc::closed, "the actor failed while it had the request"},
    {errc::closed, "the actor dropped the request without an answer: reply on every path"},
    {errc::busy, "the actor's mailbox is full"},
    {errc::timed_out, "no answer within the deadline: ask(message, limit) sets another"},
}};

}  // namespace

std::string exit_reason::text() const {
  constexpr std::array<std::string_view, 7> names{"normal",  "shutdown", "killed",  "cancelled",
                                                  "crashed", "linked",   "no actor"};
  std::string out(names[static_cast<std::size_t>(why)]);
  if (error) out += ": " + detail::text_of(error);
  return out;
}

actor_error::actor_error(ask_failure why, std::string text)
    : error(wordings[static_cast<std::size_t>(why)].code,
            std::string(wordings[static_cast<std::size_t>(why)].text) + std::move(text)),
      why_(why) {}

std::exception_ptr detail::unanswered(ask_failure why, char const* what) noexcept {
  try {
    return std::make_exception_ptr(actor_error(why, std::string(" (") + what + ")"));
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace weft::inline WEFT_ON
