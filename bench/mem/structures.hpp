// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

// Three structures, each written once, on any scheme of bench/mem/schemes.hpp. Nodes are made by
// new, and freed by delete, on every side.
namespace bench {

inline constexpr auto relaxed = std::memory_order_relaxed;
inline constexpr auto acquire = std::memory_order_acquire;
inline constexpr auto release = std::memory_order_release;

/// Treiber, "Systems programming: coping with parallelism", IBM RJ 5118 (1986).
template <class S>
class stack {
  struct node : S::template base<node> {
    typename S::template word<node> next{};
    std::uint64_t value = 0;
  };
  using word = typename S::template word<node>;
  using guard = typename S::template guard<node>;

 public:
  stack() = default;
  stack(stack const&) = delete;
  stack& operator=(stack const&) = delete;
  ~stack() {
    for (node* n = head_.load(relaxed).get(); n;) delete std::exchange(n, n->next.get());
  }

  // A push reads no node, so it needs no region.
  void push(typename S::thread&, std::uint64_t value) {
    auto* const n = new node;
    n->value = value;
    n->next = head_.load(relaxed);
    while (!head_.compare_exchange_weak(n->next, word{n}, release, relaxed)) {
    }
  }

  bool pop(typename S::thread& t, std::uint64_t& value) {
    typename S::region in{t};
    guard top;
    for (;;) {
      top.acquire(head_, acquire);
      node* const n = top.get();
      if (!n) return false;
      word seen{n};
      if (head_.compare_exchange_strong(seen, n->next, acquire, relaxed)) {
        value = n->value;
        S::retire(in, top);
        return true;
      }
    }
  }

 private:
  alignas(128) typename S::template cell<node> head_{};
};

/// Michael & Scott, "Simple, fast, and practical non-blocking and blocking concurrent queue
/// algorithms", PODC 1996.
template <class S>
class queue {
  struct node : S::template base<node> {
    typename S::template cell<node> next{};
    std::uint64_t value = 0;
  };
  using word = typename S::template word<node>;
  using guard = typename S::template guard<node>;

 public:
  queue() {
    auto* const first = new node;
    head_.store(word{first}, relaxed);
    tail_.store(word{first}, relaxed);
  }
  queue(queue const&) = delete;
  queue& operator=(queue const&) = delete;
  ~queue() {
    for (node* n = head_.load(relaxed).get(); n;) {
      delete std::exchange(n, n->next.load(relaxed).get());
    }
  }

  void push(typename S::thread& t, std::uint64_t value) {
    auto* const n = new node;
    n->value = value;
    typename S::region in{t};
    guard last;
    for (;;) {
      last.acquire(tail_, acquire);
      word next = last.get()->next.load(acquire);
      word seen{last.get()};
      if (next.get()) {
        tail_.compare_exchange_strong(seen, next, release, relaxed);
        continue;
      }
      word none{};
      if (last.get()->next.compare_exchange_strong(none, word{n}, release, relaxed)) {
        tail_.compare_exchange_strong(seen, word{n}, release, relaxed);
        return;
      }
    }
  }

  bool pop(typename S::thread& t, std::uint64_t& value) {
    typename S::region in{t};
    guard first;
    guard second;
    for (;;) {
      first.acquire(head_, acquire);
      word const next = first.get()->next.load(acquire);
      if (!second.try_acquire(first.get()->next, next, acquire)) continue;
      if (S::validates && head_.load(acquire) != word{first.get()}) continue;
      if (!next.get()) return false;
      word last = tail_.load(acquire);
      if (last.get() == first.get()) {
        tail_.compare_exchange_strong(last, word{next.get()}, release, relaxed);
        continue;
      }
      value = second.get()->value;
      word seen{first.get()};
      if (head_.compare_exchange_strong(seen, word{next.get()}, release, relaxed)) {
        S::retire(in, first);
        return true;
      }
    }
  }

 private:
  alignas(128) typename S::template cell<node> head_{};
  alignas(128) typename S::template cell<node> tail_{};
};

/// Michael, "High performance dynamic lock-free hash tables and list-based sets", SPAA 2002: the
/// form of Harris's list that hazard pointers can traverse too.
template <class S>
class list {
  struct node : S::template base<node> {
    typename S::template cell<node> next{};
    std::uint64_t key = 0;
  };
  using word = typename S::template word<node>;
  using cell = typename S::template cell<node>;
  using guard = typename S::template guard<node>;
  struct place {
    cell* at;
    word next;
    guard here;
    guard before;
  };

 public:
  list() = default;
  list(list const&) = delete;
  list& operator=(list const&) = delete;
  ~list() {
    for (node* n = head_.load(relaxed).get(); n;) {
      delete std::exchange(n, n->next.load(relaxed).get());
    }
  }

  bool contains(typename S::thread& t, std::uint64_t key) {
    typename S::region in{t};
    place p;
    return find(in, key, p);
  }

  bool insert(typename S::thread& t, std::uint64_t key) {
    node* n = nullptr;
    typename S::region in{t};
    place p;
    while (!find(in, key, p)) {
      if (!n) {
        n = new node;
        n->key = key;
      }
      word seen{p.here.get()};
      n->next.store(seen, relaxed);
      if (p.at->compare_exchange_strong(seen, word{n}, release, relaxed)) return true;
    }
    delete n;
    return false;
  }

  bool erase(typename S::thread& t, std::uint64_t key) {
    typename S::region in{t};
    place p;
    while (find(in, key, p)) {
      word next = p.next;
      if (!p.here.get()->next.compare_exchange_strong(next, word{next.get(), 1}, acquire,
                                                      relaxed)) {
        continue;
      }
      word seen{p.here.get()};
      if (p.at->compare_exchange_strong(seen, word{next.get()}, release, relaxed)) {
        S::retire(in, p.here);
      } else {
        place again;
        find(in, key, again);
      }
      return true;
    }
    return false;
  }

 private:
  bool find(typename S::region& in, std::uint64_t key, place& p) {
    for (;;) {
      bool found = false;
      if (walk(in, key, p, found)) return found;
    }
  }
  // False if somebody changed the list here: begin again.
  bool walk(typename S::region& in, std::uint64_t key, place& p, bool& found) {
    p.at = &head_;
    p.here.acquire(head_, acquire);
    while (node* const n = p.here.get()) {
      p.next = n->next.load(acquire);
      if (S::validates && p.at->load(acquire) != word{n}) return false;
      if (p.next.mark() != 0) {
        word seen{n};
        word const next{p.next.get()};
        if (!p.at->compare_exchange_strong(seen, next, acquire, relaxed)) return false;
        S::retire(in, p.here);
        if (!p.here.try_acquire(*p.at, next, acquire)) return false;
        continue;
      }
      if (n->key >= key) {
        found = n->key == key;
        return true;
      }
      p.at = &n->next;
      std::swap(p.before, p.here);
      if (!p.here.try_acquire(*p.at, p.next, acquire)) return false;
    }
    p.next = word{};
    return true;
  }

  alignas(128) cell head_{};
};

}  // namespace bench
