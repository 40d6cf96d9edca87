// SPDX-License-Identifier: Apache-2.0
// The life of an execution, and of the objects in it.
#include "execution.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdio>

namespace weft::check::detail {

namespace {

thread_local constinit execution* running = nullptr;

// Of all explorations: an object that outlives one knows by the number that it is in another.
constinit std::atomic<std::uint32_t> begun{0};

constexpr unsigned most_stale = 2;

bool stands_at(place_in_source const& p, site where) noexcept {
  return p.line == where.line() && (p.column == 0 || p.column == where.column()) &&
         p.file == where.file_name();
}

}  // namespace

// A loop that waits looks at the same places again and again: a place looked at twice in a row is
// taken for all it looks at.
void runner::look_at(std::uint32_t place, std::uint32_t index) {
  twice = !glances.empty() && glances.back().place == place;
  std::erase_if(glances, [&](glance const& g) { return g.place == place; });
  if (glances.size() == 8) glances.erase(glances.begin());
  glances.push_back({place, index});
}

void runner::begin(unsigned spurious_failures) {
  next = {};
  glances.clear();
  last_glances.clear();
  beyond = {};
  rounds = 0;
  twice = again = fresh = timed = woken = in_signal = interrupted = preparing = false;
  spurious = spurious_failures;
  stale = most_stale;
  slots.clear();
  at_exit.clear();
  signals.clear();
  handler = nullptr;
  due = 0;
}

execution* execution::current() noexcept { return running; }

ending execution::run(std::function<void(threads&)> const& scenario, chooser& by, bool tell) {
  by_ = &by;
  do {
    number_ = 1 + begun.fetch_add(1, std::memory_order_relaxed);
  } while (number_ == 0);
  memory_.reset();
  heap_.reset();
  cells_.reset();
  beds_.clear();
  globals_.clear();
  prepare_ = nullptr;
  told.begin(tell);
  by_->begin_execution();
  now_ = 0;
  steps_now_ = 0;
  plain_now_ = 0;
  last_ = 0;
  live_ = 1;
  for (auto& t : threads_) {
    t.is = standing::absent;
    t.knows = {};
    t.begin(0);
  }
  auto& first = threads_[0];
  first.is = standing::ready;
  clock_ = memory_.add(nullptr, {}, 0, first.knows, {});
  roster_ = memory_.add(nullptr, {}, 0, first.knows, {});
  scenario_ = &scenario;
  self_ = 0;
  first.context.begin(0, &execution::life, this);
  running = this;
  fiber::change(driver_, first.context);
  running = nullptr;
  return end_;
}

void execution::fail(verdict v, std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  found = v;
  message = std::move(text);
  finish(ending::failed);
}

void execution::note(std::string_view outcome) { ++noted[std::string(outcome)]; }

bool execution::mutated(mutation::kind what, site where) const noexcept {
  return std::any_of(options_.mutations.begin(), options_.mutations.end(),
                     [&](auto const& m) { return m.what == what && stands_at(m.where, where); });
}

// The order this access has, mutations considered; and the list of accesses that were met.
order execution::effective(order o, site where, met::kind what) {
  if (options_.list_accesses) {
    auto const same = [&](met const& a) { return a.what == what && stands_at(a.where, where); };
    auto const known = std::find_if(accesses.begin(), accesses.end(), same);
    if (known != accesses.end()) {
      ++known->times;
    } else {
      accesses.push_back(
          {{where.file_name(), where.line(), where.column(), where.function_name()}, o, what, 1});
    }
  }
  if (options_.mutations.empty()) return o;
  return mutated(mutation::weaken, where) ? order::relaxed : o;
}

void execution::done(operation const& op, std::uint32_t read_from) {
  if (unnoticed() || !by_->exhaustive()) return;
  by_->reduction().done(self_, op, read_from, memory_, pending());
}

std::uint32_t execution::place_of(handle const& h, site where) {
  if (h.execution == number_) return h.place;
  if (heap_.owns(&h) || std::any_of(threads_.begin(), threads_.end(),
                                    [&](runner const& t) { return t.context.on_stack(&h); })) {
    check_freed(&h, where);
    fail(verdict::use_after_free, "an atomic is used at " + told.show(where) +
                                      " that does not exist: it was never constructed, "
                                      "or its memory has been used for something else since");
  }
  knowledge const before;  // it has always been there
  h.place = memory_.add(&h, h.initial, 0, before, where);
  h.execution = number_;
  auto& p = memory_.at(h.place);
  p.made_step = 0;
  p.size = h.size;
  p.looks = h.looks;
  return h.place;
}

void execution::make(handle const& h, site where) {
  auto const id = memory_.add(&h, h.initial, self_, me().knows, where);
  h.place = id;
  h.execution = number_;
  auto& p = memory_.at(id);
  p.size = h.size;
  p.looks = h.looks;
  p.made_step = always_there_ ? std::uint16_t{0}
                              : static_cast<std::uint16_t>(p.made_step + 1);  // as plain: see cell
  p.stores[0].step = p.made_step;
}

void execution::unmake(handle const& h, site where) {
  if (h.execution != number_) return;
  auto& p = memory_.at(h.place);
  if (!p.alive) return;
  auto const& happened = me().knows.now.happened;
  for (unsigned t = 0; t < max_threads; ++t) {
    if (t != self_ && !happened.covers(t, p.used.at[t])) {
      auto const name = told.name(h.place, where);
      fail(verdict::use_after_free, name + " is destroyed while " + thread_name(t) +
                                        " may still be using it: no happens-before orders the two");
    }
  }
  p.alive = false;
  p.unmade = where;
  p.unmaker = static_cast<std::uint8_t>(self_);
}

place& execution::use(std::uint32_t id, site where) {
  auto& p = memory_.at(id);
  auto const& happened = me().knows.now.happened;
  if (!p.alive) {
    check_freed(p.address, where);
    fail(verdict::use_after_free, told.name(id, where) + ", used at " + told.show(where) +
                                      ", was destroyed by " + thread_name(p.unmaker));
  }
  if (p.maker != self_ && !happened.covers(p.maker, p.made_step)) {
    fail(verdict::data_race, told.name(id, where) + ", used at " + told.show(where) +
                                 ", is constructed at " + show(p.made) + " by " +
                                 thread_name(p.maker) + ", and no happens-before orders the two");
  }
  p.used.at[self_] = happened.at[self_];
  return p;
}

}  // namespace weft::check::detail
