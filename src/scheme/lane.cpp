// SPDX-License-Identifier: Apache-2.0
#include "lane.hpp"

#include "argument.hpp"
#include "ticker.hpp"

#include <weft/base/thread.hpp>

namespace weft::inline WEFT_ON::scheme::detail {

lane* lane::of_thread() noexcept { return static_cast<lane*>(this_thread()->get(room::scheme)); }

namespace {

// A recursion without end meets this instead of the machine's memory: words of Guile's stack.
constexpr unsigned deepest = 32u << 20;

template <class F>
SCM procedure(char const* name, F* f) {
  return scm_permanent_object(scm_c_make_gsubr(name, 0, 0, 0, reinterpret_cast<void*>(f)));
}

SCM work() {
  (*lane::of_thread()->life)();
  return SCM_UNSPECIFIED;
}

SCM live() {
  static SCM const whole = procedure("work", work);
  return scm_call_1(the_hooks().live, whole);
}

SCM too_deep() {
  raise_failure("recursion",
                scm_call_3(the_hooks().condition, scm_from_utf8_symbol("stack-overflow"),
                           scm_from_utf8_string("the recursion is too deep"), SCM_EOL));
}

}  // namespace

void around_worker(std::function<void()> const& body) {
  in_guile([&] {
    lane mine;
    mine.life = &body;
    mine.thread = SCM_UNPACK_POINTER(scm_permanent_object(scm_current_thread()));
    this_thread()->set(room::scheme, &mine);
    the_ticker().enter(mine);
    static SCM const whole = procedure("worker", live);
    static SCM const overflow = procedure("overflow", too_deep);
    scm_call_with_stack_overflow_handler(scm_from_uint(deepest), whole, overflow);
    the_ticker().leave(mine);
    this_thread()->set(room::scheme, nullptr);
    give_back_slots(mine);
  });
}

void around_park(std::function<void()> const& body) {
  the_ticker().rests();
  outside_guile(body);
  the_ticker().goes_on();
}

}  // namespace weft::inline WEFT_ON::scheme::detail
