// SPDX-License-Identifier: Apache-2.0
// The steps that may put a thread to sleep, and those that wake it; plain memory.
#include "execution.hpp"

#include <bit>

namespace weft::check::detail {

// The place that stands for the sleepers at an address. The object there may be gone.
std::uint32_t execution::bed_of(void const* address) {
  for (auto const& [at, id] : beds_) {
    if (at == address) return id;
  }
  knowledge const before;
  auto const id = memory_.add(nullptr, {}, 0, before, {});
  memory_.at(id).made_step = 0;
  beds_.emplace_back(address, id);
  return id;
}

// False if the deadline passed first. With a deadline it is a step of its own to wake, before or
// after another thread's waking this one: nobody's step takes another's away.
bool execution::sleep(std::uint32_t bed, bool timed, std::int64_t deadline, site where) {
  auto& t = me();
  t.is = standing::asleep;
  t.bed = bed;
  t.timed = timed;
  t.deadline = deadline;
  t.woken = false;
  t.stands_at(where, told);
  t.next = {access::write, false, bed, timed ? clock_ : none, where};
  if (!t.signals.empty() && !t.in_signal) {  // one that has been on its way arrives now at last
    t.is = standing::ready;
    t.timed = false;
    deliver_signals(true);
    return true;
  }
  dispatch();
  t.is = standing::ready;
  t.timed = false;
  if (timed) {
    begin_step();
    if (!t.woken) now_ = std::max(now_, deadline);
    told.tell(self_, t.woken ? "wakes in time" : "wakes: its deadline has passed", where);
    done(t.next);
  }
  bool const in_time = !timed || t.woken;
  if (t.interrupted) deliver_signals(true);
  return in_time;
}

// Wakes one sleeper, any of them, or all.
thread_set execution::wake(std::uint32_t bed, bool all) {
  thread_set sleeping = 0;
  for (unsigned i = 0; i < max_threads; ++i) {
    auto const& t = threads_[i];
    if (t.is == standing::asleep && t.bed == bed && !t.woken) {
      sleeping = static_cast<thread_set>(sleeping | just(i));
    }
  }
  if (!all && std::popcount(sleeping) > 1) {
    auto skip = by_->choose_value(static_cast<unsigned>(std::popcount(sleeping)));
    for (; skip > 0; --skip) sleeping = static_cast<thread_set>(sleeping & (sleeping - 1));
    sleeping = static_cast<thread_set>(sleeping & -sleeping);
  }
  for (unsigned i = 0; i < max_threads; ++i) {
    if (!has(sleeping, i)) continue;
    threads_[i].woken = true;
    if (!threads_[i].timed) threads_[i].is = standing::starting;  // runs on to its next point
  }
  return sleeping;
}

bool execution::park(handle const& h, word expected, bool timed, std::int64_t deadline,
                     site where) {
  (void)effective(order::relaxed, where, met::park);
  auto const id = place_of(h, where);
  auto const bed = bed_of(&h);
  operation const op{access::write, false, id, bed, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  auto& t = me();
  // The system looks at the newest value, and what it has seen the thread has.
  auto const value = p.stores.back().value;
  memory_.read(self_, t.knows, p, p.newest(), order::relaxed);
  auto const early = [&](std::string const& text) {
    told.tell(self_, text, where);
    done(op);
    return true;
  };
  auto const name = told.telling() ? told.name(id, where) : std::string{};
  if (!(value == expected) &&
      !(!options_.mutations.empty() && mutated(mutation::sleep_blind, where))) {
    if (!told.telling()) return early({});
    return early("does not sleep: " + name + " is " + show(value, p.looks, p.size) + " not " +
                 show(expected, p.looks, p.size));
  }
  if (!unnoticed() && t.spurious > 0 && by_->choose_value(2) == 1) {
    --t.spurious;
    return early("does not sleep, for no reason");
  }
  if (told.telling()) {
    told.tell(self_, "sleeps while " + name + " is " + show(expected, p.looks, p.size), where);
  }
  done(op);
  return sleep(bed, timed, deadline, where);
}

void execution::unpark(void const* address, bool all, site where) {
  (void)effective(order::relaxed, where, met::unpark);
  auto const bed = bed_of(address);
  operation const op{access::write, false, bed, none, where};
  point(op);
  begin_step();
  if (!options_.mutations.empty() && mutated(mutation::skip, where)) {
    told.tell(self_, "leaves out waking", where);
    return done(op);
  }
  auto const woken = wake(bed, all);
  auto const event = by_->reduction().next_event();
  if (told.telling()) {
    std::string text;
    for (unsigned i = 0; i < max_threads; ++i) {
      if (has(woken, i)) text += (text.empty() ? "wakes " : ", ") + thread_name(i);
    }
    told.tell(self_, text.empty() ? "wakes: nobody sleeps" : text, where);
  }
  done(op);
  if (unnoticed()) return;
  for (unsigned i = 0; i < max_threads; ++i) {
    if (has(woken, i) && !threads_[i].timed) by_->reduction().order_after(i, event);
  }
}

std::int64_t execution::now(site where) {
  operation const op{access::look, false, clock_, none, where};
  point(op);
  begin_step();
  done(op);
  return now_;
}

void execution::lock(handle const& h, site where) {
  auto const id = place_of(h, where);
  operation const op{access::lock, false, id, none, where};
  if (unnoticed() && memory_.at(id).stores.back().value.low != 0) {
    fail(verdict::deadlock, "the mutex locked at " + told.show(where) +
                                " is held, and no other thread is left to unlock it");
  }
  point(op);
  begin_step();
  auto& p = use(id, where);
  auto const index = p.newest();
  memory_.read(self_, me().knows, p, index, order::acquire);
  auto const read = p.stores[index];
  auto& s = write(p, id, {1u + self_, 0}, order::relaxed, &read, where);
  if (told.telling()) s.line = told.tell(self_, "locks " + told.name(id, where), where);
  done(op);
}

bool execution::try_lock(handle const& h, site where) {
  auto const id = place_of(h, where);
  operation const op{access::write, false, id, none, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  bool const free = p.stores.back().value.low == 0;
  if (free) {
    auto const read = p.stores.back();
    memory_.read(self_, me().knows, p, p.newest(), order::acquire);
    write(p, id, {1u + self_, 0}, order::relaxed, &read, where);
  }
  me().look_at(id, p.newest());
  if (told.telling()) {
    told.tell(self_, (free ? "locks " : "cannot lock ") + told.name(id, where), where);
  }
  done(op);
  return free;
}

void execution::unlock(handle const& h, site where) {
  auto const id = place_of(h, where);
  operation const op{access::unlock, false, id, none, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  if (p.stores.back().value.low != 1u + self_) {
    auto const holder = static_cast<unsigned>(p.stores.back().value.low);
    fail(verdict::misuse, told.name(id, where) + " is unlocked at " + told.show(where) + " by " +
                              thread_name(self_) + ", which does not hold it: " +
                              (holder == 0 ? "nobody does" : thread_name(holder - 1) + " does"));
  }
  auto& s = write(p, id, {}, order::release, nullptr, where);
  if (told.telling()) s.line = told.tell(self_, "unlocks " + told.name(id, where), where);
  done(op);
}

bool execution::wait_condition(handle const& condition, handle const& mutex, bool timed,
                               std::int64_t deadline, site where) {
  auto const id = place_of(mutex, where);
  auto const queue = place_of(condition, where);
  operation const op{access::unlock, false, id, queue, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  (void)use(queue, where);
  if (p.stores.back().value.low != 1u + self_) {
    fail(verdict::misuse, "a condition is waited for at " + told.show(where) +
                              " with a mutex that the thread does not hold: lock it before");
  }
  write(p, id, {}, order::release, nullptr, where);
  auto& t = me();
  bool const spurious = !unnoticed() && t.spurious > 0 && by_->choose_value(2) == 1;
  told.tell(self_, spurious ? "wakes for no reason" : "unlocks and waits for the condition", where);
  done(op);
  if (spurious) --t.spurious;
  bool const in_time = spurious || sleep(queue, timed, deadline, where);
  lock(mutex, where);
  return in_time;
}

void execution::notify_condition(handle const& condition, bool all, site where) {
  auto const id = place_of(condition, where);
  operation const op{access::write, false, id, none, where};
  point(op);
  begin_step();
  (void)use(id, where);
  if (!options_.mutations.empty() && mutated(mutation::skip, where)) return done(op);
  auto const woken = wake(id, all);
  auto const event = by_->reduction().next_event();
  told.tell(self_, woken != 0 ? "notifies" : "notifies nobody", where);
  done(op);
  if (unnoticed()) return;
  for (unsigned i = 0; i < max_threads; ++i) {
    if (has(woken, i) && !threads_[i].timed) by_->reduction().order_after(i, event);
  }
}

void execution::send_signal(unsigned thread, std::function<void()> handler, site where) {
  if (thread >= max_threads || threads_[thread].is == standing::absent) {
    fail(verdict::misuse, "a signal is sent at " + told.show(where) + " to thread " +
                              std::to_string(thread) +
                              ", which does not run: run() counts its threads from 1, get_id() "
                              "says the number of each");
  }
  operation const op{access::signal, false, thread, none, where};
  point(op);
  begin_step();
  auto& t = threads_[thread];
  if (told.telling()) told.tell(self_, "signals " + thread_name(thread), where);
  done(op);
  if (t.is == standing::ended) return;
  t.signals.push_back({keep(std::move(handler)), me().knows.now});
  if (t.in_signal) return;  // the system holds it back until the handler has returned
  switch (t.is) {
    case standing::asleep:  // the system runs the handler before it lets the thread go on
      if (t.woken) break;
      t.woken = t.interrupted = true;
      if (!t.timed) t.is = standing::starting;
      break;
    case standing::pausing:  // what it is about to do comes before or after: it decides anew
    case standing::ready:
      t.is = standing::starting;
      t.interrupted = true;
      break;
    default:
      break;
  }
}

// A signal comes before any of the thread's steps, which is a choice; but at its end, or when it
// has woken the thread, at once.
void execution::deliver_signals(bool at_once) {
  auto& t = me();
  while (!t.signals.empty() && !t.in_signal) {
    if (t.due == 0 && !at_once && !unnoticed() && by_->choose_value(2) == 1) return;
    t.handler = t.signals.front().handler;
    t.knows.now.join(t.signals.front().sent);  // the system orders the delivery after the sending
    t.signals.erase(t.signals.begin());
    if (t.due != 0) --t.due;
    t.in_signal = true;
    told.tell(self_, "runs the signal handler", t.next.where);
    tracked = true;
    (*t.handler)();  // which may not come back: see leave_handler
    t.handler->~function();
    tracked = false;
    told.tell(self_, "returns from the handler", t.next.where);
    t.in_signal = false;
  }
}

// On the stack of the thread everything from the place of the jump on is forgotten: the handler,
// the point of the checker that it ran in, and the step that was about to be done there. None of
// them owns anything.
void execution::leave_handler(sigjmp_buf& to, site where) {
  auto& t = me();
  if (!t.in_signal) {
    fail(verdict::misuse, "a signal handler is left at " + told.show(where) +
                              ", where none runs: leave_handler() is for handlers");
  }
  told.tell(self_, "leaves the handler for its restart point", where);
  t.handler->~function();
  t.in_signal = t.interrupted = t.twice = t.again = false;
  t.glances.clear();
  tracked = true;
  siglongjmp(to, 1);
}

// Behind a barrier in every thread no signal that was sent before is on its way any more, and what
// the threads did before is over.
void execution::settle() {
  for (unsigned i = 0; i < max_threads; ++i) {
    auto& t = threads_[i];
    if (i == self_ || t.is == standing::absent) continue;
    memory::begin(i, t.knows);  // plain accesses since its last step are over too
    me().knows.now.join(t.knows.now);
    if (t.signals.empty() || t.in_signal) continue;
    t.due = static_cast<unsigned>(t.signals.size());
    if (t.is != standing::ready && t.is != standing::pausing) continue;
    t.is = standing::starting;
    t.interrupted = true;
  }
}

}  // namespace weft::check::detail
