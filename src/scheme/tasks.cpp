// SPDX-License-Identifier: Apache-2.0
#include "actor.hpp"
#include "argument.hpp"
#include "core.hpp"
#include "slice.hpp"

#include <weft/wait/after.hpp>

#include <cmath>
#include <cstdlib>
#include <mutex>

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

scm_t_bits task_type;

SCM text(char const* s) { return scm_from_utf8_string(s); }

// ---- what a task waits for; each is a coroutine in the task's own execution

void give_outcome(record& r, record& of) noexcept {
  of.noticed.store(true, relaxed);  // rlx hint
  if (of.failed) {
    r.answer_raising(of.outcome);
  } else {
    r.answer_with(of.outcome);
  }
}

task<> wait_for_end(record& r, record& of) {
  auto how = co_await as_result(of.done.opened());
  if (answered(r, how)) give_outcome(r, of);
}

// Whatever the end is, and whether the waiting task is cancelled or not.
task<> wait_until_over(record& r, record& of) {
  shield const to_the_end;
  auto how = co_await as_result(of.done.opened());
  of.noticed.store(true, relaxed);  // rlx hint
  if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
}

task<> wait_for_time(record& r, duration d) {
  auto how = co_await as_result(after(d));
  if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
}

// ---- primitives

SCM spawn(SCM thunk, SCM name, SCM attached) {
  constexpr auto who = "spawn";
  auto& mine = running(who);
  if (scm_is_false(scm_thunk_p(thunk)))
    scm_wrong_type_arg_msg(who, 1, thunk, "procedure without arguments");
  auto& r = record::make(*mine.of, thunk, name);
  auto begin = [&] { start(r, scm_is_true(attached) ? scope() : mine.of->tasks.in()); };
  checked(who, begin);
  return r.object();
}

SCM is_task(SCM x) { return scm_from_bool(record::of_object(x) != nullptr); }

SCM await(SCM x) {
  auto& r = waiting("await");
  auto& of = task_argument("await", 1, x);
  if (of.is_done()) {
    give_outcome(r, of);
    return answer_now(r);
  }
  return waits("await", r, x, [&] { return wait_for_end(r, of); });
}

SCM await_end(SCM x) {
  constexpr auto who = "await-all";
  auto& r = waiting(who);
  auto& of = task_argument(who, 1, x);
  of.noticed.store(true, relaxed);  // rlx hint
  if (of.is_done()) return SCM_UNSPECIFIED;
  return waits(who, r, x, [&] { return wait_until_over(r, of); });
}

SCM sleep_for(SCM seconds) {
  constexpr auto who = "sleep";
  auto& r = running(who);
  auto const d = duration_argument(who, 1, seconds);
  return waits(who, r, SCM_BOOL_F, [&] { return wait_for_time(r, d); });
}

SCM yield_now() { return must_yield(running("yield")); }

SCM cancel(SCM x, SCM reason) {
  auto& of = task_argument("cancel!", 1, x);
  char* const why = scm_is_string(reason) ? scm_to_utf8_string(reason) : nullptr;
  bool first = false;
  weft::detail::scope_state* in = nullptr;
  {
    std::scoped_lock hold{of.lock};
    if ((in = of.in) != nullptr) in->ref();
  }
  if (in) {
    first = in->cancel(why ? why : "");
    in->unref();
  }
  std::free(why);
  return scm_from_bool(first);
}

SCM current_task() {
  auto* const r = current_record();
  return r ? r->object() : SCM_BOOL_F;
}
SCM task_name(SCM x) { return task_argument("task-name", 1, x).name(); }
// Of one that has failed: where the names that it used are looked for.
SCM task_module(SCM x) { return task_argument("task-module", 1, x).module; }
SCM task_done(SCM x) { return scm_from_bool(task_argument("task-done?", 1, x).is_done()); }
SCM locals() { return running("task-locals").locals(); }
SCM set_locals(SCM x) {
  running("task-locals").more().locals = x;
  return SCM_UNSPECIFIED;
}

SCM seconds_since_start() {
  static auto const start = atoms::now();
  return scm_from_double(std::chrono::duration<double>(atoms::now() - start).count());
}

SCM workers() { return scm_from_uint(running("workers").of->on.workers()); }

// Clean-up goes to its end though the task is cancelled.
SCM raise_shield() {
  static_cast<void>(running("call-with-cleanup"));
  current_context().raise_shield();
  return SCM_UNSPECIFIED;
}
SCM lower_shield() {
  static_cast<void>(running("call-with-cleanup"));
  current_context().lower_shield();
  return SCM_UNSPECIFIED;
}

// ---- the ends of slices

// The condition that the last wait ended with.
SCM take_failure() {
  auto& r = running("perform");
  return std::exchange(r.answer, SCM_BOOL_F);
}

SCM failed(SCM condition, SCM stack) {
  auto& r = running("task");
  r.failed = true;
  r.outcome = condition;
  r.more().stack = stack;
  return SCM_UNSPECIFIED;
}

SCM ending() {
  if (auto* const r = current_record()) r->ending = true;
  return SCM_UNSPECIFIED;
}

SCM failure_of(SCM x) {
  auto& of = task_argument("task-failure", 1, x);
  if (!of.is_done() || !of.failed) return SCM_BOOL_F;
  return scm_cons(of.outcome, of.stack());
}

// True while the task is on its way into a wait: what is left now is not left for good.
SCM is_suspending() {
  auto* const r = current_record();
  return scm_from_bool(r && r->asleep);
}

// What would block a worker is an error where WEFT_STRICT_SUSPEND says so.
void refuse_to_block(record& r) {
  {
    auto const unused = take_wait(r);
  }
  scm_misc_error("perform",
                 "the task cannot be suspended here: a C procedure of Guile's has called back into "
                 "Scheme, and WEFT_STRICT_SUSPEND forbids to block the worker instead",
                 SCM_EOL);
}

// A C frame is in the way: the thread waits, outside Guile, and another takes its place.
SCM block() {
  auto& r = running("perform");
  auto& here = *lane::of_thread();
  r.asleep = false;
  if (r.what == record::wait::yield) return SCM_UNSPECIFIED;  // nobody waits for this thread
  if (r.what == record::wait::letter) r.pending = wait_for_letter(r).release().address();
  static bool const strict = std::getenv("WEFT_STRICT_SUSPEND") != nullptr;
  if (strict) refuse_to_block(r);
  here.move_on();
  block_on(r);
  here.move_on();
  return r.answer_failed ? the_hooks().failed : std::exchange(r.answer, SCM_BOOL_F);
}

// How deep the running code is, in words of Guile's stack.
std::ptrdiff_t depth() noexcept {
  auto const& vm = SCM_I_THREAD_DATA(scm_current_thread())->vm;
  return vm.stack_top - vm.sp;
}
// To suspend a task is to copy its stack, and back: with a deep one that takes longer than the time
// until the next interruption, and the task would do nothing else. It keeps its worker instead.
constexpr std::ptrdiff_t deep = 1 << 16;
// What an interrupted slice should do: nothing, `cancel`, `yield`, or `lend` its worker's work.
SCM verdict() {
  static SCM const to_cancel = scm_permanent_object(scm_from_utf8_symbol("cancel"));
  static SCM const to_yield = scm_permanent_object(scm_from_utf8_symbol("yield"));
  static SCM const to_lend = scm_permanent_object(scm_from_utf8_symbol("lend"));
  auto* const here = lane::of_thread();
  auto* const r = here ? here->current : nullptr;
  // Taken also where it comes at a bad moment: else the ticker would not come again.
  if (!here || !here->take_interruption() || !r || here->deaf || r->asleep || r->ending)
    return SCM_BOOL_F;
  if (current_context().cancel_due()) return to_cancel;
  if (here->lent) return SCM_BOOL_F;
  return depth() < deep ? to_yield : to_lend;
}

SCM why_cancelled() {
  auto const* const in = current_context().scope_of();
  auto const make = [&] { return cancelled_condition(in && in->cancelled() ? in->reason() : ""); };
  return make();
}

// Until it is told otherwise the thread takes no notice of interruptions: where Guile would lose
// count if one of them raised. What it did before.
SCM deafen(SCM x) {
  auto* const here = lane::of_thread();
  return scm_from_bool(here && std::exchange(here->deaf, scm_is_true(x)));
}

// The running slice cannot be interrupted: another worker takes the rest of the work.
SCM lend_worker() {
  auto* const here = lane::of_thread();
  if (here && here->current && !std::exchange(here->lent, true)) current_runtime().blocking_begin();
  return SCM_UNSPECIFIED;
}

int show(SCM x, SCM port, scm_print_state*) {
  auto& r = *record::of_object(x);
  scm_puts("#<task", port);
  if (scm_is_true(r.name())) {
    scm_putc(' ', port);
    scm_display(r.name(), port);
  }
  scm_puts(!r.is_done() ? "" : r.failed ? " failed" : " done", port);
  scm_putc('>', port);
  return 1;
}

SCM set_hooks(SCM start, SCM resume, SCM condition, SCM tick, SCM bound, SCM live) {
  auto& all = the_hooks();
  all.start = scm_permanent_object(start);
  all.resume = scm_permanent_object(resume);
  all.condition = scm_permanent_object(condition);
  all.tick = scm_permanent_object(tick);
  all.bound = scm_permanent_object(bound);
  all.live = scm_permanent_object(live);
  return SCM_UNSPECIFIED;
}

SCM set_text_hooks(SCM evaluate, SCM explain) {
  the_hooks().evaluate = scm_permanent_object(evaluate);
  the_hooks().explain = scm_permanent_object(explain);
  return SCM_UNSPECIFIED;
}

}  // namespace

record& record::make(core& of, SCM thunk, SCM name) {
  auto* const r = static_cast<record*>(GC_MALLOC(sizeof(record)));
  if (!r) scm_report_out_of_memory();
  new (&r->lock) spin_lock();
  new (&r->done) gate();
  new (&r->noticed) atoms::atomic<bool>(false);
  r->k = thunk;
  r->answer = r->outcome = SCM_UNSPECIFIED;
  r->on = r->on_stop = SCM_BOOL_F;
  r->module = scm_current_module();
  r->of = &of;
  r->type = task_type;
  if (scm_is_true(name)) r->more().name = name;
  return *r;
}

rarities& record::more() {
  if (rare) return *rare;
  auto* const all = static_cast<rarities*>(GC_MALLOC(sizeof(rarities)));
  if (!all) scm_report_out_of_memory();
  all->name = all->stack = all->self = all->question = SCM_BOOL_F;
  all->locals = all->watched = all->touched = SCM_EOL;
  return *(rare = all);
}

record* record::of_object(SCM x) noexcept {
  return SCM_SMOB_PREDICATE(task_type, x) ? reinterpret_cast<record*>(SCM_UNPACK_POINTER(x))
                                          : nullptr;
}

void define_tasks() {
  task_type = scm_make_smob_type("task", 0);
  scm_set_smob_print(task_type, show);
  auto& all = the_hooks();
  all.must_wait = scm_permanent_object(scm_make_symbol(text("must-wait")));
  all.failed = scm_permanent_object(scm_make_symbol(text("failed")));
  scm_c_define("%must-wait", all.must_wait);
  scm_c_define("%failed", all.failed);
  scm_c_export("%must-wait", "%failed", nullptr);
  define("%set-hooks!", 6, 0, set_hooks);
  define("%set-text-hooks!", 2, 0, set_text_hooks);
  define("%spawn", 3, 0, spawn);
  define("%task?", 1, 0, is_task);
  define("%await", 1, 0, await);
  define("%await-end", 1, 0, await_end);
  define("%raise-shield", 0, 0, raise_shield);
  define("%lower-shield", 0, 0, lower_shield);
  define("%sleep", 1, 0, sleep_for);
  define("%yield", 0, 0, yield_now);
  define("%cancel!", 2, 0, cancel);
  define("%current-task", 0, 0, current_task);
  define("%task-name", 1, 0, task_name);
  define("%task-module", 1, 0, task_module);
  define("%task-done?", 1, 0, task_done);
  define("%task-failure", 1, 0, failure_of);
  define("%locals", 0, 0, locals);
  define("%set-locals!", 1, 0, set_locals);
  define("%now", 0, 0, seconds_since_start);
  define("%workers", 0, 0, workers);
  define("%take-failure", 0, 0, take_failure);
  define("%task-failed!", 2, 0, failed);
  define("%ending!", 0, 0, ending);
  define("%block", 0, 0, block);
  define("%suspending?", 0, 0, is_suspending);
  define("%verdict", 0, 0, verdict);
  define("%why-cancelled", 0, 0, why_cancelled);
  define("%lend-worker", 0, 0, lend_worker);
  define("%deafen!", 1, 0, deafen);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
