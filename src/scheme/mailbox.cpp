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

// The mailboxes of Scheme tasks: an actor's own, or an inbox; and questions, which are answered.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

namespace base = weft::detail;
using boxed_ref = boxed<address>;
using boxed_question = boxed<replier<root>>;

SCM no_message = SCM_BOOL_F;   // what a receive gives whose time is over
SCM saved_first = SCM_BOOL_F;  // and one of a task that may have messages it passed over

base::cell& cell_of(record& r) noexcept { return *base::ref_access::at(r.box); }

// ---- questions: the right to answer a message that was asked

void drop_late(void* object, void*) {
  reinterpret_cast<boxed_question*>(object)->it.~replier<root>();
}

// Whoever received a question may have put it away: it is dropped when nobody can answer it.
void let_go(SCM question) noexcept {
  if (scm_is_false(question)) return;
  auto* const b = reinterpret_cast<boxed_question*>(SCM_UNPACK_POINTER(question));
  if (b->it) GC_register_finalizer_no_order(b, drop_late, nullptr, nullptr, nullptr);
}

void accept(record& r, request<letter>&& got) {
  let_go(r.swap_question(SCM_BOOL_F));
  r.answer_with(kept(got.content.content));
  if (got.answer) r.swap_question(boxed_question::make(std::move(got.answer)));
}

// The object that the task watches under this number, once.
SCM take_watched(record& r, std::uint64_t id) {
  SCM const all = r.more().watched;
  for (SCM l = all; scm_is_pair(l); l = scm_cdr(l)) {
    SCM const x = scm_car(l);
    if (any_actor_argument("receive", 1, x).id() != id) continue;
    r.more().watched = scm_delq1_x(x, all);
    return x;
  }
  return SCM_BOOL_F;
}

void accept(record& r, down const& end) {
  let_go(r.swap_question(SCM_BOOL_F));
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

SCM receive_now(record& r) {
  if (receive_at_once(r)) return answer_now(r);
  r.what = record::wait::letter;
  r.asleep = true;
  return the_hooks().must_wait;
}

SCM receive() { return receive_now(receiver("receive")); }

SCM receive_next() {
  auto& r = receiver("receive");
  return scm_is_null(r.locals()) ? receive_now(r) : saved_first;
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
  auto& mine = r.more().self;
  if (scm_is_false(mine)) mine = object_of(r.box);
  return mine;
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
  if (auto* const r = current_record(); r && r->attempt())
    scm_misc_error(who,
                   "in a transaction, which may be tried again, a message could be sent twice: "
                   "send it after the transaction",
                   SCM_EOL);
}

status word_now(base::mail_operation<letter>& op, bool& waits_for_room) {
  auto const c = op.try_commit();
  waits_for_room = c == no_case;
  return waits_for_room ? status::full : op.take(c);
}

task<> wait_for_room(record& r, base::mail_operation<letter> op) {
  auto how = co_await as_result(std::move(op));
  if (answered(r, how)) r.answer_with(word_of(*how));
}

// Waits for room where the mailbox says so.
SCM send(SCM to, SCM message) {
  constexpr auto who = "send!";
  auto& r = running(who);
  auto& at = boxed_ref::argument(who, 1, to);
  must_be_sendable(who);
  SCM answer = SCM_BOOL_F;
  auto go = [&] {
    auto op = at.send(letter{rooted(message)});
    bool full = false;
    auto const how = word_now(op, full);
    answer = full ? must_wait(r, wait_for_room(r, std::move(op)), to) : word_of(how);
  };
  checked(who, go);
  return answer;
}

SCM ask(SCM to, SCM message, SCM seconds) {
  constexpr auto who = "ask";
  auto& r = running(who);
  auto const at = boxed_ref::argument(who, 1, to);
  auto const limit = duration_argument(who, 3, seconds);
  return waits(who, r, message, [&] { return wait_for_answer(r, at, rooted(message), limit); });
}

// ---- answering

SCM question() { return running("receive").question(); }

SCM set_question(SCM x) {
  auto& r = running("receive");
  if (scm_is_true(x)) static_cast<void>(boxed_question::argument("receive", 1, x));
  let_go(r.swap_question(x));
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
  SCM const asked = running("reply").question();
  return scm_is_true(asked) ? answer(asked, value) : SCM_BOOL_F;
}

SCM unhandled(SCM message) {
  auto& r = running("actor");
  letter lost{rooted(message)};
  weft::dead_letters().put({dead_reason::unhandled, r.box.id(), typeid(letter), &lost});
  return SCM_UNSPECIFIED;
}

}  // namespace

record& receiver(char const* who) {
  auto& r = waiting(who);
  auto open = [&] { open_mailbox(r); };
  checked(who, open);
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
    at().take_message(e);
    return accept(*for_, got);
  }
  auto got = base::open<letter>(e);
  at().take_message(e);
  accept(*for_, std::move(got));
}

task<> wait_for_letter(record& r) { co_await letter_wait(r); }

void leave_mailbox(record& r) noexcept {
  if (!r.owns_box) return;
  drop_question(r);
  r.owns_box = false;
  base::close_inbox(std::exchange(r.box, {}));
}

void drop_question(record& r) noexcept {
  SCM const left = r.swap_question(SCM_BOOL_F);
  if (scm_is_false(left)) return;
  auto& to = boxed_question::argument("actor", 1, left);
  replier<root> const gone(std::move(to));  // its end says why
}

void define_mailboxes() {
  boxed_question::define_type("question");
  no_message = scm_permanent_object(scm_make_symbol(scm_from_utf8_string("timeout")));
  saved_first = scm_permanent_object(scm_make_symbol(scm_from_utf8_string("saved-first")));
  scm_c_define("%timeout", no_message);
  scm_c_define("%saved-first", saved_first);
  scm_c_export("%timeout", "%saved-first", nullptr);
  define("%ref?", 1, 0, is_ref);
  define("%self", 0, 0, self);
  define("%receive", 0, 0, receive);
  define("%receive-next", 0, 0, receive_next);
  define("%receive-within", 1, 0, receive_within);
  define("%send", 2, 0, send);
  define("%ask", 3, 0, ask);
  define("%question", 0, 0, question);
  define("%set-question!", 1, 0, set_question);
  define("%answer", 2, 0, answer);
  define("%answer-error", 2, 0, answer_error);
  define("%reply", 1, 0, reply);
  define("%unhandled", 1, 0, unhandled);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
