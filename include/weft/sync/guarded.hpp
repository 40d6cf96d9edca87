// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/sync/mutex.hpp>
#include <weft/wait/compose.hpp>

namespace weft::inline WEFT_ON {

/// A value that can only be reached through its lock.
///
/// threads   acquire and try_acquire, from any thread
template <class T>
class guarded {
 public:
  /// The key: the value, for as long as the lock is held.
  class [[nodiscard]] key {
   public:
    key() noexcept = default;
    key(T& value, mutex_guard held) noexcept : value_(&value), held_(std::move(held)) {}
    [[nodiscard]] T& operator*() const noexcept { return *value_; }
    [[nodiscard]] T* operator->() const noexcept { return value_; }
    explicit operator bool() const noexcept { return bool(held_); }

   private:
    T* value_ = nullptr;
    mutex_guard held_;
  };

  template <class... Args>
    requires std::constructible_from<T, Args&&...>
  explicit guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  /// An operation that gives the key.
  ///
  /// throws    deadlock_error
  [[nodiscard]] auto acquire(std::source_location at = std::source_location::current()) {
    return mutex_.acquire(at) |
           then([this](mutex_guard held) noexcept { return key(value_, std::move(held)); });
  }
  /// The key if the lock is free, else an empty one.
  [[nodiscard]] key try_acquire(std::source_location at = std::source_location::current()) {
    auto held = mutex_.try_acquire(at);
    return held ? key(value_, std::move(held)) : key();
  }

 private:
  mutex mutex_;
  T value_;
};

}  // namespace weft::inline WEFT_ON
