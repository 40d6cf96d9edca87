// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/atomic.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// The atomics of the checker under names in namespace std, and the free functions of <atomic> for
// them. <weft/check/std.hpp> lets the usual names mean these.
namespace std {

template <class T>
using weft_check_atomic = weft::check::atomic<T>;
using weft_check_atomic_flag = weft::check::atomic_flag;

using weft_check_atomic_bool = weft_check_atomic<bool>;
using weft_check_atomic_char = weft_check_atomic<char>;
using weft_check_atomic_schar = weft_check_atomic<signed char>;
using weft_check_atomic_uchar = weft_check_atomic<unsigned char>;
using weft_check_atomic_short = weft_check_atomic<short>;
using weft_check_atomic_ushort = weft_check_atomic<unsigned short>;
using weft_check_atomic_int = weft_check_atomic<int>;
using weft_check_atomic_uint = weft_check_atomic<unsigned>;
using weft_check_atomic_long = weft_check_atomic<long>;
using weft_check_atomic_ulong = weft_check_atomic<unsigned long>;
using weft_check_atomic_llong = weft_check_atomic<long long>;
using weft_check_atomic_ullong = weft_check_atomic<unsigned long long>;
using weft_check_atomic_char8_t = weft_check_atomic<char8_t>;
using weft_check_atomic_char16_t = weft_check_atomic<char16_t>;
using weft_check_atomic_char32_t = weft_check_atomic<char32_t>;
using weft_check_atomic_wchar_t = weft_check_atomic<wchar_t>;
using weft_check_atomic_int8_t = weft_check_atomic<int8_t>;
using weft_check_atomic_uint8_t = weft_check_atomic<uint8_t>;
using weft_check_atomic_int16_t = weft_check_atomic<int16_t>;
using weft_check_atomic_uint16_t = weft_check_atomic<uint16_t>;
using weft_check_atomic_int32_t = weft_check_atomic<int32_t>;
using weft_check_atomic_uint32_t = weft_check_atomic<uint32_t>;
using weft_check_atomic_int64_t = weft_check_atomic<int64_t>;
using weft_check_atomic_uint64_t = weft_check_atomic<uint64_t>;
using weft_check_atomic_int_least8_t = weft_check_atomic<int_least8_t>;
using weft_check_atomic_uint_least8_t = weft_check_atomic<uint_least8_t>;
using weft_check_atomic_int_least16_t = weft_check_atomic<int_least16_t>;
using weft_check_atomic_uint_least16_t = weft_check_atomic<uint_least16_t>;
using weft_check_atomic_int_least32_t = weft_check_atomic<int_least32_t>;
using weft_check_atomic_uint_least32_t = weft_check_atomic<uint_least32_t>;
using weft_check_atomic_int_least64_t = weft_check_atomic<int_least64_t>;
using weft_check_atomic_uint_least64_t = weft_check_atomic<uint_least64_t>;
using weft_check_atomic_int_fast8_t = weft_check_atomic<int_fast8_t>;
using weft_check_atomic_uint_fast8_t = weft_check_atomic<uint_fast8_t>;
using weft_check_atomic_int_fast16_t = weft_check_atomic<int_fast16_t>;
using weft_check_atomic_uint_fast16_t = weft_check_atomic<uint_fast16_t>;
using weft_check_atomic_int_fast32_t = weft_check_atomic<int_fast32_t>;
using weft_check_atomic_uint_fast32_t = weft_check_atomic<uint_fast32_t>;
using weft_check_atomic_int_fast64_t = weft_check_atomic<int_fast64_t>;
using weft_check_atomic_uint_fast64_t = weft_check_atomic<uint_fast64_t>;
using weft_check_atomic_intptr_t = weft_check_atomic<intptr_t>;
using weft_check_atomic_uintptr_t = weft_check_atomic<uintptr_t>;
using weft_check_atomic_size_t = weft_check_atomic<size_t>;
using weft_check_atomic_ptrdiff_t = weft_check_atomic<ptrdiff_t>;
using weft_check_atomic_intmax_t = weft_check_atomic<intmax_t>;
using weft_check_atomic_uintmax_t = weft_check_atomic<uintmax_t>;
using weft_check_atomic_signed_lock_free = weft_check_atomic_int;
using weft_check_atomic_unsigned_lock_free = weft_check_atomic_uint;

inline void weft_check_atomic_thread_fence(
    memory_order o, source_location where = source_location::current()) noexcept {
  weft::check::detail::fence(o, where);
}
// Between a thread and a handler that runs in it the checker keeps the order of the program.
inline void weft_check_atomic_signal_fence(memory_order) noexcept {}

template <class T>
bool atomic_is_lock_free(weft::check::atomic<T> const*) noexcept {
  return true;
}
template <class T>
void atomic_init(weft::check::atomic<T>* a, type_identity_t<T> v,
                 source_location where = source_location::current()) noexcept {
  a->store(v, memory_order_relaxed, where);
}

template <class T>
T atomic_load(weft::check::atomic<T> const* a,
              source_location where = source_location::current()) noexcept {
  return a->load(memory_order_seq_cst, where);
}
template <class T>
T atomic_load_explicit(weft::check::atomic<T> const* a, memory_order o,
                       source_location where = source_location::current()) noexcept {
  return a->load(o, where);
}
template <class T>
void atomic_store(weft::check::atomic<T>* a, type_identity_t<T> v,
                  source_location where = source_location::current()) noexcept {
  a->store(v, memory_order_seq_cst, where);
}
template <class T>
void atomic_store_explicit(weft::check::atomic<T>* a, type_identity_t<T> v, memory_order o,
                           source_location where = source_location::current()) noexcept {
  a->store(v, o, where);
}
template <class T>
T atomic_exchange(weft::check::atomic<T>* a, type_identity_t<T> v,
                  source_location where = source_location::current()) noexcept {
  return a->exchange(v, memory_order_seq_cst, where);
}
template <class T>
T atomic_exchange_explicit(weft::check::atomic<T>* a, type_identity_t<T> v, memory_order o,
                           source_location where = source_location::current()) noexcept {
  return a->exchange(v, o, where);
}

template <class T>
bool atomic_compare_exchange_weak(weft::check::atomic<T>* a, type_identity_t<T>* expected,
                                  type_identity_t<T> desired,
                                  source_location where = source_location::current()) noexcept {
  return a->compare_exchange_weak(*expected, desired, memory_order_seq_cst, where);
}
template <class T>
bool atomic_compare_exchange_weak_explicit(
    weft::check::atomic<T>* a, type_identity_t<T>* expected, type_identity_t<T> desired,
    memory_order done, memory_order failed,
    source_location where = source_location::current()) noexcept {
  return a->compare_exchange_weak(*expected, desired, done, failed, where);
}
template <class T>
bool atomic_compare_exchange_strong(weft::check::atomic<T>* a, type_identity_t<T>* expected,
                                    type_identity_t<T> desired,
                                    source_location where = source_location::current()) noexcept {
  return a->compare_exchange_strong(*expected, desired, memory_order_seq_cst, where);
}
template <class T>
bool atomic_compare_exchange_strong_explicit(
    weft::check::atomic<T>* a, type_identity_t<T>* expected, type_identity_t<T> desired,
    memory_order done, memory_order failed,
    source_location where = source_location::current()) noexcept {
  return a->compare_exchange_strong(*expected, desired, done, failed, where);
}

template <class T, class D>
T atomic_fetch_add(weft::check::atomic<T>* a, D d,
                   source_location where = source_location::current()) noexcept {
  return a->fetch_add(d, memory_order_seq_cst, where);
}
template <class T, class D>
T atomic_fetch_add_explicit(weft::check::atomic<T>* a, D d, memory_order o,
                            source_location where = source_location::current()) noexcept {
  return a->fetch_add(d, o, where);
}
template <class T, class D>
T atomic_fetch_sub(weft::check::atomic<T>* a, D d,
                   source_location where = source_location::current()) noexcept {
  return a->fetch_sub(d, memory_order_seq_cst, where);
}
template <class T, class D>
T atomic_fetch_sub_explicit(weft::check::atomic<T>* a, D d, memory_order o,
                            source_location where = source_location::current()) noexcept {
  return a->fetch_sub(d, o, where);
}
template <class T>
T atomic_fetch_and(weft::check::atomic<T>* a, type_identity_t<T> d,
                   source_location where = source_location::current()) noexcept {
  return a->fetch_and(d, memory_order_seq_cst, where);
}
template <class T>
T atomic_fetch_and_explicit(weft::check::atomic<T>* a, type_identity_t<T> d, memory_order o,
                            source_location where = source_location::current()) noexcept {
  return a->fetch_and(d, o, where);
}
template <class T>
T atomic_fetch_or(weft::check::atomic<T>* a, type_identity_t<T> d,
                  source_location where = source_location::current()) noexcept {
  return a->fetch_or(d, memory_order_seq_cst, where);
}
template <class T>
T atomic_fetch_or_explicit(weft::check::atomic<T>* a, type_identity_t<T> d, memory_order o,
                           source_location where = source_location::current()) noexcept {
  return a->fetch_or(d, o, where);
}
template <class T>
T atomic_fetch_xor(weft::check::atomic<T>* a, type_identity_t<T> d,
                   source_location where = source_location::current()) noexcept {
  return a->fetch_xor(d, memory_order_seq_cst, where);
}
template <class T>
T atomic_fetch_xor_explicit(weft::check::atomic<T>* a, type_identity_t<T> d, memory_order o,
                            source_location where = source_location::current()) noexcept {
  return a->fetch_xor(d, o, where);
}

template <class T>
void atomic_wait(weft::check::atomic<T> const* a, type_identity_t<T> old,
                 source_location where = source_location::current()) noexcept {
  a->wait(old, memory_order_seq_cst, where);
}
template <class T>
void atomic_wait_explicit(weft::check::atomic<T> const* a, type_identity_t<T> old, memory_order o,
                          source_location where = source_location::current()) noexcept {
  a->wait(old, o, where);
}
template <class T>
void atomic_notify_one(weft::check::atomic<T>* a,
                       source_location where = source_location::current()) noexcept {
  a->notify_one(where);
}
template <class T>
void atomic_notify_all(weft::check::atomic<T>* a,
                       source_location where = source_location::current()) noexcept {
  a->notify_all(where);
}

inline bool atomic_flag_test(weft::check::atomic_flag const* a,
                             source_location where = source_location::current()) noexcept {
  return a->test(memory_order_seq_cst, where);
}
inline bool atomic_flag_test_explicit(weft::check::atomic_flag const* a, memory_order o,
                                      source_location where = source_location::current()) noexcept {
  return a->test(o, where);
}
inline bool atomic_flag_test_and_set(weft::check::atomic_flag* a,
                                     source_location where = source_location::current()) noexcept {
  return a->test_and_set(memory_order_seq_cst, where);
}
inline bool atomic_flag_test_and_set_explicit(
    weft::check::atomic_flag* a, memory_order o,
    source_location where = source_location::current()) noexcept {
  return a->test_and_set(o, where);
}
inline void atomic_flag_clear(weft::check::atomic_flag* a,
                              source_location where = source_location::current()) noexcept {
  a->clear(memory_order_seq_cst, where);
}
inline void atomic_flag_clear_explicit(
    weft::check::atomic_flag* a, memory_order o,
    source_location where = source_location::current()) noexcept {
  a->clear(o, where);
}

}  // namespace std
