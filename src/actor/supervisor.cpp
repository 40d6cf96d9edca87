// SPDX-License-Identifier: Apache-2.0
#include <weft/actor/supervisor.hpp>
#include <weft/wait/result.hpp>

#include "task/unjoined.hpp"

#include <algorithm>
#include <array>

namespace weft::inline WEFT_ON {
namespace {

using refused = supervisor_error::kind;

std::string refusal(refused why, std::string_view name, std::string const& more) {
  constexpr std::array<std::string_view, 5> texts{
      "there is no such child: which_children lists them",
      "there is a child of that name, and it runs",
      "there is a child of that name, which does not run: restart_child or delete_child it",
      "the child runs: terminate_child it first", "the child failed to start"};
  std::string out = "child \"" + std::string(name) + "\": ";
  out += texts[static_cast<std::size_t>(why)];
  return more.empty() ? out : out + ": " + more;
}

constexpr detail::exit_ticket::judge judges[] = {
    [](exit_reason const&) { return true; },
    [](exit_reason const& why) { return !why.orderly(); },
    [](exit_reason const&) { return false; },
};
detail::exit_ticket::judge judge_of(child_spec const& s) {
  return judges[static_cast<std::size_t>(s.options().restart)];
}

}  // namespace

supervisor_error::supervisor_error(kind why, std::string_view name, std::string const& more)
    : error(why == kind::not_found ? errc::closed : errc::misuse, refusal(why, name, more)),
      why_(why) {}

void found_child::wrong_type() {
  throw misuse_error(
      "the child is an actor of another class than the one that was named: its "
      "messages are not those");
}

supervisor::supervisor(supervisor_options o) : options_(o) {
  if (options_.strategy != strategy::one_for_one)
    throw misuse_error(
        "a supervisor of another strategy than one_for_one: the others are not "
        "there yet; put children that depend on each other under one actor");
  restarts_.resize(options_.max_restarts, time_point::min());
}

// Left without its end (it failed): what it started does not go on by itself.
supervisor::~supervisor() {
  for (auto const& [id, c] : running_) c->who.kill();
}

supervisor::place supervisor::find(std::string_view name) {
  return std::find_if(children_.begin(), children_.end(),
                      [&](auto const& c) { return c->spec.options().name == name; });
}

supervisor::entry& supervisor::must_find(std::string_view name) {
  auto const at = find(name);
  if (at == children_.end()) throw supervisor_error(refused::not_found, name);
  return **at;
}

found_child supervisor::found(entry const& c) { return {c.who, c.spec.maker().key()}; }

supervisor& supervisor::add(child_spec s) {
  if (find(s.options().name) != children_.end())
    throw supervisor_error(refused::already_present, s.options().name);
  children_.push_back(std::make_unique<entry>(std::move(s)));
  return *this;
}

task<> supervisor::started() {
  for (auto const& c : children_) {
    auto starting = as_result(start(*c));
    auto const how = co_await std::move(starting);
    if (how) continue;
    auto const name = c->spec.options().name;
    auto const why = how.error() ? detail::text_of(how.error()) : "cancelled: " + how.reason();
    {
      shield until_ended;
      auto ending = end_all();
      co_await std::move(ending);
    }
    throw supervisor_error(refused::failed_to_start, name, why);
  }
}

task<> supervisor::run() {
  while (!gives_up_) {
    auto next = as_result(receive());
    auto got = co_await std::move(next);
    if (!got) break;
    auto served = serve(std::move(*got));
    co_await std::move(served);
  }
  if (gives_up_) here().word.fetch_or(detail::cell::must_stop, relaxed);  // rlx owner: its reason
  shield until_ended;
  auto ending = end_all();
  co_await std::move(ending);
}

task<> supervisor::start(entry& c) {
  auto& maker = c.spec.maker();
  auto const me = self();
  detail::new_home home(maker.kind(), actor_options{});
  auto& at = home.at();
  ref<> const who(&at, home.id());
  at.supervise(who.id(), *detail::ref_access::at(me), me.id(), judge_of(c.spec));
  auto* const a = new detail::answer<void>("started()", &at, who.id());
  detail::outcome_ptr<void> const signal(a);
  replier<void> told(a);
  running_.emplace(who.id(), &c);
  try {
    maker.make(at);
  } catch (...) {
    running_.erase(who.id());
    told.forget();
    throw;
  }
  home.inhabited();
  c.who = who;
  maker.begin(at, std::move(told), false);
  auto wait = as_result(detail::get_operation<void, false>(signal));
  auto how = co_await std::move(wait);
  if (how) co_return;
  // It ends, or has: what it leaves behind is nobody's.
  running_.erase(who.id());
  c.who = {};
  who.kill();
  std::move(how).value();
}

task<> supervisor::end(entry& c) {
  auto const who = std::exchange(c.who, {});
  if (!who) co_return;
  running_.erase(who.id());
  // One that has ended already is closed by whoever drops the message that says so.
  if (!detail::ref_access::at(who)->release(who.id())) co_return;
  auto const limit = c.spec.options().shutdown;
  if (limit > duration::zero() && who.stop()) {
    auto ending = as_result(weft::ended(who) | timeout(limit));
    auto const in_time = co_await std::move(ending);
    if (in_time) co_return;
  }
  who.kill();
  auto ending = weft::ended(who);
  co_await std::move(ending);
}

task<> supervisor::end_all() {
  for (auto c = children_.rbegin(); c != children_.rend(); ++c) {
    auto ending = end(**c);
    co_await std::move(ending);
  }
}

void supervisor::ended(detail::child_exit e) {
  auto const at = running_.find(e.id());
  if (at == running_.end()) return;
  auto& c = *at->second;
  if (judge_of(c.spec)(e.why())) {
    if (may_restart()) return again(c, std::move(e));
    gives_up_ = true;
  }
  running_.erase(at);
  c.who = {};
  if (c.spec.options().restart == restart::temporary)
    std::erase_if(children_, [&](auto const& x) { return x.get() == &c; });
}

// The oldest of the last restarts is as old as the window: a ring of them is enough.
bool supervisor::may_restart() {
  if (restarts_.empty()) return false;
  auto const now = current_context().now();
  auto& oldest = restarts_[last_];
  if (oldest != time_point::min() && now - oldest <= options_.window) return false;
  oldest = now;
  last_ = (last_ + 1) % restarts_.size();
  return true;
}

void supervisor::again(entry& c, detail::child_exit e) {
  auto const id = e.id();
  auto const me = self();
  auto& at = e.keep();
  try {
    at.renew();
    at.supervise(id, *detail::ref_access::at(me), me.id(), judge_of(c.spec));
    c.spec.maker().make(at);
  } catch (...) {
    // Tried again behind what is queued here, so that an end of the supervisor can come between.
    me.tell(detail::child_exit(at, id, {exit_reason::kind::crashed, std::current_exception()}));
    return;
  }
  c.spec.maker().begin(at, {}, true);
}

task<std::vector<child_info>> supervisor::call(which_children) {
  std::vector<child_info> out;
  for (auto const& c : children_)
    out.push_back({c->spec.options().name, c->who, c->spec.options().restart});
  co_return out;
}

task<child_counts> supervisor::call(count_children) {
  co_return child_counts{children_.size(), running_.size()};
}

task<found_child> supervisor::call(find_child m) { co_return found(must_find(m.name)); }

task<found_child> supervisor::call(start_child m) {
  if (auto const at = find(m.spec.options().name); at != children_.end())
    throw supervisor_error((*at)->who ? refused::already_started : refused::already_present,
                           m.spec.options().name);
  add(std::move(m.spec));
  auto& c = *children_.back();
  co_return co_await start_or_forget(c, true);
}

task<found_child> supervisor::call(restart_child m) {
  auto& c = must_find(m.name);
  if (c.who) throw supervisor_error(refused::running, m.name);
  co_return co_await start_or_forget(c, false);
}

task<found_child> supervisor::start_or_forget(entry& c, bool forget) {
  auto starting = as_result(start(c));
  auto how = co_await std::move(starting);
  if (how) co_return found(c);
  auto const name = c.spec.options().name;
  if (forget) std::erase_if(children_, [&](auto const& x) { return x.get() == &c; });
  if (how.cancelled()) throw cancelled(how.reason());
  throw supervisor_error(refused::failed_to_start, name, detail::text_of(how.error()));
}

task<> supervisor::call(terminate_child m) {
  auto& c = must_find(m.name);
  auto ending = end(c);
  co_await std::move(ending);
  if (c.spec.options().restart == restart::temporary)
    std::erase_if(children_, [&](auto const& x) { return x.get() == &c; });
}

task<> supervisor::call(delete_child m) {
  auto& c = must_find(m.name);
  if (c.who) throw supervisor_error(refused::running, m.name);
  std::erase_if(children_, [&](auto const& x) { return x.get() == &c; });
  co_return;
}

template <class M>
task<> supervisor::answer(request<M> r) {
  using R = typename M::reply;
  auto calling = as_result(call(std::move(r.content)));
  auto how = co_await std::move(calling);
  if (how.failed()) {
    r.answer.fail(how.error());
  } else if (how.cancelled()) {
    r.answer.drop(ask_failure::terminated);
  } else if constexpr (std::is_void_v<R>) {
    r.answer.reply();
  } else {
    r.answer.reply(std::move(*how));
  }
}

task<> supervisor::serve(receive_type::result_type m) {
  if (auto* const e = std::get_if<detail::child_exit>(&m)) {
    ended(std::move(*e));
    co_return;
  }
  auto served = std::visit(
      [this]<class X>(X& x) -> task<> {
        if constexpr (std::is_same_v<X, detail::child_exit>) {
          return end_all();  // not reached: told above
        } else {
          return answer(std::move(x));
        }
      },
      m);
  co_await std::move(served);
}

}  // namespace weft::inline WEFT_ON
