// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <vector>

// The C++20 memory model by its axioms, for small programs: every candidate execution is built (who
// reads from whom, the modification order of each place), and kept if [intro.races] and
// [atomics.order] allow it. Knows nothing of the checker: it is what the checker is measured by.
namespace weft_test {

/// What may come of a program.
struct possibilities {
  std::set<std::string> allowed;  // by the standard
  /// Of those, what can be had by doing one step after another: the steps of each thread, reads
  /// after what they read, the modification orders and the order of what is sequentially consistent
  /// all fit into one order. This is what the checker promises to show.
  std::set<std::string> in_steps;
  bool race = false, race_in_steps = false;
};

/// Judges one program. Await, bump and grab are their last round: those before add nothing to what
/// may be seen at the end.
class axioms {
 public:
  explicit axioms(program const& p) : threads_(p.size()) {
    for (unsigned a = 0; a < places; ++a) {
      step s;
      s.what = does::store;
      s.at = a;
      add(s, none, a);
    }
    for (unsigned t = 0; t < p.size(); ++t) {
      for (auto const& s : p[t]) add(s, t, on_place(s) ? s.at : none);
    }
    for (unsigned i = 0; i < events_.size(); ++i) {
      if (events_[i].may_read) readers_.push_back(i);
    }
  }

  possibilities judge() {
    choose_source(0);
    return std::move(found_);
  }

  /// How many ways there are to choose who reads from whom: what judging costs.
  [[nodiscard]] double ways() const {
    double n = 1;
    for (auto const r : readers_) {
      double sources = 0;
      for (auto const& e : events_) {
        sources += e.may_write && &e != &events_[r] && e.place == events_[r].place ? 1 : 0;
      }
      n *= sources * (events_[r].s.what == does::weak ? 2 : 1);
    }
    return n;
  }

  static bool know(program const& p) {
    return std::all_of(p.begin(), p.end(), [](auto const& thread) {
      return std::all_of(thread.begin(), thread.end(),
                         [](step const& s) { return s.what <= does::grab; });
    });
  }

 private:
  static constexpr unsigned none = ~0u;
  using set_of = std::uint32_t;  // of events
  using relation = std::vector<set_of>;

  struct event {
    step s;
    unsigned thread, place;
    bool may_read, may_write;
    // of a candidate
    unsigned from = none;
    bool spurious = false;
    bool known = false, there = false, reads = false, writes = false, failed = false;
    unsigned got = 0, put = 0;
    std::memory_order order = weft::relaxed;
    unsigned rank = 0;  // in the order of its place: 2n for the n-th store, 2n+1 for who reads it
  };

  static bool on_place(step const& s) {
    return s.what != does::fence && s.what != does::get && s.what != does::set;
  }
  static bool acquires(std::memory_order o) {
    return o == weft::acquire || o == weft::acq_rel || o == weft::seq_cst ||
           o == std::memory_order_consume;
  }
  static bool releases(std::memory_order o) {
    return o == weft::release || o == weft::acq_rel || o == weft::seq_cst;
  }
  static bool has(set_of s, unsigned i) { return (s >> i & 1u) != 0; }

  void add(step const& s, unsigned thread, unsigned place) {
    event e{s, thread, place, false, false};
    e.may_read = place != none && s.what != does::store;
    e.may_write = place != none && s.what != does::load && s.what != does::await;
    events_.push_back(e);
    if (events_.size() > 32) throw std::invalid_argument("a program of more than 29 steps");
  }

  void choose_source(std::size_t n) {
    if (n == readers_.size()) return with_sources();
    auto& r = events_[readers_[n]];
    for (unsigned w = 0; w < events_.size(); ++w) {
      auto const& from = events_[w];
      if (!from.may_write || &from == &r || from.place != r.place) continue;
      r.from = w;
      r.spurious = false;
      choose_source(n + 1);
      if (r.s.what != does::weak) continue;
      r.spurious = true;
      choose_source(n + 1);
    }
  }

  // Values follow from who reads whom. False if they do not fit together.
  bool evaluate() {
    for (auto& e : events_) e.known = false;
    for (std::size_t left = events_.size(), before = left + 1; left > 0 && left < before;) {
      before = left;
      left = 0;
      for (unsigned i = 0; i < events_.size(); ++i) {
        auto& e = events_[i];
        if (!e.known && !evaluate(e, i)) return false;
        left += e.known ? 0 : 1;
      }
    }
    return std::all_of(events_.begin(), events_.end(), [](event const& e) { return e.known; });
  }

  bool evaluate(event& e, unsigned i) {
    e.there = true;
    if (e.s.only_if >= 0) {
      auto last = i;
      while (last > 0 && (events_[last - 1].thread != e.thread || !events_[last - 1].may_read)) {
        --last;
      }
      if (last == 0) {
        e.there = false;
      } else if (!events_[last - 1].known) {
        return true;
      } else {
        e.there = events_[last - 1].got == static_cast<unsigned>(e.s.only_if);
      }
    }
    e.order = e.s.order;
    e.reads = e.there && e.may_read;
    e.writes = e.there && e.may_write;
    e.failed = false;
    e.put = static_cast<unsigned>(e.s.value);
    if (e.reads) {
      auto const& from = events_[e.from];
      if (!from.known) return true;
      if (!from.writes) return false;
      e.got = from.put;
      if (!evaluate_read(e)) return false;
    }
    e.known = true;
    return true;
  }

  static bool evaluate_read(event& e) {
    switch (e.s.what) {
      case does::add:
        e.put += e.got;
        break;
      case does::bump:
        e.put = e.got + 1;
        break;
      case does::await:
        return e.got != 0;
      case does::grab:
        e.put = e.got;
        return e.got != 0;
      case does::strong:
      case does::weak: {
        bool const equal = e.got == static_cast<unsigned>(e.s.expected);
        if (e.spurious && !equal) return false;  // then it fails in any case
        e.failed = e.spurious || !equal;
        e.writes = !e.failed;
        if (e.failed) e.order = e.s.failed;
        break;
      }
      default:
        break;
    }
    return true;
  }

  void with_sources() {
    if (!evaluate()) return;
    order_before();
    for (unsigned i = 0; i < events_.size(); ++i) {
      if (has(before_[i], i)) return;
      auto const& e = events_[i];
      if (e.reads && (has(before_[i], e.from) || !no_store_between(e.from, i))) return;
    }
    for (auto& o : stores_) o.clear();
    for (unsigned i = 0; i < events_.size(); ++i) {
      if (events_[i].writes) stores_[events_[i].place].push_back(i);
    }
    choose_order(0);
  }

  // A shortcut: a read of what a store in between has hidden is out in any modification order.
  [[nodiscard]] bool no_store_between(unsigned from, unsigned reader) const {
    for (unsigned w = 0; w < events_.size(); ++w) {
      auto const& e = events_[w];
      if (w != from && w != reader && e.writes && e.place == events_[from].place &&
          has(before_[from], w) && has(before_[w], reader)) {
        return false;
      }
    }
    return true;
  }

  void choose_order(unsigned place) {
    if (place == places) return with_orders();
    auto& list = stores_[place];
    std::sort(list.begin() + 1, list.end());  // the first is the initial value
    do {
      bool together = true;  // a read-modify-write comes right after what it read
      for (std::size_t n = 1; n < list.size(); ++n) {
        auto const& e = events_[list[n]];
        together = together && (!e.reads || list[n - 1] == e.from);
      }
      if (together) choose_order(place + 1);
    } while (std::next_permutation(list.begin() + 1, list.end()));
  }

  // Happens-before, from the program's order and who synchronizes with whom.
  void order_before() {
    auto const n = static_cast<unsigned>(events_.size());
    program_order_.assign(n, 0);
    auto synchronizes = relation(n, 0);
    for (unsigned i = 0; i < n; ++i) {
      for (unsigned j = i + 1; j < n; ++j) {
        bool const in_order = events_[i].thread == events_[j].thread && events_[i].thread != none;
        bool const initial = events_[i].thread == none && events_[j].thread != none;
        if (in_order || initial) program_order_[i] |= 1u << j;
      }
    }
    for (unsigned r = 0; r < n; ++r) {
      if (!events_[r].reads) continue;
      for (auto head = events_[r].from;; head = events_[head].from) {  // of release sequences
        for (auto const a : sides(head, true)) {
          for (auto const b : sides(r, false)) synchronizes[a] |= 1u << b;
        }
        if (!events_[head].reads) break;
      }
    }
    before_ = program_order_;
    for (unsigned i = 0; i < n; ++i) before_[i] |= synchronizes[i];
    close(before_);
    // Strongly happens-before: see [intro.races].
    strongly_ = program_order_;
    for (unsigned a = 0; a < n; ++a) {
      for (unsigned b = 0; b < n; ++b) {
        if (has(synchronizes[a], b) && in_order(a) && in_order(b)) strongly_[a] |= 1u << b;
        if (!has(program_order_[a], b)) continue;
        for (unsigned c = 0; c < n; ++c) {
          if (has(before_[b], c)) strongly_[a] |= program_order_[c];
        }
      }
    }
    close(strongly_);
  }

  [[nodiscard]] bool in_order(unsigned i) const {
    return events_[i].there && events_[i].order == weft::seq_cst &&
           (events_[i].place != none || events_[i].s.what == does::fence);
  }

  // Who releases at a store: itself, or fences before it; who acquires at a read.
  [[nodiscard]] std::vector<unsigned> sides(unsigned access, bool release) const {
    std::vector<unsigned> all;
    auto const fits = [&](event const& e) {
      return e.there && e.thread != none && (release ? releases(e.order) : acquires(e.order));
    };
    if (fits(events_[access])) all.push_back(access);
    for (unsigned f = 0; f < events_.size(); ++f) {
      auto const& e = events_[f];
      bool const there = release ? f < access : f > access;
      if (e.s.what == does::fence && e.thread == events_[access].thread && there && fits(e)) {
        all.push_back(f);
      }
    }
    return all;
  }

  static void close(relation& r) {
    for (unsigned k = 0; k < r.size(); ++k) {
      for (auto& row : r) {
        if (has(row, k)) row |= r[k];
      }
    }
  }
  static bool cyclic(relation r) {
    close(r);
    for (unsigned i = 0; i < r.size(); ++i) {
      if (has(r[i], i)) return true;
    }
    return false;
  }

  void with_orders() {
    for (auto const& list : stores_) {
      for (unsigned n = 0; n < list.size(); ++n) events_[list[n]].rank = 2 * n;
    }
    auto const n = static_cast<unsigned>(events_.size());
    for (auto& e : events_) {
      if (e.reads && !e.writes) e.rank = events_[e.from].rank + 1;
    }
    for (unsigned i = 0; i < n; ++i) {  // coherence
      for (unsigned j = 0; j < n; ++j) {
        if (has(before_[i], j) && coherent(j, i)) return;
      }
    }
    auto const s = sequential();
    if (cyclic(s)) return;
    note(s);
  }

  // "Coherence-ordered before".
  [[nodiscard]] bool coherent(unsigned a, unsigned b) const {
    auto const &x = events_[a], &y = events_[b];
    return x.place != none && x.place == y.place && x.there && y.there && x.rank < y.rank;
  }

  // What the order of sequentially consistent accesses and fences must contain.
  [[nodiscard]] relation sequential() const {
    auto const n = static_cast<unsigned>(events_.size());
    relation s(n, 0);
    std::vector<unsigned> ordered;
    for (unsigned i = 0; i < n; ++i) {
      if (in_order(i)) ordered.push_back(i);
    }
    for (auto const a : ordered) {
      for (auto const b : ordered) {
        if (has(strongly_[a], b)) s[a] |= 1u << b;
      }
    }
    auto const fence = [&](unsigned i) { return events_[i].s.what == does::fence; };
    for (unsigned a = 0; a < n; ++a) {
      for (unsigned b = 0; b < n; ++b) {
        if (!coherent(a, b)) continue;
        for (auto const x : ordered) {
          if (x != a && !(fence(x) && has(before_[x], a))) continue;
          for (auto const y : ordered) {
            if (y == b || (fence(y) && has(before_[b], y))) s[x] |= 1u << y;
          }
        }
      }
    }
    return s;
  }

  void note(relation steps) {
    auto const n = static_cast<unsigned>(events_.size());
    for (unsigned i = 0; i < n; ++i) steps[i] |= program_order_[i];
    for (unsigned i = 0; i < n; ++i) {
      if (events_[i].reads) steps[events_[i].from] |= 1u << i;
    }
    for (auto const& list : stores_) {
      for (std::size_t i = 1; i < list.size(); ++i) steps[list[i - 1]] |= 1u << list[i];
    }
    bool const one_by_one = !cyclic(steps);
    std::vector<std::string> reads(threads_);
    for (auto const& e : events_) {
      if (e.reads) add_read(reads[e.thread], e.got, e.failed);
    }
    unsigned finals[places];
    for (unsigned a = 0; a < places; ++a) finals[a] = events_[stores_[a].back()].put;
    auto const text = outcome(reads, threads_, finals);
    found_.allowed.insert(text);
    if (one_by_one) found_.in_steps.insert(text);
    if (!races()) return;
    found_.race = true;
    found_.race_in_steps = found_.race_in_steps || one_by_one;
  }

  [[nodiscard]] bool races() const {
    for (unsigned i = 0; i < events_.size(); ++i) {
      for (unsigned j = i + 1; j < events_.size(); ++j) {
        auto const &a = events_[i], &b = events_[j];
        bool const plain = a.there && b.there && (a.s.what == does::set || b.s.what == does::set) &&
                           (a.s.what == does::get || a.s.what == does::set) &&
                           (b.s.what == does::get || b.s.what == does::set);
        if (plain && a.s.at == b.s.at && a.thread != b.thread && !has(before_[i], j) &&
            !has(before_[j], i)) {
          return true;
        }
      }
    }
    return false;
  }

  std::size_t threads_;
  std::vector<event> events_;
  std::vector<unsigned> readers_;
  std::vector<unsigned> stores_[places];  // in modification order
  relation program_order_, before_, strongly_;
  possibilities found_;
};

inline possibilities judge(program const& p) { return axioms(p).judge(); }

}  // namespace weft_test
