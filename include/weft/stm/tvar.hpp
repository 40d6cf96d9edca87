// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/domain.hpp>
#include <weft/mem/frame.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

namespace weft::inline WEFT_ON {

class transaction;

namespace detail {

/// What a variable held from one commit to a later one. Never changes once it is published.
struct tvar_value {
  using drop_function = void (*)(void*);
  explicit tvar_value(drop_function d) noexcept : drop(d) {}
  drop_function drop;
  atoms::var<std::uint64_t> since = 0;  // the time of the commit that published it
};

template <class T>
struct tvar_box final : tvar_value {
  template <class... Args>
  explicit tvar_box(Args&&... args)
      : tvar_value([](void* p) { delete static_cast<tvar_box*>(static_cast<tvar_value*>(p)); }),
        value(std::forward<Args>(args)...) {}
  static void* operator new(std::size_t n) { return frame_allocate(n); }
  static void operator delete(void* p, std::size_t n) noexcept { frame_free(p, n); }
  static void* operator new(std::size_t n, std::align_val_t a) { return ::operator new(n, a); }
  static void operator delete(void* p, std::align_val_t a) noexcept { ::operator delete(p, a); }
  T value;
};

/// A variable, whatever its type.
class tvar_base {
 public:
  tvar_base(tvar_base const&) = delete;
  tvar_base& operator=(tvar_base const&) = delete;

 protected:
  explicit tvar_base(tvar_value* first) noexcept : now_(first) {}
  ~tvar_base() {
    auto* const last = now_.load(relaxed);  // rlx owner: no transaction is left
    last->drop(last);
  }
  /// What it holds now; stays valid while the calling thread holds a pin on the default domain.
  [[nodiscard]] tvar_value const& held() const noexcept {
    return *now_.load(acquire);  // sub tvar.value
  }

 private:
  friend class transaction_log;
  atoms::atomic<tvar_value*> now_;
};

}  // namespace detail

/// A variable that transactions read and write.
///
/// Values are copied out and replaced as wholes, so T is best small, or a pointer to something that
/// does not change.
///
/// threads   read and written by transactions in any thread; load() from any thread
/// cost      24 bytes and the value, from per-thread lists, for each write that is committed
/// lifetime  every transaction that uses it has returned before it is destroyed; a replaced value
///           is destroyed later, in whatever thread reclaims memory then
template <class T>
  requires std::copy_constructible<T> && std::same_as<T, std::remove_cvref_t<T>>
class tvar : detail::tvar_base {
 public:
  using value_type = T;

  tvar()
    requires std::default_initializable<T>
      : tvar(T()) {}
  explicit tvar(T initial) : tvar_base(new detail::tvar_box<T>(std::move(initial))) {}

  /// The value that it has now, outside of any transaction.
  ///
  /// cost      a pin and a copy
  [[nodiscard]] T load() const {
    auto const pin = default_domain().pin();
    return static_cast<detail::tvar_box<T> const&>(held()).value;
  }

 private:
  friend transaction;
};

}  // namespace weft::inline WEFT_ON
