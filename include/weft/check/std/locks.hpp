// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/atomic.hpp>
#include <weft/check/mutex.hpp>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

namespace weft::check::detail {

/// std::once_flag: who finds it set knows what the one did, and nothing of the others.
class foreign_once_flag {
 public:
  constexpr foreign_once_flag() noexcept = default;

  template <class F>
  void run(F&& f) {
    if (done_.load(std::memory_order_acquire)) return;
    std::lock_guard const hold{turn_};
    if (done_.load(std::memory_order_relaxed)) return;
    std::forward<F>(f)();
    done_.store(true, std::memory_order_release);
  }

 private:
  atomic<bool> done_{false};
  mutex turn_;
};

}  // namespace weft::check::detail

namespace std {

using weft_check_mutex = weft::check::mutex;
using weft_check_condition_variable = weft::check::condition_variable;
using weft_check_once_flag = weft::check::detail::foreign_once_flag;

template <class F, class... Args>
void weft_check_call_once(weft_check_once_flag& flag, F&& f, Args&&... args) {
  flag.run([&] { std::invoke(std::forward<F>(f), std::forward<Args>(args)...); });
}

// std::unique_lock, whose member mutex() has another name while `mutex` has another meaning.
template <class Mutex>
class weft_check_unique_lock : public unique_lock<Mutex> {
 public:
  using unique_lock<Mutex>::unique_lock;
  weft_check_unique_lock() noexcept = default;
  [[nodiscard]] Mutex* weft_check_mutex() const noexcept { return this->mutex(); }
};
template <class Mutex, class... Rest>
weft_check_unique_lock(Mutex&, Rest&&...) -> weft_check_unique_lock<Mutex>;

}  // namespace std
