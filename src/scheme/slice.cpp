// SPDX-License-Identifier: Apache-2.0
#include "slice.hpp"

#include "core.hpp"

#include "actor.hpp"
#include "stm.hpp"

#include <weft/exec/runtime.hpp>

#include <mutex>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

// What is current here while the slice runs. Guile keeps the current module by the thread; a task
// takes its own along.
struct slice_of {
  lane& here;
  record& of;
  explicit slice_of(record& r) noexcept : here(*lane::of_thread()), of(r) {
    here.current = &r;
    r.asleep = false;
    if (here.module != SCM_UNPACK_POINTER(r.module)) scm_set_current_module(r.module);
    here.move_on();
  }
  ~slice_of() {
    here.move_on();
    of.module = scm_current_module();
    here.module = SCM_UNPACK_POINTER(of.module);
    here.current = nullptr;
    if (std::exchange(here.lent, false)) current_runtime().blocking_end();
  }
  slice_of(slice_of const&) = delete;
  slice_of& operator=(slice_of const&) = delete;
};

SCM enter(record& r) {
  auto& with = the_hooks();
  auto const k = std::exchange(r.k, SCM_BOOL_F);
  if (!std::exchange(r.started, true)) {
    r.ending = false;
    return scm_call_1(with.start, k);
  }
  return scm_call_2(with.resume, k,
                    r.answer_failed ? with.failed : std::exchange(r.answer, SCM_BOOL_F));
}

}  // namespace

hooks& the_hooks() noexcept {
  static hooks all;
  return all;
}

bool run_slice(record& r) noexcept {
  slice_of const running{r};
  SCM const left = enter(r);
  if (r.asleep) {
    r.k = left;
    return true;
  }
  if (!r.failed) r.outcome = left;
  return false;
}

task<> take_wait(record& r) noexcept {
  auto* const how = std::exchange(r.pending, nullptr);
  return task<>(task<>::handle::from_address(how));
}

void finish(record& r) noexcept {
  end_transaction(r);
  leave_mailbox(r);
  r.on = r.k = r.answer = SCM_BOOL_F;
  if (!r.failed) r.module = SCM_BOOL_F;
  if (r.rare) {
    r.rare->locals = r.rare->watched = SCM_EOL;
    r.rare->self = SCM_BOOL_F;
  }
  weft::detail::scope_state* in = nullptr;
  {
    std::scoped_lock hold{r.lock};
    in = std::exchange(r.in, nullptr);
  }
  if (in) in->unref();
  if (r.failed && r.of->lost) r.of->lost->add(r);
  r.done.open();
}

SCM must_wait(record& r, task<> how, SCM on) {
  r.what = record::wait::task;
  r.pending = how.release().address();
  r.on = on;
  r.asleep = true;
  return the_hooks().must_wait;
}

SCM must_yield(record& r) {
  r.what = record::wait::yield;
  r.asleep = true;
  r.answer_with(SCM_UNSPECIFIED);
  return the_hooks().must_wait;
}

}  // namespace weft::inline WEFT_ON::scheme::detail
