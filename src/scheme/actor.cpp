// SPDX-License-Identifier: Apache-2.0
#include "actor.hpp"

#include "boxed.hpp"
#include "core.hpp"

#include <weft/actor/ask.hpp>
#include <weft/actor/inbox.hpp>
#include <weft/actor/spawn.hpp>
#include <weft/actor/supervisor.hpp>
#include <weft/wait/after.hpp>
#include <weft/wait/select.hpp>

// Actors of Scheme: coroutine actors of C++ whose run() drives a Scheme task.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

namespace base = weft::detail;
using boxed_ref = boxed<address>;

base::cell& cell_of(record& r) noexcept { return *base::ref_access::at(r.box); }

// ---- life

SCM option(SCM options, char const* name) {
  SCM const found = scm_assq(scm_from_utf8_symbol(name), options);
  return scm_is_true(found) ? scm_cdr(found) : SCM_BOOL_F;
}

SCM spawn(SCM thunk, SCM options) {
  constexpr auto who = "spawn";
  auto& mine = running(who);
  must_not_be_in_transaction(who, mine);
  auto& r = actor_record(*mine.of, thunk, option(options, "name"), options);
  address made;
  auto const room = bounds_of(options);
  auto begin = [&] {
    actor_options where;
    where.mailbox = room;
    where.on = &mine.of->on;
    where.in = mine.of->services;
    made = spawn_actor<scheme_actor>(where, rooted(r.object()));
  };
  checked(who, begin);
  return object_of(made);
}

SCM stop(SCM x, SCM) { return scm_from_bool(any_actor_argument("stop!", 1, x).stop()); }
SCM kill(SCM x) { return scm_from_bool(any_actor_argument("kill!", 1, x).kill()); }
SCM is_alive(SCM x) { return scm_from_bool(any_actor_argument("actor-alive?", 1, x).alive()); }

SCM link_to(SCM x) {
  constexpr auto who = "link!";
  auto& r = running(who);
  auto const other = any_actor_argument(who, 1, x);
  if (r.kind != record::is::actor)
    scm_misc_error(who, "only an actor can be linked: the main body, threads and futures are none",
                   SCM_EOL);
  auto tie = [&] { link(r.box, other); };
  checked(who, tie);
  return SCM_UNSPECIFIED;
}

SCM watch(SCM x) {
  constexpr auto who = "monitor!";
  auto& r = receiver(who);
  auto const other = any_actor_argument(who, 1, x);
  r.more().watched = scm_cons(x, r.more().watched);
  auto begin = [&] { monitor(other, r.box); };
  checked(who, begin);
  return SCM_UNSPECIFIED;
}

SCM count_dead_letters() { return scm_from_uint64(weft::dead_letters().count()); }

SCM are_same(SCM a, SCM b) {
  return scm_from_bool(boxed_ref::argument("equal?", 1, a) == boxed_ref::argument("equal?", 2, b));
}

int show_ref(SCM x, SCM port, scm_print_state*) {
  scm_puts("#<actor ", port);
  scm_display(scm_from_uint64(boxed_ref::argument("write", 1, x).id()), port);
  scm_putc('>', port);
  return 1;
}

SCM symbol_of(exit_reason::kind k) {
  using kind = exit_reason::kind;
  switch (k) {
    case kind::shutdown:
      return scm_from_utf8_symbol("shutdown");
    case kind::cancelled:
      return scm_from_utf8_symbol("cancelled");
    case kind::killed:
      return scm_from_utf8_symbol("killed");
    case kind::no_actor:
      return scm_from_utf8_symbol("no-actor");
    case kind::linked:
      return scm_from_utf8_symbol("linked");
    case kind::crashed:
      return scm_from_utf8_symbol("crashed");
    default:
      return scm_from_utf8_symbol("normal");
  }
}

}  // namespace

mailbox_bounds bounds_of(SCM options) {
  SCM const most = option(options, "mailbox");
  SCM const policy = option(options, "backpressure");
  mailbox_bounds b;
  if (!scm_is_exact_integer(most)) return b;
  b.capacity = scm_to_size_t(most);
  auto const is = [&](char const* s) { return scm_is_eq(policy, scm_from_utf8_symbol(s)); };
  b.when_full = is("fail")          ? overflow::fail
                : is("drop-newest") ? overflow::drop_newest
                : is("drop-oldest") ? overflow::drop_oldest
                                    : overflow::block;
  return b;
}

ref<> any_actor_argument(char const* who, int at, SCM x) {
  using boss = boxed<supervisor::ref_type>;
  if (boss::is(x)) return boss::argument(who, at, x);
  return boxed_ref::argument(who, at, x);
}

SCM object_of(address const& a) { return boxed_ref::make(a); }

SCM reason_of(exit_reason const& why) noexcept {
  return why.error ? condition_of(why.error) : symbol_of(why.why);
}

record& actor_record(core& of, SCM thunk, SCM name, SCM options) {
  auto& r = record::make(of, thunk, name);
  r.on_stop = option(options, "on-stop");
  r.kind = record::is::actor;
  return r;
}

record& another_life(record const& kind) {
  auto& r = record::make(*kind.of, kind.k, kind.name());
  r.on_stop = kind.on_stop;
  r.module = kind.module;
  r.kind = record::is::actor;
  return r;
}

scheme_actor::~scheme_actor() {
  if (!task_) return;
  drop_question(*record::of_object(kept(task_)));
}

task<> scheme_actor::run() {
  auto& r = *record::of_object(kept(task_));
  r.box = self();
  if ((r.in = base::scope_inside(here())) != nullptr) r.in->ref();
  return drive(r, {});
}

bool begin_on_stop(record& r) noexcept {
  SCM const hook = std::exchange(r.on_stop, SCM_BOOL_F);
  if (scm_is_false(hook)) return false;
  auto& c = cell_of(r);
  auto const ordered = c.ordered().why;
  if (ordered == exit_reason::kind::killed && c.orders() != 0) return false;
  SCM reason = symbol_of(exit_reason::kind::normal);
  if (c.orders() != 0) {
    reason = symbol_of(ordered);
  } else if (r.failed) {
    reason = r.outcome;
  }
  r.k = scm_call_2(the_hooks().bound, hook, reason);
  r.started = false;
  current_context().raise_shield();
  return true;
}

void end_of_life(record& r) {
  if (r.kind != record::is::actor) return;
  if (cell_of(r).orders() != 0) throw cancelled("the actor was told to end");
  if (r.failed) std::rethrow_exception(exception_of(r.outcome));
}

void define_actors() {
  boxed_ref::define_type("actor");
  scm_set_smob_equalp(boxed_ref::tag, are_same);
  scm_set_smob_print(boxed_ref::tag, show_ref);
  define("%actor-spawn", 2, 0, spawn);
  define("%stop", 2, 0, stop);
  define("%kill", 1, 0, kill);
  define("%link", 1, 0, link_to);
  define("%monitor", 1, 0, watch);
  define("%actor-alive?", 1, 0, is_alive);
  define("%dead-letters", 0, 0, count_dead_letters);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
