// SPDX-License-Identifier: Apache-2.0
#include "search.hpp"

#include <bit>

namespace weft::check::detail {

namespace {

unsigned first_of(thread_set s) noexcept { return static_cast<unsigned>(std::countr_zero(s)); }

thread_set without(thread_set s, thread_set gone) noexcept {
  return static_cast<thread_set>(s & ~gone);
}

// A scenario that depends on something else than the choices is about to do something else.
std::uint32_t digest(thread_set able, std::array<operation, max_threads> const& next) noexcept {
  std::uint32_t d = able;
  for (unsigned t = 0; t < max_threads; ++t) {
    if (!has(able, t)) continue;
    auto const& op = next[t];
    for (auto const part : {static_cast<std::uint32_t>(op.kind), op.place, op.where.line()}) {
      d = d * 16'777'619u ^ part;
    }
  }
  return d;
}

}  // namespace

void search::begin_execution() {
  position_ = 0;
  events_.clear();
  in_order_.clear();
  heavies_.clear();
  signals_.clear();
  past_ = {};
  now_ = {};
  chosen_at_ = none;
  preemptions_ = 0;
  strayed_ = false;
}

int search::choose_thread(thread_set able, int last,
                          std::array<operation, max_threads> const& next) {
  chosen_at_ = none;
  if (std::has_single_bit(able)) {
    auto const only = first_of(able);
    return has(now_.asleep, only) ? -1 : static_cast<int>(only);
  }
  if (position_ == stack_.size()) {
    auto const awake = without(able, now_.asleep);
    if (awake == 0) return -1;
    choice c;
    c.of_thread = true;
    c.able = able;
    c.pending = digest(able, next);
    c.last = static_cast<std::uint8_t>(last);
    c.preemptions = static_cast<std::uint16_t>(preemptions_);
    c.rest = now_;
    auto const same = static_cast<unsigned>(last);
    c.thread = static_cast<std::uint8_t>(has(awake, same) ? same : first_of(awake));
    c.wanted = just(c.thread);
    if (!options_.reduce) {
      bool const spent = options_.preemptions >= 0 && has(able, same) &&
                         static_cast<int>(preemptions_) >= options_.preemptions;
      c.wanted = spent ? just(same) : able;
    }
    stack_.push_back(c);
  }
  auto& c = stack_[position_];
  chosen_at_ = static_cast<std::uint32_t>(position_++);
  if (!c.of_thread || c.able != able || c.pending != digest(able, next)) {
    strayed_ = true;
    return -1;
  }
  c.tried = static_cast<thread_set>(c.tried | just(c.thread));
  now_ = c.rest;
  auto const before = static_cast<unsigned>(last);
  if (c.thread != before && has(able, before)) ++preemptions_;
  return c.thread;
}

unsigned search::choose_value(unsigned count) {
  if (position_ == stack_.size()) {
    choice c;
    c.count = static_cast<std::uint8_t>(count);
    stack_.push_back(c);
  }
  auto& c = stack_[position_++];
  if (c.of_thread || c.count != count) {
    strayed_ = true;
    return 0;
  }
  return c.taken;
}

bool search::next() {
  while (!stack_.empty()) {
    auto& c = stack_.back();
    if (!c.of_thread) {
      if (++c.taken < c.count) break;
    } else {
      auto left = without(static_cast<thread_set>(c.wanted & c.able), c.tried);
      left = without(left, c.rest.asleep);
      if (options_.preemptions >= 0 && options_.reduce && has(c.able, c.last) &&
          c.preemptions >= options_.preemptions) {
        left &= just(c.last);
      }
      if (left != 0) {
        c.thread = static_cast<std::uint8_t>(first_of(left));
        break;
      }
    }
    stack_.pop_back();
  }
  fresh_ = stack_.empty() ? 0 : stack_.size() - 1;
  return !stack_.empty();
}

void search::order_after(unsigned thread, std::uint32_t event) noexcept {
  if (event < next_event()) past_[thread].join(events_[event].past);
}

void search::order_after_thread(unsigned thread, unsigned other) noexcept {
  past_[thread].join(past_[other]);
}

void search::done(unsigned thread, operation op, std::uint32_t read_from, memory& m,
                  std::array<operation, max_threads> const& next) {
  if (!options_.reduce) return;
  auto const id = next_event();
  // What lies before the first new choice was done, in the same way, in an execution before.
  if (position_ > fresh_) races(thread, op, read_from, m);

  auto past = join_past(thread, op, read_from, m);
  past.at[thread] = static_cast<std::uint16_t>(id + 1);
  past_[thread] = past;
  events_.push_back({op, static_cast<std::uint8_t>(thread), chosen_at_, past});

  if (op.in_order) in_order_.push_back(id);
  if (op.kind == access::heavy) heavies_.push_back(id);
  if (op.kind == access::signal) signals_.push_back(id);
  if (op.on_places()) {
    for (auto const p : {op.place, op.second}) {
      if (p == none) continue;
      auto& list = op.kind == access::load ? m.at(p).loads : m.at(p).ordering;
      list.push_back(id);
    }
  }
  fall_asleep_or_wake(thread, op, m, next);
}

vector_clock search::join_past(unsigned thread, operation const& op, std::uint32_t read_from,
                               memory& m) const {
  auto past = past_[thread];
  auto const after = [&](std::uint32_t e) { past.join(events_[e].past); };
  if (op.kind == access::load) {
    if (read_from != none) after(read_from);
  } else if (op.on_places()) {
    for (auto const p : {op.place, op.second}) {
      if (p == none) continue;
      auto const& list = m.at(p).ordering;
      for (auto i = list.size(); i > 0; --i) {
        auto const& e = events_[list[i - 1]];
        bool const both = e.op.in_order && op.in_order;
        if (!conflict(e.op.kind, op.kind, both) && e.op.kind != access::unlock &&
            op.kind != access::unlock) {
          continue;
        }
        after(list[i - 1]);
        if (e.op.kind != access::look) break;  // it comes after all that is older
      }
    }
  }
  if (op.in_order) {
    for (auto i = in_order_.size(); i > 0; --i) {
      auto const& e = events_[in_order_[i - 1]];
      if (e.op.kind != access::fence && op.kind != access::fence) continue;
      after(in_order_[i - 1]);
      if (e.op.kind == access::fence) break;
    }
  }
  if (op.kind == access::heavy) {
    for (auto const& p : past_) past.join(p);
  } else if (!heavies_.empty() && op.kind != access::nothing) {
    after(heavies_.back());
  }
  for (auto const s : signals_) {
    auto const to = events_[s].op.place;
    if (to == thread || (op.kind == access::signal && to == op.place)) after(s);
  }
  if (op.kind == access::signal) past.join(past_[op.place]);
  return past;
}

// Each earlier step that conflicts with `op` and that nothing orders before it: neither what the
// thread did before, nor another step that conflicts with it.
void search::races(unsigned thread, operation const& op, std::uint32_t read_from, memory& m) {
  auto known = past_[thread];
  if (read_from != none) known.join(events_[read_from].past);
  between_.clear();
  auto const meet = [&](std::uint32_t id, bool orders) {
    auto const& e = events_[id];
    if (e.thread == thread || covers(past_[thread], id, e.thread)) return;
    for (auto const b : between_) {
      if (b > id && covers(events_[b].past, id, e.thread)) return;
    }
    try_before(id, thread, op, known);
    if (orders) between_.push_back(id);
  };
  auto const conflicts = [&](std::uint32_t id) {
    auto const& e = events_[id];
    // With a bound: to come between lock and unlock, and wait there, is to leave for nothing.
    bool const bounded = options_.preemptions >= 0 && e.op.kind == access::unlock &&
                         op.kind == access::lock && op.touches(e.op.place);
    return bounded || dependent(e.op, e.thread, op, thread);
  };
  if (op.kind == access::heavy || op.kind == access::signal) {
    for (unsigned t = 0; t < max_threads; ++t) {  // the last step of each that conflicts
      if (t == thread) continue;
      for (unsigned id = past_[t].at[t]; id > 0; --id) {
        if (events_[id - 1].thread != t || !conflicts(id - 1)) continue;
        meet(id - 1, false);
        break;
      }
    }
    return;
  }
  if (op.on_places() && op.kind != access::load) {
    for (auto const p : {op.place, op.second}) {
      if (p == none) continue;
      auto const& ordering = m.at(p).ordering;
      for (auto i = ordering.size(); i > 0; --i) {
        auto const id = ordering[i - 1];
        if (!conflicts(id)) continue;
        auto const kind = events_[id].op.kind;
        bool const within = kind == access::unlock && op.kind == access::lock;
        meet(id, !within);
        if (kind != access::look && !within) break;  // it comes after older ones
      }
      if (op.kind != access::write) continue;
      for (auto const id : m.at(p).loads) meet(id, false);
    }
  }
  if (op.in_order) {
    for (auto i = in_order_.size(); i > 0; --i) {
      auto const id = in_order_[i - 1];
      bool const fence = events_[id].op.kind == access::fence;
      if (!fence && op.kind != access::fence) continue;
      meet(id, true);
      if (fence) break;
    }
  }
  if (op.kind != access::nothing && !heavies_.empty()) meet(heavies_.back(), false);
  for (auto const s : signals_) {
    if (events_[s].op.place == thread) meet(s, false);
  }
}

// The threads that begin some execution of: what comes after `earlier` and does not depend on it,
// then `op`, which comes after `known`.
thread_set search::initials(std::uint32_t earlier, unsigned thread, operation const& op,
                            vector_clock const& known) {
  thread_set met = 0, begin = 0;
  auto const by = events_[earlier].thread;
  rest_.clear();  // what does not depend on it
  for (auto id = earlier + 1; id < next_event(); ++id) {
    auto const& e = events_[id];
    if (covers(e.past, earlier, by)) continue;
    if (!has(met, e.thread)) {
      met = static_cast<thread_set>(met | just(e.thread));
      bool first = true;
      for (auto const r : rest_) first = first && !covers(e.past, r, events_[r].thread);
      if (first) begin = static_cast<thread_set>(begin | just(e.thread));
    }
    rest_.push_back(id);
  }
  if (has(met, thread)) return begin;
  for (auto const r : rest_) {
    auto const& e = events_[r];
    if (covers(known, r, e.thread)) return begin;
    bool const load = e.op.kind == access::load || op.kind == access::load;
    bool const stale = load && e.op.on_places() && op.on_places();  // S3
    if (!stale && dependent(e.op, e.thread, op, thread)) return begin;
  }
  return static_cast<thread_set>(begin | just(thread));
}

void search::want(choice& c, thread_set who, unsigned thread) {
  if ((who & c.wanted) != 0) return;
  if (has(who, thread)) {
    c.wanted = static_cast<thread_set>(c.wanted | just(thread));
  } else {
    c.wanted = static_cast<thread_set>(c.wanted | (who != 0 ? just(first_of(who)) : c.able));
  }
}

void search::try_where_able(std::uint32_t earlier, unsigned thread) {
  for (auto e = earlier + 1; e > 0 && events_[e - 1].thread != thread; --e) {
    if (events_[e - 1].at == none) continue;
    auto& c = stack_[events_[e - 1].at];
    if (!has(c.able, thread)) continue;
    if (e - 1 != earlier) c.wanted = static_cast<thread_set>(c.wanted | just(thread));
    return;
  }
}

void search::try_before(std::uint32_t earlier, unsigned thread, operation const& op,
                        vector_clock const& known) {
  auto const at = events_[earlier].at;
  if (options_.late_timeouts) try_where_able(earlier, thread);  // S7
  if (options_.preemptions >= 0) {
    // The block of steps that `earlier` stands in may also be begun later, without a preemption.
    auto first = earlier;
    while (first > 0 && events_[first - 1].thread == events_[earlier].thread) --first;
    for (auto const e : {earlier, first}) {
      if (events_[e].at == none) continue;
      auto& c = stack_[events_[e].at];
      c.wanted = static_cast<thread_set>(c.wanted | (has(c.able, thread) ? just(thread) : c.able));
    }
    return;
  }
  if (at == none) return;  // nobody else could run
  auto& c = stack_[at];
  auto const who = static_cast<thread_set>(initials(earlier, thread, op, known) & c.able);
  want(c, who, thread);
}

void search::fall_asleep_or_wake(unsigned thread, operation const& op, memory& m,
                                 std::array<operation, max_threads> const& next) {
  now_.from[thread] = 0;
  if (options_.preemptions >= 0) return;
  thread_set candidates = now_.asleep;
  if (chosen_at_ != none)
    candidates = static_cast<thread_set>(candidates | stack_[chosen_at_].tried);
  candidates = without(candidates, just(thread));
  now_.asleep = 0;
  for (unsigned t = 0; t < max_threads; ++t) {
    bool const sleeps = has(candidates, t);
    if (!sleeps && now_.from[t] == 0) continue;
    auto const& pending = next[t];
    bool const stale = op.kind == access::load && pending.on_places();  // S3, from the other side
    if (stale || !dependent(pending, t, op, thread)) {
      if (sleeps) now_.asleep = static_cast<thread_set>(now_.asleep | just(t));
      continue;
    }
    bool const by_a_store = pending.kind == access::load && op.kind == access::write;
    if (!by_a_store) {
      now_.from[t] = 0;
    } else if (sleeps) {
      now_.from[t] = static_cast<std::uint16_t>(m.at(pending.place).newest());
    }
  }
}

}  // namespace weft::check::detail
