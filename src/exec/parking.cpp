// SPDX-License-Identifier: Apache-2.0
#include "scheduler.hpp"

#include <weft/base/backoff.hpp>
#include <weft/probe/event.hpp>

#include <algorithm>
#include <mutex>

// How workers look for work, sleep and are woken. The proof that no wake-up is lost is in
// README.md beside this file; its steps F1 and F2 are marked.

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr unsigned passes = atoms::tiny ? 1 : 4;  // over all victims; next_up at the last one
constexpr auto look_after_runners = std::chrono::milliseconds(10);
constexpr auto before_diagnosis = std::chrono::milliseconds(200);

}  // namespace

job* scheduler::search(worker& w) noexcept {
  if (!w.searching) {
    if (2 * searching_.load(relaxed) >= static_cast<int>(regular_) && regular_ > 1)  // rlx hint
      return nullptr;
    searching_.fetch_add(1, relaxed);                            // rlx count: park() has the fence
    w.searching = true;
  }
  for (unsigned pass = 0; pass < passes; ++pass) {
    run_timers();
    if (job* j = next(w)) return j;
    if (job* j = steal(w, pass + 1 == passes)) return j;
    atoms::pause(32u << pass);
  }
  return nullptr;
}

job* scheduler::steal(worker& w, bool also_next_up) noexcept {
  w.random = w.random * 1664525u + 1013904223u;
  auto const n = reach();
  for (unsigned i = 0; i < n; ++i) {
    auto& victim = *workers_[(w.random / 65536u + i) % n];
    if (&victim == &w) continue;
    job* j = victim.ring.steal_into(w.ring);
    if (!j && also_next_up) j = from_next_up(victim);
    if (!j) continue;
    w.steals.store(w.steals.load(relaxed) + 1, relaxed);         // rlx owner
    trace_event(area::sched, "steal", w.index, victim.index);
    return j;
  }
  return nullptr;
}

// Work was found: if nobody else searches now, one more has to, because publishers that saw a
// searcher woke nobody.
void scheduler::found(worker& w) noexcept {
  if (!w.searching) return;
  w.searching = false;
  // audit: two searchers and two jobs are more than is explored; P3 argues it
  if (searching_.fetch_sub(1, seq_cst) == 1) notify();           // dek exec.idle
}

void scheduler::notify() noexcept {
  atoms::fence();                                                // dek exec.idle: F1
  if (searching_.load(relaxed) > 0) return;                      // rlx ordered: by the fence
  auto const i = idle_.remove_any();
  if (i == idle_set::none) return;
  searching_.fetch_add(1, relaxed);                              // rlx count: for the one woken
  tell(*workers_[i]);
}

void scheduler::tell(worker& w) noexcept {
  wakes_.fetch_add(1, relaxed);                                  // rlx count
  trace_event(area::sched, "wake", w.index);
  // audit: what the worker looks for comes through its queue; a token is an edge by itself too
  auto const was = w.token.exchange(worker::told, acq_rel);      // pub exec.token -> sleep, sub
                                                                 // exec.token
  if (was == worker::polling) {
    options_.events->wake();
  } else if (was == worker::asleep) {
    atoms::unpark_one(&w.token);
  }
}

bool scheduler::work_in_sight() noexcept {
  if (injected_.size() != 0 || stopping()) return true;
  auto const now = atoms::now();
  for (unsigned i = 0, n = reach(); i < n; ++i)
    if (workers_[i]->ring.size() != 0 || workers_[i]->wheel.next() <= now) return true;
  return false;
}

void scheduler::park(worker& w) noexcept {
  trace_event(area::sched, "park", w.index);
  if (w.searching) {
    w.searching = false;
    searching_.fetch_sub(1, relaxed);                            // rlx count: the fence below
  }
  idle_.insert(w.index);
  atoms::fence();                                                // dek exec.idle: F2
  worker* nobody = nullptr;
  // audit: needs two workers that park at once, and timers: more than is explored
  bool const keeper = keeper_.compare_exchange_strong(nobody, &w, acq_rel,  // pub exec.keeper ->
                                                                            // wake_keeper, sub
                                                                            // exec.keeper
                                                      relaxed);  // rlx cas
  if (!keeper && keeper_wakes_at_.load(relaxed) == never.time_since_epoch().count() &&  // rlx hint
      !nobody_runs())
    wake_keeper();  // others run: it has to look after them
  if (!work_in_sight()) sleep(w, keeper);
  if (keeper) {
    keeper_wakes_at_.store(awake, relaxed);                      // rlx hint: it looks by itself
    // audit: as above
    keeper_.store(nullptr, release);                             // pub exec.keeper -> wake_keeper
  }
  // Either this worker takes its own bit back, or whoever took it has counted it as a searcher
  // and sends the token.
  if (idle_.remove(w.index)) {
    searching_.fetch_add(1, relaxed);                            // rlx count
  } else {
    backoff pause;
    // audit: as where it is told
    while (w.token.load(acquire) != worker::told) pause();       // sub exec.token
  }
  w.token.store(worker::asleep, relaxed);  // rlx owner: nobody tells an idle bit that is clear
  w.searching = true;
  trace_event(area::sched, "unpark", w.index);
}

void scheduler::sleep(worker& w, bool keeper) noexcept {
  auto wait = [&] {
    w.parks.store(w.parks.load(relaxed) + 1, relaxed);           // rlx owner
    bool diagnosing = false;
    auto const until = keeper ? keeper_deadline(diagnosing) : never;
    if (until <= atoms::now()) return;
    bool woken = true;
    if (auto state = std::uint32_t{worker::asleep}; keeper && options_.events) {
      if (!w.token.compare_exchange_strong(state, worker::polling, acq_rel,  // pub exec.token ->
                                                                             // tell, sub exec.token
                                           relaxed))             // rlx cas
        return;
      options_.events->poll(until);
      state = worker::polling;
      w.token.compare_exchange_strong(state, worker::asleep, relaxed,        // rlx owner
                                      relaxed);                  // rlx cas
      woken = atoms::now() < until;
    } else {
      woken = atoms::park(w.token, worker::asleep, until);
    }
    if (diagnosing && !woken) diagnose();
  };
  if (options_.around_park) {
    options_.around_park(wait);
  } else {
    wait();
  }
}

// The one parked worker that sleeps with a deadline: the next timer, or a look after workers that
// may sit on a job in their next_up slot. With neither it sleeps for good.
time_point scheduler::keeper_deadline(bool& diagnosing) noexcept {
  for (;;) {
    auto until = never;
    auto const n = reach();
    for (unsigned i = 0; i < n; ++i) until = std::min(until, workers_[i]->wheel.next());
    diagnosing = false;
    if (!nobody_runs()) {
      until = std::min(until, atoms::now() + look_after_runners);
    } else if (until == never && !options_.events && held_.load(relaxed) != 0 &&  // rlx hint
               all_idle()) {
      diagnosing = diagnosed_at_ != stats().jobs;
      if (diagnosing) until = atoms::now() + before_diagnosis;
    }
    // audit: needs a worker that arms a timer while another one parks: more than is explored
    keeper_wakes_at_.store(until.time_since_epoch().count(), seq_cst);  // dek exec.timer
    bool late = false;
    for (unsigned i = 0; i < n; ++i) late = late || workers_[i]->wheel.next() < until;
    if (!late) return until;
  }
}

void scheduler::wake_keeper() noexcept {
  auto* const k = keeper_.load(acquire);                         // sub exec.keeper
  if (k && idle_.remove(k->index)) {
    searching_.fetch_add(1, relaxed);                            // rlx count
    tell(*k);
  }
}

void scheduler::on_all_asleep(std::function<void()> f) {
  for (backoff pause;; pause()) {
    std::scoped_lock hold{diagnosis_lock_};
    if (diagnosing_) continue;
    diagnosis_.swap(f);
    return;
  }
}

void scheduler::diagnose() noexcept {
  diagnosed_at_ = stats().jobs;
  if (!all_idle()) return;
  {
    std::scoped_lock hold{diagnosis_lock_};
    if (!diagnosis_) return;
    diagnosing_ = true;  // nobody changes the function while it runs
  }
  diagnosis_();
  std::scoped_lock hold{diagnosis_lock_};
  diagnosing_ = false;
}

}  // namespace weft::inline WEFT_ON::detail
