// SPDX-License-Identifier: Apache-2.0
#include "scheduler.hpp"

#include <weft/base/error.hpp>
#include <weft/base/thread.hpp>
#include <weft/wait/context.hpp>

#include <algorithm>
#include <mutex>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr unsigned longest_streak = 3;    // of jobs woken by each other, before the ring's turn
// Between looks at injection, timers and events: at most so many jobs, and about so much time.
constexpr unsigned check_every = 61;
constexpr auto check_after = std::chrono::microseconds(200);
constexpr std::size_t largest_batch = 128;

}  // namespace

worker* scheduler::of_thread() noexcept {
  return static_cast<worker*>(this_thread()->get(room::exec));
}

worker* scheduler::mine() const noexcept {
  auto* const w = of_thread();
  return w && w->home == this ? w : nullptr;
}

scheduler::scheduler(runtime& r, runtime::options o) : facade(&r), options_(std::move(o)) {
  regular_ = options_.workers;
  if (regular_ + options_.spare_workers > idle_set::most)
    throw misuse_error("a runtime of " + std::to_string(regular_) + " workers and " +
                       std::to_string(options_.spare_workers) + " spares: at most " +
                       std::to_string(idle_set::most) + " together");
  for (unsigned i = 0; i < regular_ + options_.spare_workers; ++i) {
    workers_.push_back(std::make_unique<worker>(*this, i, start_));
    workers_.back()->spare = i >= regular_;
    workers_.back()->random = i * 2654435761u + 1;
  }
  for (auto i = workers_.size(); i-- > regular_;) resting_.push_back(workers_[i].get());
  try {
    for (unsigned i = 0; i < regular_; ++i) start_thread(*workers_[i]);
  } catch (...) {
    stop_all();
    throw;
  }
}

scheduler::~scheduler() {
  outside_.wait();
  stop_all();
}

void scheduler::start_thread(worker& w) {
  auto const body = [](void* of) noexcept {
    auto& mine = *static_cast<worker*>(of);
    mine.home->thread_main(mine);
  };
  w.thread = atoms::start(body, &w);
}

void scheduler::stop_all() noexcept {
  // audit: a worker whose look misses it is told by its token, and looks again
  stop_.store(true, seq_cst);  // dek exec.idle, pub exec.stop -> stopping
  // A spare that is started just now looks at stop_ by itself.
  for (unsigned i = 0, n = reach(); i < n; ++i) {
    if (idle_.remove(i)) searching_.fetch_add(1, relaxed);       // rlx count
    tell(*workers_[i]);
  }
  for (auto& w : workers_)
    if (w->thread != atoms::thread::none) atoms::join(w->thread);
}

void scheduler::thread_main(worker& w) noexcept {
  auto* const record = this_thread();
  record->set(room::exec, &w);
  record->set_name(options_.name + (w.spare ? "+" : "-") + std::to_string(w.index));
  mark_worker(true);
  if (options_.around_worker) {
    options_.around_worker([this, &w] { loop(w); });
  } else {
    loop(w);
  }
  mark_worker(false);
  record->set(room::exec, nullptr);
}

void scheduler::loop(worker& w) noexcept {
  for (;;) {
    if (w.spare && retire(w)) continue;
    job* j = next(w);
    if (!j) j = search(w);
    if (!j && !stopping()) {
      park(w);
      continue;
    }
    // Once more: what was posted before the end may have come after the look.
    if (!j && !(j = next(w))) return;
    found(w);
    w.jobs.store(w.jobs.load(relaxed) + 1, relaxed);             // rlx owner
    j->run(*j);
  }
}

job* scheduler::next(worker& w) noexcept {
  if (++w.tick >= w.check_at) {
    plan_next_check(w);
    run_timers();
    if (options_.events) poll_events(w);
    if (job* j = from_injection(w)) return j;
  }
  if (w.streak < longest_streak) {
    if (job* j = from_next_up(w)) {
      ++w.streak;
      return j;
    }
  }
  w.streak = 0;
  if (job* j = w.ring.pop()) return j;
  if (job* j = from_next_up(w)) return j;
  return from_injection(w);
}

// The clock is read at checks only: how long jobs took lately says how many fit in the time.
void scheduler::plan_next_check(worker& w) noexcept {
  auto const now = atoms::now();
  auto const each = (now - w.checked) / std::max(w.tick, 1u);
  w.checked = now;
  w.tick = 0;
  auto const fit = each > duration::zero() ? check_after / each : check_every;
  w.check_at = static_cast<unsigned>(std::clamp<long>(fit, 1, check_every));
}

job* scheduler::from_next_up(worker& w) noexcept {
  if (w.next_up.load(relaxed) == nullptr) return nullptr;        // rlx hint
  return w.next_up.exchange(nullptr, acquire);                   // sub exec.next_up
}

job* scheduler::from_injection(worker& w) noexcept {
  auto const share = injected_.size() / regular_ + 1;
  job* first = injected_.pop(std::min(share, largest_batch));
  if (!first) return nullptr;
  for (job* j = first->next; j != nullptr;) {
    job* const after = j->next;
    push(w, *j);
    j = after;
  }
  return first;
}

void scheduler::push(worker& w, job& j) noexcept {
  if (!w.ring.push(&j)) overflow(w, j);
}

// The ring is full: its older half and the new job go to the injection queue.
void scheduler::overflow(worker& w, job& j) noexcept {
  job* first = nullptr;
  job* last = nullptr;
  std::size_t n = 0;
  auto append = [&](job* x) {
    x->next = nullptr;
    (last ? last->next : first) = x;
    last = x;
    ++n;
  };
  if (!w.ring.give_half(append)) n = 0;
  append(&j);
  injected_.push_chain(*first, *last, n);
}

void scheduler::post(job& j) noexcept {
  if (auto* const w = mine()) {
    push(*w, j);
    if (reach() > 1) notify();
    return;
  }
  visitors::visit const here{outside_};
  injected_.push(j);
  notify();
}

void scheduler::post_next(job& j) noexcept {
  auto* const w = mine();
  if (!w) return post(j);
  // Others only take from the slot: one that is empty stays so until its owner fills it.
  job* before = nullptr;
  if (w->next_up.load(relaxed) == nullptr) {                     // rlx owner: alone fills it
    w->next_up.store(&j, release);                               // pub exec.next_up ->
                                                                 // from_next_up
  } else {
    before = w->next_up.exchange(&j, acq_rel);                   // pub exec.next_up ->
                                                                 // from_next_up, sub exec.next_up
  }
  if (before) {
    push(*w, *before);
    notify();
  } else if (keeper_wakes_at_.load(relaxed) == never.time_since_epoch().count()) {  // rlx hint
    // Should the running job take long, somebody has to look after the one that waits for it.
    wake_keeper();
  }
}

// While all run nobody waits for events: one looks in passing, in the keeper's place.
void scheduler::poll_events(worker& w) noexcept {
  worker* nobody = nullptr;
  if (!keeper_.compare_exchange_strong(nobody, &w, acq_rel,      // pub exec.keeper -> wake_keeper,
                                                                 // sub exec.keeper
                                       relaxed))                 // rlx cas
    return;
  options_.events->poll(atoms::now());
  keeper_.store(nullptr, release);                               // pub exec.keeper -> wake_keeper
  // Whoever parked meanwhile sleeps without a deadline: one has to become the keeper.
  atoms::fence();                                                // dek exec.idle
  if (idle_.count() != 0) notify();
}

void scheduler::run_timers() noexcept {
  auto const now = atoms::now();
  for (unsigned i = 0, n = reach(); i < n; ++i) {
    auto& wheel = workers_[i]->wheel;
    if (wheel.next() > now) continue;
    list<timer> due;
    wheel.expire(now, due);
    while (auto* t = due.pop_front()) t->kind->fire(*t);
  }
}

void scheduler::arm(timer& t) noexcept {
  if (auto* const w = mine()) return arm_at(w->index, t);
  visitors::visit const here{outside_};
  arm_at(this_thread()->slot() % regular_, t);
}

void scheduler::arm_at(unsigned i, timer& t) noexcept {
  t.wheel = static_cast<std::uint16_t>(i);
  auto& wheel = workers_[i]->wheel;
  if (!wheel.add(t)) return;
  auto const at = wheel.next().time_since_epoch().count();
  // audit: the wheel's side is tried alone; with the keeper's it is more than is explored
  if (at < keeper_wakes_at_.load(seq_cst)) wake_keeper();        // dek exec.timer
}

void scheduler::disarm(timer& t) noexcept { workers_[t.wheel]->wheel.remove(t); }

void scheduler::end_work() noexcept {
  // The waiter may destroy the scheduler once it sees zero: after it only the address is used.
  auto* const word = &held_;
  if (held_.fetch_sub(1, acq_rel) == 1) atoms::unpark_all(word);  // pub exec.held -> wait_for_work,
                                                                  // sub exec.held
}

bool scheduler::wait_for_work(time_point limit) noexcept {
  for (;;) {
    auto const seen = held_.load(acquire);                       // sub exec.held
    if (seen == 0) return true;
    if (!atoms::park(held_, seen, limit)) return held_.load(acquire) == 0;  // sub exec.held
  }
}

runtime::statistics scheduler::stats() const noexcept {
  runtime::statistics s;
  for (auto const& w : workers_) {
    s.jobs += w->jobs.load(relaxed);                             // rlx count
    s.steals += w->steals.load(relaxed);                         // rlx count
    s.parks += w->parks.load(relaxed);                           // rlx count
  }
  s.wakes = wakes_.load(relaxed);                                // rlx count
  s.workers = regular_;
  s.threads = reach();
  s.idle = idle_.count();
  s.spare = standing_in_.load(relaxed);                          // rlx count
  return s;
}

}  // namespace weft::inline WEFT_ON::detail
