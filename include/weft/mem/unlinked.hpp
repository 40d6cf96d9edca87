// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/error.hpp>

#include <type_traits>
#include <utility>

namespace weft {

/// An object that no new reader can find, and that nobody has retired yet: it is retired once, by a
/// guard or a write phase, or released by who knows that nobody reads it.
///
/// threads   as a pointer
template <class T>
class [[nodiscard]] unlinked {
 public:
  unlinked(unlinked&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  unlinked& operator=(unlinked&&) = delete;
  ~unlinked() {
    if (object_) {
      detail::die("an object that was unlinked is neither retired nor released",
                  "give it to a guard's retire(), or take it out by release()");
    }
  }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  T* operator->() const noexcept { return object_; }
  /// The object, which is the caller's again.
  [[nodiscard]] T* release() && noexcept { return std::exchange(object_, nullptr); }

 private:
  template <class U>
  friend unlinked<U> assume_unlinked(U* object) noexcept;
  explicit unlinked(T* object) noexcept : object_(object) {}
  T* object_;
};

/// Says of an object that no new reader can find it: what the caller has seen to in a way that no
/// type can show.
template <class T>
unlinked<T> assume_unlinked(T* object) noexcept {
  return unlinked<T>{object};
}

/// Replaces the pointer in `at` by `desired`: what was there cannot be found there any more.
template <class A, class T = std::remove_pointer_t<typename A::value_type>>
unlinked<T> unlink(A& at, std::type_identity_t<T>* desired,
                   // tidy: allow direct: the caller's own order, by the standard's type
                   std::memory_order order = std::memory_order_acq_rel) noexcept {
  return assume_unlinked(at.exchange(desired, order));
}

}  // namespace weft
