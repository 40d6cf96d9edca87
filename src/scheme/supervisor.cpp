// SPDX-License-Identifier: Apache-2.0
#include "actor.hpp"
#include "boxed.hpp"
#include "core.hpp"

#include <weft/actor/spawn.hpp>
#include <weft/actor/supervisor.hpp>

#include <cstdlib>

// Supervisors of Scheme are those of C++; only how a child is made is Scheme's.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

using boss = boxed<supervisor::ref_type>;

/// Makes the actor of each life of a child from a record that never runs itself.
struct child_maker {
  root kind;
  scheme_actor operator()() const {
    return scheme_actor(rooted(another_life(*record::of_object(kept(kind))).object()));
  }
};

std::string text_of(SCM name) {
  char* const s = scm_to_utf8_string(scm_is_symbol(name) ? scm_symbol_to_string(name) : name);
  std::string all(s);
  std::free(s);
  return all;
}

restart restart_of(SCM name) {
  auto const is = [&](char const* s) { return scm_is_eq(name, scm_from_utf8_symbol(s)); };
  if (is("transient")) return restart::transient;
  return is("temporary") ? restart::temporary : restart::permanent;
}

// (name thunk options restart shutdown)
child_spec spec_of(core& of, SCM child) {
  SCM const name = scm_car(child);
  child_options o;
  o.name = text_of(name);
  o.restart = restart_of(scm_cadddr(child));
  o.shutdown = duration_argument("start-supervisor", 5, scm_car(scm_cddddr(child)));
  auto& r = actor_record(of, scm_cadr(child), name, scm_caddr(child));
  return child_spec(std::move(o), child_maker{rooted(r.object())});
}

task<> wait_for_start(record& r, supervisor made) {
  try {
    actor_options where;
    where.on = &r.of->on;
    where.in = r.of->services;
    auto op = spawn<supervisor>(std::move(where), std::move(made));
    auto how = co_await as_result(std::move(op));
    if (answered(r, how)) r.answer_with(boss::make(*how));
  } catch (...) {
    r.answer_raising(condition_of(std::current_exception()));
  }
}

SCM start_children(SCM, SCM, SCM most, SCM window, SCM children) {
  constexpr auto who = "start-supervisor";
  auto& r = running(who);
  supervisor_options o;
  o.max_restarts = scm_to_uint(most);
  o.window = duration_argument(who, 4, window);
  return waits(who, r, children, [&] {
    supervisor made(o);
    for (SCM l = children; scm_is_pair(l); l = scm_cdr(l)) made.add(spec_of(*r.of, scm_car(l)));
    return wait_for_start(r, std::move(made));
  });
}

task<> wait_for_child(record& r, supervisor::ref_type by, std::string name) {
  try {
    find_child asks{std::move(name)};
    auto op = by.ask(std::move(asks));
    auto how = co_await as_result(std::move(op));
    if (answered(r, how)) r.answer_with(object_of((*how).as<scheme_actor>()));
  } catch (...) {
    r.answer_raising(condition_of(std::current_exception()));
  }
}

SCM child_named(SCM x, SCM name) {
  constexpr auto who = "supervisor-child";
  auto& r = running(who);
  auto const by = boss::argument(who, 1, x);
  if (!scm_is_symbol(name) && !scm_is_string(name))
    scm_wrong_type_arg_msg(who, 2, name, "symbol or string");
  return waits(who, r, x, [&] { return wait_for_child(r, by, text_of(name)); });
}

SCM list_of(std::vector<child_info> const& all) {
  static SCM const runs = scm_permanent_object(scm_from_utf8_symbol("running"));
  static SCM const rests = scm_permanent_object(scm_from_utf8_symbol("stopped"));
  SCM list = SCM_EOL;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    address const who(weft::detail::ref_access::at(at->who), at->who.id());
    list = scm_cons(scm_list_3(scm_from_utf8_symbol(at->name.c_str()),
                               who ? object_of(who) : SCM_BOOL_F, who ? runs : rests),
                    list);
  }
  return list;
}

task<> wait_for_children(record& r, supervisor::ref_type by) {
  try {
    auto op = by.ask(which_children{});
    auto how = co_await as_result(std::move(op));
    if (answered(r, how)) r.answer_with(list_of(*how));
  } catch (...) {
    r.answer_raising(condition_of(std::current_exception()));
  }
}

SCM children_of(SCM x) {
  constexpr auto who = "supervisor-children";
  auto& r = running(who);
  auto const by = boss::argument(who, 1, x);
  return waits(who, r, x, [&] { return wait_for_children(r, by); });
}

int show(SCM x, SCM port, scm_print_state*) {
  scm_puts("#<supervisor ", port);
  scm_display(scm_from_uint64(boss::argument("write", 1, x).id()), port);
  scm_putc('>', port);
  return 1;
}

}  // namespace

void define_supervisors() {
  boss::define_type("supervisor");
  scm_set_smob_print(boss::tag, show);
  define("%supervisor-start", 5, 0, start_children);
  define("%supervisor-child", 2, 0, child_named);
  define("%supervisor-children", 1, 0, children_of);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
