// SPDX-License-Identifier: Apache-2.0
// Who runs: threads, the points between their steps, what they wait for, how an execution ends.
#include "execution.hpp"

#include <algorithm>
#include <bit>
#include <exception>

namespace weft::check::detail {

namespace {

constexpr unsigned most_rounds = 20;  // of a spin loop while nothing changes

}  // namespace

void execution::point(operation const& op) {
  plain_now_ = 0;
  if (unnoticed()) {  // nobody could notice another order
    ++steps;
    if (++steps_now_ > options_.steps) {
      fail(verdict::too_long,
           thread_name(self_) + " does more than " + std::to_string(options_.steps) +
               " steps while no other thread runs, at " + told.show(op.where) +
               ": nobody will end its loop; if it ends by itself, allow more with options::steps");
    }
    return;
  }
  auto& t = me();
  do {
    t.interrupted = false;
    if (!t.signals.empty()) deliver_signals(false);
    t.next = op;
    t.is = standing::ready;
    t.stands_at(op.where, told);
    dispatch();
  } while (t.interrupted);
}

// Called in the fiber of a thread that can go no further before somebody has been chosen. Returns
// when that thread has been.
void execution::dispatch() {
  thread_set can = 0;
  for (;;) {
    if (auto const q = someone_to_advance(); q >= 0) {
      if (static_cast<unsigned>(q) != self_) change_to(static_cast<unsigned>(q));
      return;
    }
    can = able();
    if (can != 0) break;
    if (!rouse()) conclude();
  }
  auto const chosen = by_->choose_thread(can, last_, pending());
  if (chosen < 0) {
    if (by_->strayed()) {
      fail(verdict::not_repeatable,
           std::string(not_the_same) + "here it differed:\n" + who_waits());
    }
    finish(ending::cut);
  }
  ++steps;
  if (++steps_now_ > options_.steps) {
    fail(verdict::too_long,
         "more than " + std::to_string(options_.steps) + " steps, and " +
             thread_name(static_cast<unsigned>(chosen)) + " at " +
             show(threads_[static_cast<unsigned>(chosen)].next.where) +
             " still runs: a loop that waits for another thread has to call pause(); if it ends "
             "by itself, allow more with options::steps");
  }
  last_ = chosen;
  if (static_cast<unsigned>(chosen) != self_) change_to(static_cast<unsigned>(chosen));
}

void execution::change_to(unsigned thread) {
  auto const from = self_;
  self_ = thread;
  fiber::change(threads_[from].context, threads_[thread].context);
}

// A thread that has something to do which nobody can notice: to begin, to leave a spin loop's
// pause, to return from a join. It runs on until its next point.
int execution::someone_to_advance() {
  bool all_leave = true;
  for (unsigned i = 0; i < max_threads; ++i) {
    auto& t = threads_[i];
    if (t.is == standing::starting || (t.is == standing::pausing && changed_since(t, i))) {
      t.is = standing::ready;
      return static_cast<int>(i);
    }
    all_leave = all_leave && (t.is == standing::leaving || t.is == standing::joining ||
                              t.is == standing::ended || t.is == standing::absent);
    if (t.is != standing::joining) continue;
    bool all = true;
    for (unsigned j = 0; j < max_threads; ++j) {
      all = all && ((t.waits_for >> j & 1u) == 0 || threads_[j].is == standing::ended);
    }
    if (!all) continue;
    for (unsigned j = 0; j < max_threads; ++j) {
      if ((t.waits_for >> j & 1u) == 0) continue;
      t.knows.now.join(threads_[j].knows.now);
      by_->reduction().order_after_thread(i, j);
    }
    t.is = standing::ready;
    return static_cast<int>(i);
  }
  for (unsigned i = 0; i < max_threads && all_leave; ++i) {
    if (threads_[i].is == standing::leaving) return static_cast<int>(i);
  }
  return -1;
}

bool execution::changed_since(runner& t, unsigned thread) {
  if (t.fresh) return true;
  for (auto const& g : t.glances) {
    auto const& p = memory_.at(g.place);
    for (auto i = g.index + 1; i < p.stores.size(); ++i) {
      if (p.stores[i].value == p.stores[g.index].value) continue;
      if (t.glances.size() == 1) {
        t.beyond = g;
        by_->reduction().order_after(thread, p.stores[i].event);
      } else if (t.glances == t.last_glances) {
        // Round the loop once more with nothing new: that is like not having gone round before.
        if (by_->exhaustive()) finish(ending::cut);
        t.fresh = true;
      }
      return true;
    }
  }
  return false;
}

thread_set execution::able() noexcept {
  thread_set can = 0, late = 0;
  for (unsigned i = 0; i < max_threads; ++i) {
    auto const& t = threads_[i];
    if (t.is == standing::asleep && t.timed) {
      auto& set = t.woken ? can : late;
      set = static_cast<thread_set>(set | just(i));
    }
    if (t.is != standing::ready) continue;
    bool const held =
        t.next.kind == access::lock && memory_.at(t.next.place).stores.back().value.low != 0;
    if (!held) can = static_cast<thread_set>(can | just(i));
  }
  return can == 0 || !options_.late_timeouts ? static_cast<thread_set>(can | late) : can;
}

std::array<operation, max_threads> execution::pending() const noexcept {
  std::array<operation, max_threads> all;
  for (unsigned i = 0; i < max_threads; ++i) all[i] = threads_[i].next;
  return all;
}

// Nobody can do a step. Those in spin loops go round again and read the newest of everything: the
// loop may end by itself. If that changes nothing for any of them, again and again, nothing will.
bool execution::rouse() noexcept {
  bool any = false;
  for (auto& t : threads_) {
    if (t.is != standing::pausing || t.rounds == most_rounds) continue;
    ++t.rounds;
    t.fresh = true;
    any = true;
  }
  return any;
}

void execution::conclude() {
  bool any = false, spinning = false;
  for (auto const& t : threads_) {
    any = any || (t.is != standing::absent && t.is != standing::ended);
    spinning = spinning || t.is == standing::pausing;
  }
  if (!any) {
    check_end();
    finish(ending::complete);
  }
  fail(spinning ? verdict::livelock : verdict::deadlock,
       (spinning ? "livelock: no thread can go on, and some spin for ever:\n"
                 : "deadlock: no thread can go on:\n") +
           who_waits());
}

std::string execution::who_waits() {
  std::string text;
  for (unsigned i = 0; i < max_threads; ++i) {
    auto const& t = threads_[i];
    auto const say = [&](char const* what) {
      text += "  " + thread_name(i) + ' ' + what;
      auto const where = told.telling() ? t.told_at : show(t.since);
      if (!where.empty()) text += " at " + where;
      text += '\n';
    };
    switch (t.is) {
      case standing::ready:
        say(t.next.kind == access::lock ? "waits for a mutex" : "is about to do a step");
        break;
      case standing::pausing:
        say("spins");
        break;
      case standing::asleep:
        say("sleeps");
        break;
      case standing::joining:
        say("waits for the end of others");
        break;
      case standing::starting:
      case standing::leaving:
      case standing::absent:
      case standing::ended:
        break;
    }
  }
  return text;
}

void execution::finish(ending how) {
  end_ = how;
  fiber::change(me().context, driver_);
  __builtin_unreachable();
}

void execution::pause(site where) {
  auto& t = me();
  if (t.again) {  // a compare-exchange failed for no reason: there is nothing to wait for
    t.again = false;
    t.glances.clear();
    return;
  }
  if (t.glances.empty() && !t.fresh) return;  // a second pause in a row
  if (t.twice) t.glances.erase(t.glances.begin(), t.glances.end() - 1);
  if (unnoticed()) {
    if (++t.rounds <= most_rounds) return;
    fail(verdict::livelock, "livelock: the only thread that runs spins at " + told.show(where));
  }
  t.is = standing::pausing;
  t.stands_at(where, told);
  t.fresh = false;
  told.tell(self_, "pauses until something changes", where);
  dispatch();
  t.last_glances.swap(t.glances);
  t.glances.clear();
}

// Which number a thread gets depends on the order in which others begin and are joined: that order
// is one of steps.
void execution::number_threads(site where) {
  if (unnoticed()) return;
  operation const op{access::write, false, roster_, none, where};
  point(op);
  begin_step();
  done(op);
}

unsigned execution::start(std::function<void()> body, void (*call)(void*), void* with, site where) {
  unsigned id = 1;
  while (id < max_threads && threads_[id].is != standing::absent) ++id;
  if (id == max_threads) {
    fail(verdict::misuse, "more than " + std::to_string(max_threads - 1) +
                              " threads at a time: the checker has no more; use fewer, two or "
                              "three find nearly every mistake");
  }
  auto& t = threads_[id];
  begin_step();
  auto const steps_before = t.knows.now.happened.at[id];
  t.knows = me().knows;
  t.knows.now.happened.at[id] = std::max(t.knows.now.happened.at[id], steps_before);
  t.knows.to_acquire = {};
  t.knows.released = {};
  memory::begin(id, t.knows);
  begin_step();
  t.body = std::move(body);
  t.call = call;
  t.with = with;
  t.begin(options_.spurious);
  t.is = standing::starting;
  t.context.begin(id, &execution::life, this);
  by_->reduction().order_after_thread(id, self_);
  ++live_;
  told.begin_chapter(self_, story::chapter::body);
  if (told.telling()) told.tell(self_, "starts " + thread_name(id), where);
  return id;
}

void execution::join(std::uint32_t set, site where) {
  auto& t = me();
  t.is = standing::joining;
  t.waits_for = set;
  t.stands_at(where, told);
  dispatch();
  number_threads(where);
  for (unsigned i = 0; i < max_threads; ++i) {
    if ((set >> i & 1u) != 0) threads_[i].is = standing::absent;
  }
}

void execution::life(void* self) {
  auto* const e = static_cast<execution*>(self);
  auto& t = e->me();
  e->tracked = true;
  e->run_body(t);
  e->tracked = false;
  if (e->prepare_ != nullptr && !t.at_exit.empty()) {
    t.is = standing::leaving;
    e->dispatch();
    t.preparing = true;
    e->told.begin_chapter(e->self_, story::chapter::end);
  }
  while (!t.at_exit.empty()) {
    auto const [f, arg] = t.at_exit.back();
    t.at_exit.pop_back();
    e->tracked = true;
    f(arg);
    e->tracked = false;
  }
  e->deliver_signals(true);
  t.preparing = false;
  e->begin_step();
  t.is = standing::ended;
  t.next = {};
  --e->live_;
  e->dispatch();
  __builtin_unreachable();
}

void execution::run_body(runner& t) {
  auto const number = self_;
  try {
    if (prepare_ != nullptr && number != 0) {
      t.preparing = true;
      told.begin_chapter(number, story::chapter::preparation);
      (*prepare_)();
      told.begin_chapter(number, story::chapter::body);
      t.preparing = false;
    }
    if (number == 0) {
      threads run;
      (*scenario_)(run);
    } else if (t.call != nullptr) {
      t.call(t.with);
    } else {
      t.body();
    }
  } catch (std::exception const& e) {
    tracked = false;
    fail(verdict::exception, "an exception left " + thread_name(number) + ": " + e.what() +
                                 "\n  catch it in the thread, or expect() that it is not thrown");
  } catch (...) {
    tracked = false;
    fail(verdict::exception, "an exception left " + thread_name(number) +
                                 "\n  catch it in the thread, or expect() that it is not thrown");
  }
  if (number == 0 && live_ > 1) {
    tracked = false;
    fail(verdict::misuse, "the scenario returned while threads it started still run: join them");
  }
}

}  // namespace weft::check::detail
