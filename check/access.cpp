// SPDX-License-Identifier: Apache-2.0
// The steps on atomics.
#include "execution.hpp"

#include <algorithm>

namespace weft::check::detail {

stored& execution::write(place& p, std::uint32_t id, word v, order o, stored const* carried,
                         site where) {
  bool const changes = !(p.stores.back().value == v);
  auto& s = memory_.write(self_, me().knows, p, v, o, carried, where);
  s.event = unnoticed() || !by_->exhaustive() ? none : by_->reduction().next_event();
  if (changes) {
    for (auto& t : threads_) t.rounds = 0;
  }
  (void)id;
  return s;
}

// Which store a load reads. `any`: of all there ever were.
unsigned execution::choose_store(place& p, std::uint32_t id, order o, bool any, site where) {
  auto& t = me();
  auto const newest = p.newest();
  auto low = any ? 0 : memory_.oldest(p, t.knows, o);
  auto untried = low;  // what is older was read in another execution like this one
  if (!any && newest > low) {
    if (t.fresh) low = newest;
    if (t.beyond.place == id && t.beyond.index < newest) low = std::max(low, t.beyond.index + 1);
    untried = low;
    if (by_->exhaustive() && o != order::seq_cst) {
      auto const from = by_->reduction().load_from(self_);
      if (from > newest) finish(ending::cut);
      untried = std::max(low, from);
    }
  }
  if (t.beyond.place == id) t.beyond = {};
  auto const index = unnoticed() && !any
                         ? newest
                         : newest - by_->choose_value(newest - untried + 1, newest - low + 1);
  if (by_->strayed()) {
    fail(verdict::not_repeatable, "a load at " + told.show(where) +
                                      " has other values to read than it had before: does the "
                                      "scenario depend on something an earlier execution left?");
  }
  return index;
}

namespace {

std::string from(stored const& s, unsigned index, unsigned newest) {
  std::string text = s.line == 0 ? ", as made" : ", from step " + std::to_string(s.line);
  if (index != newest) text += " (stale)";
  return text;
}

}  // namespace

word execution::load(handle const& h, order o, site where) {
  o = effective(o, where, met::load);
  auto const id = place_of(h, where);
  auto const kind = o == order::seq_cst ? access::look : access::load;
  operation const op{kind, o == order::seq_cst, id, none, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  auto& t = me();
  // A spin loop may not read what is stale for ever: that would be no mistake of the program's.
  bool const any =
      !options_.mutations.empty() && t.stale > 0 && mutated(mutation::read_stale, where);
  auto const index = choose_store(p, id, o, any, where);
  if (any && index < p.newest()) --t.stale;
  memory_.read(self_, t.knows, p, index, o);
  auto const& s = p.stores[index];
  t.look_at(id, index);
  if (told.telling()) {
    told.tell(self_,
              "reads " + told.name(id, where) + " = " + show(s.value, p.looks, p.size) + ' ' +
                  show(o) + from(s, index, p.newest()),
              where);
  }
  auto const v = s.value;
  done(op, s.event);
  return v;
}

void execution::store(handle const& h, word v, order o, site where) {
  o = effective(o, where, met::store);
  auto const id = place_of(h, where);
  operation const op{access::write, o == order::seq_cst, id, none, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  if (!options_.mutations.empty() && mutated(mutation::skip, where)) {
    told.tell(self_, "leaves out the store", where);
    return done(op);
  }
  auto& s = write(p, id, v, o, nullptr, where);
  if (told.telling()) {
    s.line = told.tell(
        self_, told.name(id, where) + " = " + show(v, p.looks, p.size) + ' ' + show(o), where);
  }
  done(op);
}

word execution::update(handle const& h, order o, word (*change)(word, void*), void* with,
                       site where) {
  o = effective(o, where, met::update);
  if (!options_.mutations.empty() && mutated(mutation::tear, where)) {
    auto const old = load(h, acquires(o) ? order::acquire : order::relaxed, where);
    store(h, change(old, with), releases(o) ? order::release : order::relaxed, where);
    return old;
  }
  auto const id = place_of(h, where);
  operation const op{access::write, o == order::seq_cst, id, none, where};
  point(op);
  begin_step();
  auto& p = use(id, where);
  auto const index = p.newest();
  memory_.read(self_, me().knows, p, index, o);
  auto const read = p.stores[index];
  auto const v = change(read.value, with);
  auto& s = write(p, id, v, o, &read, where);
  me().look_at(id, p.newest());
  if (told.telling()) {
    s.line = told.tell(self_,
                       told.name(id, where) + ' ' + show(read.value, p.looks, p.size) + " => " +
                           show(v, p.looks, p.size) + ' ' + show(o) + from(read, index, index),
                       where);
  }
  auto old = read.value;
  if (!options_.mutations.empty() && mutated(mutation::read_stale, where)) {
    old = p.stores[index - by_->choose_value(index + 1)].value;
  }
  done(op);
  return old;
}

// What a compare-exchange reads, and whether it fails without a reason: the newest value first;
// then what is stale and differs; then failures for no reason, which read any store of the
// expected value.
execution::compared execution::choose_compared(place& p, std::uint32_t id, word const& expected,
                                               order failed, bool weak) {
  auto& t = me();
  auto const newest = p.newest();
  bool const equal = p.stores[newest].value == expected;
  auto low = t.fresh ? newest : memory_.oldest(p, t.knows, failed);
  if (t.beyond.place == id) low = std::max(low, std::min(t.beyond.index + 1, newest));
  unsigned differ = 0, same = 0;
  for (auto i = low; i < newest; ++i) ++(p.stores[i].value == expected ? same : differ);
  bool const may_fail = weak && t.spurious > 0;
  auto const choice = by_->choose_value(1 + differ + (may_fail ? same + (equal ? 1u : 0u) : 0u));
  compared c{0, choice > differ};
  auto left = c.spurious ? choice - differ - (equal ? 1u : 0u) : choice;
  for (auto i = newest; left > 0;) {
    --i;
    if ((p.stores[i].value == expected) == c.spurious && --left == 0) c.stale = newest - i;
  }
  return c;
}

bool execution::compare_exchange(handle const& h, word& expected, word desired, order done_order,
                                 order failed_order, bool weak, site where) {
  // Weakened, both are; it is listed as ordered if either is.
  auto const listed = done_order == order::relaxed ? failed_order : done_order;
  bool const weakened = effective(listed, where, met::update) != listed;
  auto const o = weakened ? order::relaxed : done_order;
  auto const f = weakened ? order::relaxed : failed_order;
  if (!options_.mutations.empty() && mutated(mutation::tear, where)) {
    auto const old = load(h, f, where);
    if (!(old == expected)) {
      expected = old;
      return false;
    }
    store(h, desired, releases(o) ? order::release : order::relaxed, where);
    return true;
  }
  auto const id = place_of(h, where);
  bool const either = o == order::seq_cst || f == order::seq_cst;
  point({access::write, either, id, none, where});
  begin_step();
  auto& p = use(id, where);
  auto& t = me();
  auto const newest = p.newest();
  bool const equal = p.stores[newest].value == expected;
  bool const skipped = !options_.mutations.empty() && mutated(mutation::skip, where);
  auto const read_back =
      unnoticed() || skipped ? compared{0, skipped} : choose_compared(p, id, expected, f, weak);
  if (t.beyond.place == id) t.beyond = {};
  auto const index = newest - read_back.stale;
  bool const spurious = read_back.spurious;
  bool const succeeds = equal && read_back.stale == 0 && !spurious;
  memory_.read(self_, t.knows, p, index, succeeds ? o : f);
  auto const read = p.stores[index];
  // To fences it is in any case what it could have been: whether it succeeds may turn on a store
  // that no fence has to do with.
  operation const op{succeeds ? access::write : access::look, either, id, none, where};
  std::string text;
  if (told.telling()) {
    auto const is = show(read.value, p.looks, p.size);
    text = told.name(id, where) + (succeeds ? " " : " is ") + is +
           (succeeds   ? " => " + show(desired, p.looks, p.size)
            : spurious ? " but fails for no reason"
                       : " not " + show(expected, p.looks, p.size)) +
           ' ' + show(succeeds ? o : f) + from(read, index, newest);
  }
  if (succeeds) {
    auto& s = write(p, id, desired, o, &read, where);
    s.line = told.tell(self_, std::move(text), where);
  } else {
    told.tell(self_, std::move(text), where);
    if (spurious && !skipped) --t.spurious;
    t.again = spurious;
    expected = read.value;
  }
  t.look_at(id, succeeds ? p.newest() : index);
  done(op);
  return succeeds;
}

void execution::fence(order o, site where) {
  auto const e = effective(o, where, met::fence);
  if (e == order::relaxed) return;
  operation const op{e == order::seq_cst ? access::fence : access::nothing, e == order::seq_cst,
                     none, none, where};
  if (e == order::seq_cst) point(op);
  begin_step();
  memory_.fence(me().knows, e);
  if (told.telling()) told.tell(self_, std::string("fence ") + show(e), where);
  if (e == order::seq_cst) done(op);
}

void execution::heavy(bool settles, site where) {
  if (effective(order::seq_cst, where, met::heavy) == order::relaxed) return;
  operation const op{access::heavy, true, none, none, where};
  point(op);
  begin_step();
  for (int round = 0; round < 2; ++round) {
    for (auto& t : threads_) {
      if (t.is != standing::absent) memory_.fence(t.knows, order::seq_cst);
    }
  }
  told.tell(self_, "barrier in every thread", where);
  done(op);
  if (settles) settle();
}

}  // namespace weft::check::detail
