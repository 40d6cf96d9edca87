// SPDX-License-Identifier: Apache-2.0
#include "argument.hpp"

#include "core.hpp"

#include <weft/actor/supervisor.hpp>

#include <cmath>
#include <typeinfo>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

SCM symbol(char const* s) { return scm_from_utf8_symbol(s); }

SCM make_condition(char const* kind, char const* message) {
  return scm_call_3(the_hooks().condition, symbol(kind), scm_from_utf8_string(message), SCM_EOL);
}

char const* kind_of(ask_failure why) noexcept {
  switch (why) {
    case ask_failure::no_actor:
      return "no-actor";
    case ask_failure::terminated:
      return "stopped";
    case ask_failure::restarted:
      return "restarted";
    case ask_failure::full:
      return "mailbox-full";
    case ask_failure::timed_out:
      return "timeout";
    default:
      return "actor";
  }
}

}  // namespace

record& running(char const* who) {
  auto* const r = current_record();
  if (!r)
    scm_misc_error(who,
                   "called outside of a task: use it in a program of `weft run` or in what "
                   "an engine evaluates",
                   SCM_EOL);
  return *r;
}

record& task_argument(char const* who, int at, SCM x) {
  auto* const r = record::of_object(x);
  if (!r) scm_wrong_type_arg_msg(who, at, x, "task");
  return *r;
}

duration duration_argument(char const* who, int at, SCM seconds) {
  if (!scm_is_real(seconds)) scm_wrong_type_arg_msg(who, at, seconds, "number of seconds");
  double const s = scm_to_double(seconds);
  if (std::isnan(s) || s < 0) scm_out_of_range_pos(who, seconds, scm_from_int(at));
  constexpr double longest = 100.0 * 365 * 86400;
  auto const least = std::min(s, longest) * 1e9;
  return duration(static_cast<std::int64_t>(least));
}

void must_not_be_in_transaction(char const* who, record const& r) {
  if (r.attempt() && !r.tries_again)
    scm_misc_error(who,
                   "a transaction must not wait: it may be tried again. Wait before or after it",
                   SCM_EOL);
}

record& waiting(char const* who) {
  auto& r = running(who);
  must_not_be_in_transaction(who, r);
  return r;
}

void raise_failure(char const*, SCM condition) {
  scm_call_1(scm_c_public_ref("guile", "raise-exception"), condition);
  scm_misc_error("raise-exception", "returned", SCM_EOL);
  __builtin_unreachable();
}

SCM cancelled_condition(std::string const& reason) noexcept {
  return make_condition("cancelled", reason.c_str());
}

SCM condition_of(std::exception_ptr e) noexcept {
  try {
    std::rethrow_exception(std::move(e));
  } catch (scheme_error const& x) {
    return kept(x.condition());
  } catch (weft::cancelled const& x) {
    return cancelled_condition(x.reason());
  } catch (timeout_error const& x) {
    return make_condition("timeout", x.what());
  } catch (actor_error const& x) {
    return make_condition(kind_of(x.why()), x.what());
  } catch (supervisor_error const& x) {
    bool const unknown = x.why() == supervisor_error::kind::not_found;
    return make_condition(unknown ? "not-found" : "failed-to-start", x.what());
  } catch (deadlock_error const& x) {
    return make_condition("deadlock", x.what());
  } catch (misuse_error const& x) {
    return make_condition("misuse", x.what());
  } catch (weft::error const& x) {
    return make_condition("weft-error", x.what());
  } catch (std::bad_alloc const&) {
    return make_condition("out-of-memory", "there is no memory left");
  } catch (std::exception const& x) {
    return make_condition("c++-error", x.what());
  } catch (...) {
    return make_condition("c++-error", "an exception of a type that is no std::exception");
  }
}

}  // namespace weft::inline WEFT_ON::scheme::detail
