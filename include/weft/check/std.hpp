// SPDX-License-Identifier: Apache-2.0
// tidy: allow-file shape: it gives names another meaning each time it is included
//
// Other people's code in a scenario: an unmodified header, with the model where it says std.
//
//   #include <weft/check/std.hpp>      // before everything else
//
//   #include <somebody/queue.h>        // only headers whose code the scenarios run
//
//   #include <weft/check/std_end.hpp>  // names mean again what they always did
//
//   #include <weft/check/explore.hpp>  // and the rest
//
// Modelled: std::atomic, its aliases and free functions, atomic_flag, both fences; thread,
// this_thread, mutex, condition_variable, unique_lock (the other locks are templates and need
// nothing), call_once, counting_semaphore, sem_t; _mm_pause and sched_yield, which are pause();
// malloc, calloc, aligned_alloc, posix_memalign and free, which are the checker's heap; assert(),
// which is an expectation. new and delete are always the checker's.
//
// The elements of a container have a check::var inside: then a race on them is found.
//
// What does not fit, and who says so:
//
//   the compiler, weft_check_has_no_model_of_X: the other mutexes and shared_lock, atomic_ref,
//     jthread and stop tokens, future, async, latch, barrier, condition_variable_any; thread_local
//     and __thread (the threads of a scenario are fibers of one thread); __atomic_ and __sync_
//     builtins; pthread_ calls; the futex and membarrier system calls; realloc. Where no scenario
//     comes there, an #undef of the name after this header lets it pass.
//   the compiler: std::atomic<std::shared_ptr<T>> and atomics of more than 16 bytes; volatile
//     atomics; atomics in a union, which are not trivial here; what counts on sizeof(std::atomic)
//     (32 here) or specialises std::atomic; thread::detach(); a header included too early.
//   the checker, when it runs: an atomic in memory where none was constructed; statics that keep
//     state from one execution to the next, and clocks, where the program depends on them (not
//     repeatable); a spin loop without one of the pauses above (too many steps).
//   nobody: inline assembler; volatile used as an atomic; races on the header's own plain members
//     (only its atomics and var are watched); std::free passed as a function; what a compiled
//     library does. is_lock_free() is true for all sizes.
//   reported though it is right: the last owner of a std::shared_ptr deletes what another thread
//     has read, for the counts are not modelled and order nothing.
//
// A pause lets others go first until something that was read has changed: a loop that gives up
// after n rounds gives up here only when nobody else can go on.
//
// A program has either the modelled or the real form of a header, not both: of the functions they
// have in common the linker keeps one. Names are added to namespace std, which the standard forbids
// and libstdc++ does not mind; with another library the order of the includes is not checked.
#if defined(WEFT_CHECK_STD)
#error weft/check/std.hpp twice: end the first with weft/check/std_end.hpp
#endif
#define WEFT_CHECK_STD 1

#if !defined(WEFT_CHECK_STD_ANYWAY) &&                                                  \
    (defined(_GLIBCXX_ATOMIC) || defined(_GLIBCXX_MUTEX) || defined(_GLIBCXX_THREAD) || \
     defined(_GLIBCXX_CONDITION_VARIABLE) || defined(_GLIBCXX_SEMAPHORE))
// clang-format off
#error weft/check/std.hpp comes too late: a header before it has included <atomic>, <mutex> or \
<thread>, and keeps the real ones. Make weft/check/std.hpp the first of the file, or define \
WEFT_CHECK_STD_ANYWAY if no scenario uses what was included before.
// clang-format on
#endif

// Every header that says one of the names below in its own text is included before they change.
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>
#include <weft/check/mutex.hpp>
#include <weft/check/std/atomics.hpp>
#include <weft/check/std/locks.hpp>
#include <weft/check/std/semaphores.hpp>
#include <weft/check/std/storage.hpp>
#include <weft/check/std/threads.hpp>
#include <weft/check/thread.hpp>
#include <weft/check/var.hpp>

#include <pthread.h>
#include <sched.h>

#include <barrier>
#include <future>
#include <latch>
#include <memory>
#include <memory_resource>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <syncstream>
#if __has_include(<sys/syscall.h>)
#include <sys/syscall.h>
#endif
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wkeyword-macro"
#endif

// What there is a model of.
#define atomic weft_check_atomic
#define atomic_flag weft_check_atomic_flag
#define atomic_bool weft_check_atomic_bool
#define atomic_char weft_check_atomic_char
#define atomic_schar weft_check_atomic_schar
#define atomic_uchar weft_check_atomic_uchar
#define atomic_short weft_check_atomic_short
#define atomic_ushort weft_check_atomic_ushort
#define atomic_int weft_check_atomic_int
#define atomic_uint weft_check_atomic_uint
#define atomic_long weft_check_atomic_long
#define atomic_ulong weft_check_atomic_ulong
#define atomic_llong weft_check_atomic_llong
#define atomic_ullong weft_check_atomic_ullong
#define atomic_char8_t weft_check_atomic_char8_t
#define atomic_char16_t weft_check_atomic_char16_t
#define atomic_char32_t weft_check_atomic_char32_t
#define atomic_wchar_t weft_check_atomic_wchar_t
#define atomic_int8_t weft_check_atomic_int8_t
#define atomic_uint8_t weft_check_atomic_uint8_t
#define atomic_int16_t weft_check_atomic_int16_t
#define atomic_uint16_t weft_check_atomic_uint16_t
#define atomic_int32_t weft_check_atomic_int32_t
#define atomic_uint32_t weft_check_atomic_uint32_t
#define atomic_int64_t weft_check_atomic_int64_t
#define atomic_uint64_t weft_check_atomic_uint64_t
#define atomic_int_least8_t weft_check_atomic_int_least8_t
#define atomic_uint_least8_t weft_check_atomic_uint_least8_t
#define atomic_int_least16_t weft_check_atomic_int_least16_t
#define atomic_uint_least16_t weft_check_atomic_uint_least16_t
#define atomic_int_least32_t weft_check_atomic_int_least32_t
#define atomic_uint_least32_t weft_check_atomic_uint_least32_t
#define atomic_int_least64_t weft_check_atomic_int_least64_t
#define atomic_uint_least64_t weft_check_atomic_uint_least64_t
#define atomic_int_fast8_t weft_check_atomic_int_fast8_t
#define atomic_uint_fast8_t weft_check_atomic_uint_fast8_t
#define atomic_int_fast16_t weft_check_atomic_int_fast16_t
#define atomic_uint_fast16_t weft_check_atomic_uint_fast16_t
#define atomic_int_fast32_t weft_check_atomic_int_fast32_t
#define atomic_uint_fast32_t weft_check_atomic_uint_fast32_t
#define atomic_int_fast64_t weft_check_atomic_int_fast64_t
#define atomic_uint_fast64_t weft_check_atomic_uint_fast64_t
#define atomic_intptr_t weft_check_atomic_intptr_t
#define atomic_uintptr_t weft_check_atomic_uintptr_t
#define atomic_size_t weft_check_atomic_size_t
#define atomic_ptrdiff_t weft_check_atomic_ptrdiff_t
#define atomic_intmax_t weft_check_atomic_intmax_t
#define atomic_uintmax_t weft_check_atomic_uintmax_t
#define atomic_signed_lock_free weft_check_atomic_signed_lock_free
#define atomic_unsigned_lock_free weft_check_atomic_unsigned_lock_free
#define atomic_thread_fence weft_check_atomic_thread_fence
#define atomic_signal_fence weft_check_atomic_signal_fence
#define thread weft_check_thread
#define this_thread weft_check_this_thread
#define mutex weft_check_mutex
#define condition_variable weft_check_condition_variable
#define unique_lock weft_check_unique_lock
#define once_flag weft_check_once_flag
#define call_once weft_check_call_once
#define counting_semaphore weft_check_counting_semaphore
#define binary_semaphore weft_check_binary_semaphore
#define sem_t weft_check_sem_t

// Only where they are called: a member or a variable may have such a name.
#define malloc(...) weft_check_malloc(__VA_ARGS__)
#define calloc(...) weft_check_calloc(__VA_ARGS__)
#define free(...) weft_check_free(__VA_ARGS__)
#define aligned_alloc(...) weft_check_aligned_alloc(__VA_ARGS__)
#define posix_memalign(...) weft_check_posix_memalign(__VA_ARGS__)
#define sem_init(...) weft_check_sem_init(__VA_ARGS__)
#define sem_destroy(...) weft_check_sem_destroy(__VA_ARGS__)
#define sem_wait(...) weft_check_sem_wait(__VA_ARGS__)
#define sem_trywait(...) weft_check_sem_trywait(__VA_ARGS__)
#define sem_timedwait(...) weft_check_sem_timedwait(__VA_ARGS__)
#define sem_post(...) weft_check_sem_post(__VA_ARGS__)
#define sem_getvalue(...) weft_check_sem_getvalue(__VA_ARGS__)
#define sched_yield() weft_check_sched_yield()
#define _mm_pause() ::weft_check_pause()
#define __builtin_ia32_pause() ::weft_check_pause()
#define __assert_fail weft_check_assert_fail
#pragma push_macro("ATOMIC_FLAG_INIT")
#undef ATOMIC_FLAG_INIT
#define ATOMIC_FLAG_INIT \
  {                      \
  }

// What there is no model of.
#define atomic_ref weft_check_has_no_model_of_atomic_ref
#define recursive_mutex weft_check_has_no_model_of_recursive_mutex
#define timed_mutex weft_check_has_no_model_of_timed_mutex
#define recursive_timed_mutex weft_check_has_no_model_of_recursive_timed_mutex
#define shared_mutex weft_check_has_no_model_of_shared_mutex
#define shared_timed_mutex weft_check_has_no_model_of_shared_timed_mutex
#define shared_lock weft_check_has_no_model_of_shared_lock
#define condition_variable_any weft_check_has_no_model_of_condition_variable_any
#define jthread weft_check_has_no_model_of_jthread
#define stop_token weft_check_has_no_model_of_stop_token
#define stop_source weft_check_has_no_model_of_stop_source
#define stop_callback weft_check_has_no_model_of_stop_callback
#define future weft_check_has_no_model_of_future
#define shared_future weft_check_has_no_model_of_shared_future
#define packaged_task weft_check_has_no_model_of_packaged_task
#define async weft_check_has_no_model_of_async
#define latch weft_check_has_no_model_of_latch
#define barrier weft_check_has_no_model_of_barrier
#define thread_local weft_check_has_no_model_of_thread_local
#define __thread weft_check_has_no_model_of___thread
#define pthread_mutex_lock weft_check_has_no_model_of_pthread_mutex_lock
#define pthread_mutex_trylock weft_check_has_no_model_of_pthread_mutex_trylock
#define pthread_mutex_timedlock weft_check_has_no_model_of_pthread_mutex_timedlock
#define pthread_rwlock_rdlock weft_check_has_no_model_of_pthread_rwlock_rdlock
#define pthread_rwlock_wrlock weft_check_has_no_model_of_pthread_rwlock_wrlock
#define pthread_spin_lock weft_check_has_no_model_of_pthread_spin_lock
#define pthread_cond_wait weft_check_has_no_model_of_pthread_cond_wait
#define pthread_cond_timedwait weft_check_has_no_model_of_pthread_cond_timedwait
#define pthread_create weft_check_has_no_model_of_pthread_create
#define pthread_join weft_check_has_no_model_of_pthread_join
#define pthread_self weft_check_has_no_model_of_pthread_self
#define pthread_once weft_check_has_no_model_of_pthread_once
#define pthread_getspecific weft_check_has_no_model_of_pthread_getspecific
#define sem_open weft_check_has_no_model_of_sem_open
#define sem_clockwait weft_check_has_no_model_of_sem_clockwait
#define __atomic_load weft_check_has_no_model_of___atomic_load
#define __atomic_load_n weft_check_has_no_model_of___atomic_load_n
#define __atomic_store weft_check_has_no_model_of___atomic_store
#define __atomic_store_n weft_check_has_no_model_of___atomic_store_n
#define __atomic_exchange weft_check_has_no_model_of___atomic_exchange
#define __atomic_exchange_n weft_check_has_no_model_of___atomic_exchange_n
#define __atomic_compare_exchange weft_check_has_no_model_of___atomic_compare_exchange
#define __atomic_compare_exchange_n weft_check_has_no_model_of___atomic_compare_exchange_n
#define __atomic_test_and_set weft_check_has_no_model_of___atomic_test_and_set
#define __atomic_clear weft_check_has_no_model_of___atomic_clear
#define __atomic_thread_fence weft_check_has_no_model_of___atomic_thread_fence
#define __atomic_signal_fence weft_check_has_no_model_of___atomic_signal_fence
#define __atomic_add_fetch weft_check_has_no_model_of___atomic_add_fetch
#define __atomic_fetch_add weft_check_has_no_model_of___atomic_fetch_add
#define __atomic_sub_fetch weft_check_has_no_model_of___atomic_sub_fetch
#define __atomic_fetch_sub weft_check_has_no_model_of___atomic_fetch_sub
#define __atomic_and_fetch weft_check_has_no_model_of___atomic_and_fetch
#define __atomic_fetch_and weft_check_has_no_model_of___atomic_fetch_and
#define __atomic_or_fetch weft_check_has_no_model_of___atomic_or_fetch
#define __atomic_fetch_or weft_check_has_no_model_of___atomic_fetch_or
#define __atomic_xor_fetch weft_check_has_no_model_of___atomic_xor_fetch
#define __atomic_fetch_xor weft_check_has_no_model_of___atomic_fetch_xor
#define __atomic_nand_fetch weft_check_has_no_model_of___atomic_nand_fetch
#define __atomic_fetch_nand weft_check_has_no_model_of___atomic_fetch_nand
#define __sync_add_and_fetch weft_check_has_no_model_of___sync_add_and_fetch
#define __sync_fetch_and_add weft_check_has_no_model_of___sync_fetch_and_add
#define __sync_sub_and_fetch weft_check_has_no_model_of___sync_sub_and_fetch
#define __sync_fetch_and_sub weft_check_has_no_model_of___sync_fetch_and_sub
#define __sync_and_and_fetch weft_check_has_no_model_of___sync_and_and_fetch
#define __sync_fetch_and_and weft_check_has_no_model_of___sync_fetch_and_and
#define __sync_or_and_fetch weft_check_has_no_model_of___sync_or_and_fetch
#define __sync_fetch_and_or weft_check_has_no_model_of___sync_fetch_and_or
#define __sync_xor_and_fetch weft_check_has_no_model_of___sync_xor_and_fetch
#define __sync_fetch_and_xor weft_check_has_no_model_of___sync_fetch_and_xor
#define __sync_nand_and_fetch weft_check_has_no_model_of___sync_nand_and_fetch
#define __sync_fetch_and_nand weft_check_has_no_model_of___sync_fetch_and_nand
#define __sync_synchronize weft_check_has_no_model_of___sync_synchronize
#define __sync_bool_compare_and_swap weft_check_has_no_model_of___sync_bool_compare_and_swap
#define __sync_val_compare_and_swap weft_check_has_no_model_of___sync_val_compare_and_swap
#define __sync_lock_test_and_set weft_check_has_no_model_of___sync_lock_test_and_set
#define __sync_lock_release weft_check_has_no_model_of___sync_lock_release
#define realloc(...) weft_check_has_no_model_of_realloc(__VA_ARGS__)
#pragma push_macro("SYS_futex")
#pragma push_macro("SYS_membarrier")
#undef SYS_futex
#undef SYS_membarrier
#define SYS_futex weft_check_has_no_model_of_SYS_futex
#define SYS_membarrier weft_check_has_no_model_of_SYS_membarrier

#if defined(__clang__)
#pragma clang diagnostic pop
#endif
