// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/domain.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

// What the structures of bench/mem/ ask of a reclamation scheme S:
//
//   S::base<N>         what a node derives from
//   S::word<N>         a pointer with a mark in its lowest bit: get(), mark(), ==
//   S::cell<N>         an atomic word: load, store, compare_exchange_strong
//   S::guard<N>        protects one node: acquire(cell, order), try_acquire(cell, word, order),
//                      get(), reset()
//   S::region          around an operation: constructed from S::thread&
//   S::retire(region&, guard<N>&)   hands the guarded node over
//   S::thread          joins the scheme; one in each thread
//   S::settle()        frees what earlier rows left, so that no row pays for another
//   S::validates       true if what a guard holds must be checked after each step
//
// The structure's code is the same on every scheme. Where a region protects everything a guard is
// a word, and costs nothing.
namespace bench {

/// A pointer whose lowest bit is a mark.
template <class N>
class marked {
 public:
  marked() = default;
  explicit marked(N* p, unsigned mark = 0) : bits_(reinterpret_cast<std::uintptr_t>(p) | mark) {}
  [[nodiscard]] N* get() const { return reinterpret_cast<N*>(bits_ & ~std::uintptr_t{1}); }
  [[nodiscard]] unsigned mark() const { return bits_ & 1; }
  friend bool operator==(marked, marked) = default;

 private:
  std::uintptr_t bits_ = 0;
};

/// A guard of schemes whose regions protect everything that is read in them.
template <class N>
class word_guard {
 public:
  void acquire(std::atomic<marked<N>> const& from, std::memory_order order) {
    word_ = from.load(order);
  }
  bool try_acquire(std::atomic<marked<N>> const&, marked<N> seen, std::memory_order) {
    word_ = seen;
    return true;
  }
  void reset() {}
  [[nodiscard]] N* get() const { return word_.get(); }

 private:
  marked<N> word_;
};

/// weft::domain, a plain pin around each operation.
struct weft_pins {
  static constexpr bool validates = false;
  template <class N>
  struct base {};
  template <class N>
  using word = marked<N>;
  template <class N>
  using cell = std::atomic<marked<N>>;
  template <class N>
  using guard = word_guard<N>;

  static weft::domain& domain() {
    static weft::domain one;
    return one;
  }
  static void settle() {
    while (domain().limbo_count() != 0) domain().reclaim();
  }
  class thread {};
  class region {
   public:
    explicit region(thread&) : pin_(domain().pin()) {}
    decltype(std::declval<weft::domain&>().pin()) pin_;
  };
  template <class N>
  static void retire(region& in, guard<N>& g) {
    in.pin_.retire(g.get());
  }
};

}  // namespace bench
