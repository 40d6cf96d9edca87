// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/history.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

// The sequential objects that concurrent ones are compared with. An operation is named as in
// `check::queue_spec<int>::push{1}`; what a specification must have says linearizability.hpp. A
// state to begin from is made by apply(): `set_spec<int> s; s.apply(set_spec<int>::insert{1});`.
namespace weft::check {

namespace detail {

inline std::uint64_t fold(std::uint64_t digest, std::uint64_t h) noexcept {
  digest ^= h + 0x9e3779b97f4a7c15 + (digest << 6) + (digest >> 2);
  return digest * 0xff51afd7ed558ccd;
}

template <class T>
std::uint64_t fold_value(std::uint64_t digest, T const& v) {
  if constexpr (requires { std::hash<T>{}(v); }) {
    return fold(digest, std::hash<T>{}(v));
  } else {
    return digest;
  }
}

/// The items of a queue, stack or deque. Copied often, so in one piece.
template <class T>
class sequence {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::vector<T> const& items() const noexcept { return items_; }
  void push_front(T const& v) { items_.insert(items_.begin(), v); }
  void push_back(T const& v) { items_.push_back(v); }

  std::optional<T> pop_front() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> v(std::move(items_.front()));
    items_.erase(items_.begin());
    return v;
  }
  std::optional<T> pop_back() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> v(std::move(items_.back()));
    items_.pop_back();
    return v;
  }
  // The same, if that is what they give; else nothing changes.
  bool pop_front(std::optional<T> const& r) {
    if (r ? items_.empty() || !(items_.front() == *r) : !items_.empty()) return false;
    if (r) items_.erase(items_.begin());
    return true;
  }
  bool pop_back(std::optional<T> const& r) {
    if (r ? items_.empty() || !(items_.back() == *r) : !items_.empty()) return false;
    if (r) items_.pop_back();
    return true;
  }

  template <class F>
  [[nodiscard]] bool any_before_last(F f) const {
    return std::any_of(items_.begin(), items_.end() - 1, f);
  }
  bool operator==(sequence const&) const = default;
  [[nodiscard]] std::uint64_t digest() const {
    std::uint64_t d = items_.size();
    for (auto const& v : items_) d = fold_value(d, v);
    return d;
  }

 private:
  std::vector<T> items_;
};

/// The operations of what values are pushed into and popped from, and what `takings` goes by.
template <class T>
struct push_and_pop {
  struct push {
    T value;
  };
  struct pop {};
  using operations = std::variant<push, pop>;

  static std::optional<T> const& taken(pop, std::optional<T> const& result) { return result; }
  bool operator==(push_and_pop const&) const = default;
};

}  // namespace detail

/// A queue: first in, first out; unbounded. An empty one gives nothing.
template <class T>
class queue_spec : public detail::push_and_pop<T> {
 public:
  using typename detail::push_and_pop<T>::push;
  using typename detail::push_and_pop<T>::pop;

  void apply(push const& p) { items_.push_back(p.value); }
  std::optional<T> apply(pop) { return items_.pop_front(); }
  bool apply(pop, std::optional<T> const& r) { return items_.pop_front(r); }

  [[nodiscard]] std::vector<T> const& items() const noexcept { return items_.items(); }
  bool operator==(queue_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const { return items_.digest(); }
  [[nodiscard]] bool hopeless(auto const& takings) const {
    auto const* const last = takings.of(items().back());
    return last && (last->unseen() || items_.any_before_last([&](T const& v) {
             return takings.before(last, takings.of(v));
           }));
  }

 private:
  detail::sequence<T> items_;
};

/// A queue that holds at most `capacity` items: push returns false when it is full.
template <class T>
class bounded_queue_spec : public detail::push_and_pop<T> {
 public:
  using typename detail::push_and_pop<T>::push;
  using typename detail::push_and_pop<T>::pop;

  explicit bounded_queue_spec(std::size_t capacity) : capacity_(capacity) {}

  bool apply(push const& p) {
    if (items_.size() == capacity_) return false;
    items_.push_back(p.value);
    return true;
  }
  std::optional<T> apply(pop) { return items_.pop_front(); }
  bool apply(pop, std::optional<T> const& r) { return items_.pop_front(r); }

  [[nodiscard]] std::vector<T> const& items() const noexcept { return items_.items(); }
  bool operator==(bounded_queue_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const { return items_.digest(); }
  [[nodiscard]] bool hopeless(auto const& takings) const {
    auto const* const last = items().empty() ? nullptr : takings.of(items().back());
    return last && (items_.any_before_last(
                       [&](T const& v) { return takings.before(last, takings.of(v)); }));
  }

 private:
  detail::sequence<T> items_;
  std::size_t capacity_;
};

/// A stack: last in, first out; unbounded. An empty one gives nothing.
template <class T>
class stack_spec : public detail::push_and_pop<T> {
 public:
  using typename detail::push_and_pop<T>::push;
  using typename detail::push_and_pop<T>::pop;

  void apply(push const& p) { items_.push_back(p.value); }
  std::optional<T> apply(pop) { return items_.pop_back(); }
  bool apply(pop, std::optional<T> const& r) { return items_.pop_back(r); }

  [[nodiscard]] std::vector<T> const& items() const noexcept { return items_.items(); }
  bool operator==(stack_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const { return items_.digest(); }
  [[nodiscard]] bool hopeless(auto const& takings) const {
    auto const* const last = takings.of(items().back());
    return last && (last->unseen() || items_.any_before_last([&](T const& v) {
             return takings.before(takings.of(v), last);
           }));
  }

 private:
  detail::sequence<T> items_;
};

/// A queue with two ends.
///
/// `steal` is the pop_front of a work-stealing deque: it may also come back with nothing because
/// it lost a race, though there is something.
template <class T>
class deque_spec {
 public:
  struct push_front {
    T value;
  };
  struct push_back {
    T value;
  };
  struct pop_front {};
  struct pop_back {};
  struct steal {};
  using operations = std::variant<push_front, push_back, pop_front, pop_back, steal>;

  void apply(push_front const& p) { items_.push_front(p.value); }
  void apply(push_back const& p) { items_.push_back(p.value); }
  std::optional<T> apply(pop_front) { return items_.pop_front(); }
  std::optional<T> apply(pop_back) { return items_.pop_back(); }
  std::optional<T> apply(steal) { return items_.pop_front(); }
  bool apply(pop_front, std::optional<T> const& r) { return items_.pop_front(r); }
  bool apply(pop_back, std::optional<T> const& r) { return items_.pop_back(r); }
  bool apply(steal, std::optional<T> const& r) { return !r || items_.pop_front(r); }

  bool operator==(deque_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const { return items_.digest(); }

 private:
  detail::sequence<T> items_;
};

/// One value.
///
/// `compare_exchange` returns whether it stored; `compare_exchange_weak` may also fail without
/// cause.
template <class T>
class register_spec {
 public:
  struct read {};
  struct write {
    T value;
  };
  struct exchange {
    T value;
  };
  struct compare_exchange {
    T expected, desired;
  };
  struct compare_exchange_weak {
    T expected, desired;
  };
  using operations = std::variant<read, write, exchange, compare_exchange, compare_exchange_weak>;

  register_spec() = default;
  explicit register_spec(T initial) : value_(std::move(initial)) {}

  T apply(read) const { return value_; }
  void apply(write const& w) { value_ = w.value; }
  T apply(exchange const& e) { return std::exchange(value_, e.value); }
  bool apply(compare_exchange const& c) { return replace(c.expected, c.desired); }
  bool apply(compare_exchange_weak const& c) { return replace(c.expected, c.desired); }
  bool apply(compare_exchange_weak const& c, bool stored) {
    return !stored || replace(c.expected, c.desired);
  }

  bool operator==(register_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const { return detail::fold_value(0, value_); }

 private:
  bool replace(T const& expected, T const& desired) {
    if (!(value_ == expected)) return false;
    value_ = desired;
    return true;
  }
  T value_{};
};

/// A number that is added to.
class counter_spec {
 public:
  struct add {
    std::int64_t by = 1;
  };
  struct fetch_add {
    std::int64_t by = 1;
  };
  struct read {};
  using operations = std::variant<add, fetch_add, read>;

  counter_spec() = default;
  explicit counter_spec(std::int64_t initial) : value_(initial) {}

  void apply(add a) { value_ += a.by; }
  std::int64_t apply(fetch_add a) { return std::exchange(value_, value_ + a.by); }
  std::int64_t apply(read) const { return value_; }

  bool operator==(counter_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const { return detail::fold_value(0, value_); }

 private:
  std::int64_t value_ = 0;
};

/// A map, judged key by key. `insert` leaves a key that is there alone, `put` replaces its value.
template <class K, class V>
class map_spec {
 public:
  struct insert {
    K key;
    V value;
  };
  struct put {
    K key;
    V value;
  };
  struct erase {
    K key;
  };
  struct find {
    K key;
  };
  using operations = std::variant<insert, put, erase, find>;

  bool apply(insert const& i) { return items_.try_emplace(i.key, i.value).second; }
  void apply(put const& p) { items_.insert_or_assign(p.key, p.value); }
  bool apply(erase const& e) { return items_.erase(e.key) != 0; }
  std::optional<V> apply(find const& f) const {
    auto const at = items_.find(f.key);
    return at == items_.end() ? std::nullopt : std::optional<V>(at->second);
  }

  static K const& key(auto const& op) { return op.key; }
  bool operator==(map_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const {
    std::uint64_t d = items_.size();
    for (auto const& [k, v] : items_) d = detail::fold_value(detail::fold_value(d, k), v);
    return d;
  }

 private:
  std::map<K, V> items_;
};

/// A set, judged key by key. Each operation returns what std::set's would: inserted, erased, there.
template <class K>
class set_spec {
 public:
  struct insert {
    K key;
  };
  struct erase {
    K key;
  };
  struct contains {
    K key;
  };
  using operations = std::variant<insert, erase, contains>;

  bool apply(insert const& i) {
    auto const at = std::lower_bound(items_.begin(), items_.end(), i.key);
    if (at != items_.end() && !(i.key < *at)) return false;
    items_.insert(at, i.key);
    return true;
  }
  bool apply(erase const& e) {
    auto const at = std::lower_bound(items_.begin(), items_.end(), e.key);
    if (at == items_.end() || e.key < *at) return false;
    items_.erase(at);
    return true;
  }
  bool apply(contains const& c) const {
    return std::binary_search(items_.begin(), items_.end(), c.key);
  }

  static K const& key(auto const& op) { return op.key; }
  bool operator==(set_spec const&) const = default;
  [[nodiscard]] std::uint64_t digest() const {
    std::uint64_t d = items_.size();
    for (auto const& k : items_) d = detail::fold_value(d, k);
    return d;
  }

 private:
  std::vector<K> items_;
};

}  // namespace weft::check
