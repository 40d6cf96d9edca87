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
using boxed_question = boxed<replier<root>>;

SCM no_message = SCM_BOOL_F;  // what a receive gives whose time is over

base::cell& cell_of(record& r) noexcept { return *base::ref_access::at(r.box); }

// ---- questions: the right to answer a message that was asked

void drop_question(void* object, void*) {
  reinterpret_cast<boxed_question*>(object)->it.~replier<root>();
}

// Whoever received a question may have put it away: it is dropped when nobody can answer it.
void let_go(SCM question) noexcept {
  if (scm_is_false(question)) return;
  auto* const b = reinterpret_cast<boxed_question*>(SCM_UNPACK_POINTER(question));
  if (b->it) GC_register_finalizer_no_order(b, drop_question, nullptr, nullptr, nullptr);
}

void accept(record& r, request<letter>&& got) {
  let_go(std::exchange(r.question, SCM_BOOL_F));
  r.answer_with(kept(got.content.content));
  if (got.answer) r.question = boxed_question::make(std::move(got.answer));
}

// The object that the task watches under this number, once.
SCM take_watched(record& r, std::uint64_t id) {
  SCM* at = &r.watched;
  for (SCM l = r.watched; scm_is_pair(l); l = scm_cdr(l)) {
    SCM const x = scm_car(l);
    if (any_actor_argument("receive", 1, x).id() != id) continue;
    r.watched = scm_delq1_x(x, *at);
    return x;
  }
  return SCM_BOOL_F;
}

void accept(record& r, down const& end) {
  let_go(std::exchange(r.question, SCM_BOOL_F));
  r.answer_with(
      scm_list_3(scm_from_utf8_symbol("down"), take_watched(r, end.who), reason_of(end.why)));
}

// ---- the waits

task<> wait_for_letter_within(record& r, duration d) {
  auto both = select(mailbox_wait(cell_of(r)), after(d));
  auto how = co_await as_result(std::move(both));
  if (!answered(r, how)) co_return;
  if ((*how).index() == 0) {
    std::visit([&](auto&& got) { accept(r, std::move(got)); }, std::get<0>(std::move(*how)));
  } else {
    r.answer_with(no_message);
  }
}

task<> wait_for_answer(record& r, address to, root question, duration limit) {
  try {
    letter asks{std::move(question)};
    auto op = to.ask(std::move(asks), limit);
    auto how = co_await as_result(std::move(op));
    if (answered(r, how)) r.answer_with(kept(*how));
  } catch (...) {
    r.answer_raising(condition_of(std::current_exception()));
  }
}

// ---- mailbox

void open_mailbox(record& r) {
  if (r.box) return;
  auto const mine = base::open_inbox({});
  r.box = address(base::ref_access::at(mine), mine.id());
  r.owns_box = true;
}

bool receive_at_once(record& r) {
  letter_wait op(r);
  auto const c = op.try_commit();
  if (c == no_case) return false;
  op.take(c);
  return true;
}

record& receiver(char const* who) {
  auto& r = running(who);
  must_not_be_in_transaction(who, r);
  auto open = [&] { open_mailbox(r); };
  checked(who, open);
  return r;
}

SCM receive() {
  auto& r = receiver("receive");
  if (receive_at_once(r)) return answer_now(r);
  r.what = record::wait::letter;
  r.asleep = true;
  return the_hooks().must_wait;
}

SCM receive_within(SCM seconds) {
  constexpr auto who = "receive";
  auto& r = receiver(who);
  auto const d = duration_argument(who, 1, seconds);
  if (receive_at_once(r)) return answer_now(r);
  if (d == duration::zero()) return no_message;
  return waits(who, r, SCM_BOOL_F, [&] { return wait_for_letter_within(r, d); });
}

SCM self() {
  auto& r = receiver("self");
  if (scm_is_false(r.self)) r.self = object_of(r.box);
  return r.self;
}

// ---- sending

SCM is_ref(SCM x) { return scm_from_bool(boxed_ref::is(x) || boxed<supervisor::ref_type>::is(x)); }

SCM word_of(status s) {
  static SCM const done = scm_permanent_object(scm_from_utf8_symbol("done"));
  static SCM const full = scm_permanent_object(scm_from_utf8_symbol("full"));
  static SCM const no_actor = scm_permanent_object(scm_from_utf8_symbol("no-actor"));
  return s == status::done ? done : s == status::full ? full : no_actor;
}

void must_be_sendable(char const* who) {
  if (auto* const r = current_record(); r && r->attempt)
    scm_misc_error(who,
                   "in a transaction, which may be tried again, a message could be sent twice: "
                   "send it after the transaction",
                   SCM_EOL);
}

SCM tell(SCM to, SCM message) {
  constexpr auto who = "send!";
  auto& at = boxed_ref::argument(who, 1, to);
  must_be_sendable(who);
  status how{};
  auto send = [&] { how = at.tell(letter{rooted(message)}); };
  checked(who, send);
  return word_of(how);
}

SCM ask(SCM to, SCM message, SCM seconds) {
  constexpr auto who = "ask";
  auto& r = running(who);
  auto const at = boxed_ref::argument(who, 1, to);
  auto const limit = duration_argument(who, 3, seconds);
  return waits(who, r, message, [&] { return wait_for_answer(r, at, rooted(message), limit); });
}

// ---- answering

SCM question() { return running("receive").question; }

SCM set_question(SCM x) {
  auto& r = running("receive");
  if (scm_is_true(x)) static_cast<void>(boxed_question::argument("receive", 1, x));
  let_go(std::exchange(r.question, x));
  return SCM_UNSPECIFIED;
}

SCM answer(SCM x, SCM value) {
  constexpr auto who = "reply";
  auto& to = boxed_question::argument(who, 1, x);
  if (!to) return SCM_BOOL_F;
  auto reply = [&] { to.reply(rooted(value)); };
  checked(who, reply);
  return SCM_BOOL_T;
}

SCM answer_error(SCM x, SCM condition) {
  constexpr auto who = "reply";
  auto& to = boxed_question::argument(who, 1, x);
  if (!to) return SCM_BOOL_F;
  auto reply = [&] { to.fail(exception_of(condition)); };
  checked(who, reply);
  return SCM_BOOL_T;
}

SCM reply(SCM value) {
  SCM const asked = running("reply").question;
  return scm_is_true(asked) ? answer(asked, value) : SCM_BOOL_F;
}

SCM unhandled(SCM message) {
  auto& r = running("actor");
  letter lost{rooted(message)};
  weft::dead_letters().put({dead_reason::unhandled, r.box.id(), typeid(letter), &lost});
  return SCM_UNSPECIFIED;
}

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
  auto begin = [&] {
    actor_options where;
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
  r.watched = scm_cons(x, r.watched);
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
  auto& r = record::make(*kind.of, kind.k, kind.name);
  r.on_stop = kind.on_stop;
  r.module = kind.module;
  r.kind = record::is::actor;
  return r;
}

letter_wait::letter_wait(record& r) noexcept : receive_wait(cell_of(r)), for_(&r) {}

void letter_wait::take(case_id i) {
  if (i == cancelled_case) {
    auto const* const s = current_context().scope_of();
    for_->answer_raising(cancelled_condition(s && s->cancelled() ? s->reason() : "stopped"));
    return;
  }
  auto& e = committed();
  if (e.what->key == &base::message_key<down>) {
    auto const got = base::open<down>(e);
    at().take(e);
    return accept(*for_, got);
  }
  auto got = base::open<letter>(e);
  at().take(e);
  accept(*for_, std::move(got));
}

task<> wait_for_letter(record& r) { co_await letter_wait(r); }

scheme_actor::~scheme_actor() {
  if (!task_) return;
  auto& r = *record::of_object(kept(task_));
  SCM const left = std::exchange(r.question, SCM_BOOL_F);
  if (scm_is_false(left)) return;
  auto& to = boxed_question::argument("actor", 1, left);
  auto const unanswered = std::move(to);  // whose end says why
}

task<> scheme_actor::run() {
  auto& r = *record::of_object(kept(task_));
  r.box = self();
  if ((r.in = base::scope_inside(here())) != nullptr) r.in->ref();
  return drive(rooted(r.object()));
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

void leave_mailbox(record& r) noexcept {
  if (!r.owns_box) return;
  let_go(std::exchange(r.question, SCM_BOOL_F));
  r.owns_box = false;
  base::close_inbox(std::exchange(r.box, {}));
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
  boxed_question::define_type("question");
  no_message = scm_permanent_object(scm_make_symbol(scm_from_utf8_string("timeout")));
  scm_c_define("%timeout", no_message);
  scm_c_export("%timeout", nullptr);
  define("%self", 0, 0, self);
  define("%ref?", 1, 0, is_ref);
  define("%receive", 0, 0, receive);
  define("%receive-within", 1, 0, receive_within);
  define("%tell", 2, 0, tell);
  define("%send", 2, 0, tell);
  define("%ask", 3, 0, ask);
  define("%question", 0, 0, question);
  define("%set-question!", 1, 0, set_question);
  define("%answer", 2, 0, answer);
  define("%answer-error", 2, 0, answer_error);
  define("%reply", 1, 0, reply);
  define("%unhandled", 1, 0, unhandled);
  define("%actor-spawn", 2, 0, spawn);
  define("%stop", 2, 0, stop);
  define("%kill", 1, 0, kill);
  define("%link", 1, 0, link_to);
  define("%monitor", 1, 0, watch);
  define("%actor-alive?", 1, 0, is_alive);
  define("%dead-letters", 0, 0, count_dead_letters);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
