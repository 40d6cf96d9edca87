// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/wait/after.hpp>

#include <utility>

namespace weft::inline WEFT_ON {

case_id sleep_operation::try_commit() noexcept {
  if (who_)
    detail::die("a sleep was used twice", "call after() or until() again for another wait");
  if (index_ == relative) return when <= time_point{} ? 0 : no_case;
  return when <= current_context().now() ? 0 : no_case;
}

bool sleep_operation::publish(waiter& w, case_id base) noexcept {
  if (who_) {  // nudged, by another case or by this one's timer, which found the wait claimed
    if (who_->now() < when) return false;
    if (who_->claim_or_gone()) who_->commit(index_);
    return true;
  }
  who_ = static_cast<context*>(&w);
  if (std::exchange(index_, base) == relative) {
    auto const delay = when.time_since_epoch();
    auto const now = who_->now();
    when = delay < never - now ? now + delay : never;
  }
  who_->arm_timer(*this);
  return false;
}

void sleep_operation::withdraw() noexcept {
  if (who_) who_->disarm_timer(*this);
}

// Never pauses: the claim may belong to another timer of the same wait, which expires in this very
// round, or to somebody who waits for one that does.
bool sleep_operation::due(timer& t) noexcept {
  return static_cast<sleep_operation&>(t).who_->try_claim_or_nudge() == waiter::claim::won;
}

void sleep_operation::fire(timer& t) noexcept {
  auto& self = static_cast<sleep_operation&>(t);
  self.who_->commit(self.index_);
}

namespace detail {

void throw_cancelled(context const& c) {
  auto const* s = c.scope_of();
  throw cancelled(s && s->cancelled() ? s->reason() : std::string{});
}

namespace {

executor* home_of_foreign() noexcept {
  auto* const home = current_context().home();
  return home ? home : &default_executor();
}

}  // namespace

foreign_context::foreign_context(scope_state* in) noexcept : context(home_of_foreign(), in) {
  set_foreign();
}

}  // namespace detail
}  // namespace weft::inline WEFT_ON
