// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

namespace weft::check {

/// std::atomic as the checker sees it: each access is a step of the schedule and may read any store
/// that the C++20 memory model lets it read.
///
/// Has the members of std::atomic. Every operation takes the place it is called from as a last,
/// defaulted argument: traces and the audit of orders speak of it.
///
/// threads   every member, from any thread of a scenario
/// throws    nothing; an access outside a scenario ends the program with an explanation
/// source    Kang, Hur, Lahav, Vafeiadis, Dreyer: A promising semantics for relaxed-memory
///           concurrency, POPL 2017 (views, here without promises)
template <class T>
class atomic {
  using order = std::memory_order;
  using site = std::source_location;

 public:
  using value_type = T;
  using difference_type = std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;
  static constexpr bool is_always_lock_free = true;

  constexpr atomic() noexcept(std::is_nothrow_default_constructible_v<T>) : atomic(T{}) {}
  constexpr atomic(T v, site where = site::current()) noexcept  // NOLINT: as std::atomic
      : handle_{detail::to_word(v), sizeof(T), detail::shape_of<T>()} {
    if (!std::is_constant_evaluated()) detail::make(handle_, where);
  }
  atomic(atomic const&) = delete;
  atomic& operator=(atomic const&) = delete;
  constexpr ~atomic() {
    if (!std::is_constant_evaluated()) detail::unmake(handle_, site::current());
  }

  [[nodiscard]] bool is_lock_free() const noexcept { return true; }

  T load(order o = order::seq_cst, site where = site::current()) const noexcept {
    return detail::from_word<T>(detail::load(handle_, o, where));
  }
  void store(T v, order o = order::seq_cst, site where = site::current()) noexcept {
    detail::store(handle_, detail::to_word(v), o, where);
  }
  T exchange(T v, order o = order::seq_cst, site where = site::current()) noexcept {
    return update(o, where, [v](T) { return v; });
  }

  bool compare_exchange_strong(T& expected, T desired, order done, order failed,
                               site where = site::current()) noexcept {
    return compare_exchange(expected, desired, done, failed, false, where);
  }
  bool compare_exchange_strong(T& expected, T desired, order o = order::seq_cst,
                               site where = site::current()) noexcept {
    return compare_exchange(expected, desired, o, after_failure(o), false, where);
  }
  bool compare_exchange_weak(T& expected, T desired, order done, order failed,
                             site where = site::current()) noexcept {
    return compare_exchange(expected, desired, done, failed, true, where);
  }
  bool compare_exchange_weak(T& expected, T desired, order o = order::seq_cst,
                             site where = site::current()) noexcept {
    return compare_exchange(expected, desired, o, after_failure(o), true, where);
  }

  void wait(T old, order o = order::seq_cst, site where = site::current()) const noexcept {
    detail::wait(handle_, detail::to_word(old), o, where);
  }
  void notify_one(site where = site::current()) noexcept { detail::notify(handle_, false, where); }
  void notify_all(site where = site::current()) noexcept { detail::notify(handle_, true, where); }

  template <class D>
  T fetch_add(D d, order o = order::seq_cst, site where = site::current()) noexcept
    requires((std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) || std::is_pointer_v<T>)
  {
    return update(o, where, [d](T v) { return add(v, d); });
  }
  template <class D>
  T fetch_sub(D d, order o = order::seq_cst, site where = site::current()) noexcept
    requires((std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) || std::is_pointer_v<T>)
  {
    return update(o, where, [d](T v) { return subtract(v, d); });
  }
  T fetch_and(T d, order o = order::seq_cst, site where = site::current()) noexcept
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  {
    return update(o, where, [d](T v) { return static_cast<T>(v & d); });
  }
  T fetch_or(T d, order o = order::seq_cst, site where = site::current()) noexcept
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  {
    return update(o, where, [d](T v) { return static_cast<T>(v | d); });
  }
  T fetch_xor(T d, order o = order::seq_cst, site where = site::current()) noexcept
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>)
  {
    return update(o, where, [d](T v) { return static_cast<T>(v ^ d); });
  }

  operator T() const noexcept { return load(); }  // NOLINT: as std::atomic
  T operator=(T v) noexcept {                     // NOLINT: as std::atomic
    store(v);
    return v;
  }
  T operator++() noexcept { return add(fetch_add(1), 1); }
  T operator++(int) noexcept { return fetch_add(1); }
  T operator--() noexcept { return subtract(fetch_sub(1), 1); }
  T operator--(int) noexcept { return fetch_sub(1); }
  template <class D>
  T operator+=(D d) noexcept {
    return add(fetch_add(d), d);
  }
  template <class D>
  T operator-=(D d) noexcept {
    return subtract(fetch_sub(d), d);
  }
  T operator&=(T d) noexcept { return static_cast<T>(fetch_and(d) & d); }
  T operator|=(T d) noexcept { return static_cast<T>(fetch_or(d) | d); }
  T operator^=(T d) noexcept { return static_cast<T>(fetch_xor(d) ^ d); }

  /// For the atoms policy: how the library knows this object.
  [[nodiscard]] detail::handle const& known_as() const noexcept { return handle_; }

 private:
  // Wraps round without an overflow, as the atomics of integers do.
  template <class D>
  static T add(T v, D d) noexcept {
    if constexpr (std::is_integral_v<T>) {
      using u = std::make_unsigned_t<T>;
      return static_cast<T>(static_cast<u>(static_cast<u>(v) + static_cast<u>(d)));
    } else {
      return v + d;
    }
  }
  template <class D>
  static T subtract(T v, D d) noexcept {
    if constexpr (std::is_integral_v<T>) {
      using u = std::make_unsigned_t<T>;
      return static_cast<T>(static_cast<u>(static_cast<u>(v) - static_cast<u>(d)));
    } else {
      return v - d;
    }
  }

  static constexpr order after_failure(order o) noexcept {
    if (o == order::acq_rel) return order::acquire;
    if (o == order::release) return order::relaxed;
    return o;
  }
  bool compare_exchange(T& expected, T desired, order done, order failed, bool weak,
                        site where) noexcept {
    auto e = detail::to_word(expected);
    if (detail::compare_exchange(handle_, e, detail::to_word(desired), done, failed, weak, where)) {
      return true;
    }
    expected = detail::from_word<T>(e);
    return false;
  }
  template <class F>
  T update(order o, site where, F f) noexcept {
    auto const change = [](detail::word old, void* with) {
      return detail::to_word((*static_cast<F*>(with))(detail::from_word<T>(old)));
    };
    return detail::from_word<T>(detail::update(handle_, o, change, &f, where));
  }

  detail::handle handle_;
};

/// std::atomic_flag, in terms of the above.
class atomic_flag {
  using order = std::memory_order;
  using site = std::source_location;

 public:
  constexpr atomic_flag() noexcept = default;
  atomic_flag(atomic_flag const&) = delete;
  atomic_flag& operator=(atomic_flag const&) = delete;

  bool test(order o = order::seq_cst, site where = site::current()) const noexcept {
    return value_.load(o, where);
  }
  bool test_and_set(order o = order::seq_cst, site where = site::current()) noexcept {
    return value_.exchange(true, o, where);
  }
  void clear(order o = order::seq_cst, site where = site::current()) noexcept {
    value_.store(false, o, where);
  }
  void wait(bool old, order o = order::seq_cst, site where = site::current()) const noexcept {
    value_.wait(old, o, where);
  }
  void notify_one(site where = site::current()) noexcept { value_.notify_one(where); }
  void notify_all(site where = site::current()) noexcept { value_.notify_all(where); }

 private:
  atomic<bool> value_{false};
};

/// std::atomic_thread_fence.
inline void atomic_thread_fence(std::memory_order o,
                                std::source_location where = std::source_location::current()) {
  detail::fence(o, where);
}

}  // namespace weft::check
