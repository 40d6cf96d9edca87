// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/domain.hpp>
#include <weft/mem/unlinked.hpp>

#include <span>

namespace weft {

/// Holds a pin on a domain. Ends on the thread that made it.
///
/// threads   its own only
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::pinned {
 public:
  pinned(pinned&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  pinned& operator=(pinned&&) = delete;
  ~pinned() {
    if (slot_) basic_domain::unpin(*slot_);
  }

  /// Ends the pin before the guard's scope does.
  void unpin() && noexcept { basic_domain::unpin(*std::exchange(slot_, nullptr)); }

  /// Reads a pointer; what it points to stays valid until the guard ends.
  template <class T>
    requires std::is_pointer_v<typename T::value_type>
  // tidy: allow direct: the caller's own order, by the standard's type
  [[nodiscard]] auto load(T const& from, std::memory_order order = acquire) const noexcept ->
      typename T::value_type {
    return from.load(order);
  }

  /// Hands over an object that no new reader can find: it is freed, by delete or by D{}(object),
  /// when no section is left from before. A null pointer is ignored.
  ///
  /// `D` is a type without state, such as a lambda's without captures; it must not throw. It may
  /// run in any thread that uses the domain, and may pin and retire itself.
  template <class T, class D = std::default_delete<T>>
    requires(std::is_empty_v<D> && std::is_default_constructible_v<D> && std::is_object_v<T> &&
             !std::is_const_v<T>)
  void retire(T* object, D = {}) noexcept {
    if (!object) return;
    slot_->home->retire(*slot_, {object, [](void* p) { D{}(static_cast<T*>(p)); }, sizeof(T)});
  }
  /// The same with a function that takes the pointer as void*.
  void retire(void* object, void (*free)(void*), std::size_t bytes = 0) noexcept {
    if (object) slot_->home->retire(*slot_, {object, free, bytes});
  }

  /// The same for what a type says to be unlinked, one or many. Returns how many were not null.
  template <class T, class D = std::default_delete<T>>
  void retire(unlinked<T>&& object, D d = {}) noexcept {
    retire(std::move(object).release(), d);
  }
  template <class T, class D = std::default_delete<T>>
  std::size_t retire(std::span<unlinked<T>> objects, D d = {}) noexcept {
    std::size_t n = 0;
    for (auto& o : objects) {
      n += o ? 1 : 0;
      retire(std::move(o), d);
    }
    return n;
  }

  /// Puts `desired` in the place of the pointer in `at`, and retires what was there.
  template <class A, class T = std::remove_pointer_t<typename A::value_type>>
  void retire_on_publish(A& at, std::type_identity_t<T>* desired,
                         // tidy: allow direct: the caller's own order, by the standard's type
                         std::memory_order order = acq_rel) noexcept {
    retire(at.exchange(desired, order));
  }

  /// Replaces `expected` by `desired` in `at`, and on success retires the object that was there.
  /// On failure `expected` is what was found, protected by this guard if `order` acquires.
  template <class A, class T>
  bool retire_on_cas(A& at, T*& expected, std::type_identity_t<T>* desired,
                     // tidy: allow direct: the caller's own order, by the standard's type
                     std::memory_order order = acq_rel) noexcept {
    T* const old = expected;
    if (!at.compare_exchange_strong(expected, desired, order)) return false;
    retire(old);
    return true;
  }

 private:
  friend basic_domain;
  explicit pinned(slot& s) noexcept : slot_(&s) {}

  slot* slot_;
};

}  // namespace weft
