// SPDX-License-Identifier: Apache-2.0
#pragma once

// A header such as other people write them: it knows nothing of any checker. It says a bit of
// everything that <weft/check/std.hpp> has a model of.
#include <assert.h>
#include <semaphore.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <new>
#include <semaphore>
#include <thread>
#include <vector>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace somebody {

#if defined(__SSE2__)
inline void relax() { _mm_pause(); }
#else
inline void relax() { std::this_thread::yield(); }
#endif

/// A lock of an atomic flag, with the free functions of C.
class spin_lock {
 public:
  void lock() {
    while (std::atomic_flag_test_and_set_explicit(&held_, std::memory_order_acquire)) relax();
  }
  void unlock() { std::atomic_flag_clear_explicit(&held_, std::memory_order_release); }

 private:
  std::atomic_flag held_ = ATOMIC_FLAG_INIT;
};

/// One value from one thread to another.
template <class T, std::memory_order Publish>
class mailbox {
 public:
  void put(T v) {
    value_ = v;
    std::atomic_store_explicit(&full_, true, Publish);
  }
  bool get(T& v) {
    if (!std::atomic_load_explicit(&full_, std::memory_order_acquire)) return false;
    v = value_;
    return true;
  }

 private:
  std::atomic_bool full_ = ATOMIC_VAR_INIT(false);
  T value_{};
};

/// Store buffering, with fences: at least one of two threads sees the other.
class dekker {
 public:
  bool enter(unsigned me) {
    wants_[me].store(true, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return !wants_[1 - me].load(std::memory_order_relaxed);
  }

 private:
  std::atomic<bool> wants_[2] = {{false}, {false}};
};

/// A box for one item, with a mutex and a condition.
template <class T>
class box {
 public:
  void put(T v) {
    std::lock_guard<std::mutex> hold(mutex_);
    value_ = v;
    full_ = true;
    changed_.notify_one();
  }
  T take() {
    std::unique_lock hold(mutex_);
    assert(hold.mutex() == &mutex_);
    changed_.wait(hold, [this] { return full_; });
    full_ = false;
    return value_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool full_ = false;
  T value_{};
};

/// Runs all and waits for them; counts how many ids they had.
template <class F>
unsigned on_two_threads(F f) {
  std::thread::id ids[2];
  std::vector<std::thread> all;
  for (unsigned i = 0; i < 2; ++i) {
    all.emplace_back([&, i] {
      ids[i] = std::this_thread::get_id();
      f(i);
    });
  }
  for (auto& t : all) t.join();
  assert(std::thread::hardware_concurrency() > 1);
  bool const none = ids[0] == std::thread::id{} || all[0].joinable();
  return none ? 0 : ids[0] == ids[1] ? 1 : 2;
}

inline std::atomic<unsigned> made{0};

/// Made once, by whoever comes first.
class lazy {
 public:
  void touch() {
    std::call_once(once_, [this](int by) { made_ += by; }, 1);
  }
  [[nodiscard]] int made() const { return made_; }

 private:
  std::once_flag once_;
  int made_ = 0;
};

/// Two kinds of semaphore.
template <class T>
class posted {
 public:
  posted() { sem_init(&full_, 0, 0); }
  ~posted() { sem_destroy(&full_); }
  void put(T v) {
    value_ = v;
    sem_post(&full_);
  }
  T take() {
    while (sem_wait(&full_) == -1 && errno == EINTR) {
    }
    assert(sem_trywait(&full_) == -1 && errno == EAGAIN);
    return value_;
  }

 private:
  sem_t full_;
  T value_{};
};
template <class T>
class released {
 public:
  void put(T v) {
    value_ = v;
    full_.release();
  }
  T take() {
    full_.acquire();
    return value_;
  }

 private:
  std::binary_semaphore full_{0};
  T value_{};
};

/// Memory of the C heap.
template <class T>
T* make() {
  auto* const at = std::malloc(sizeof(T));
  return at == nullptr ? nullptr : new (at) T();
}
template <class T>
void destroy(T* p) {
  p->~T();
  std::free(p);
}

inline void expect_even(int n) { assert(n % 2 == 0); }

}  // namespace somebody
