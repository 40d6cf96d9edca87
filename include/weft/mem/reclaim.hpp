// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/domain.hpp>

#include <variant>

namespace weft {

/// Reclaiming in steps: registration::start_reclaim(), then check(), then ready::reclaim().
///
/// threads   the registration's
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::epochs {
 public:
  epochs(epochs&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  epochs& operator=(epochs&&) = delete;
  ~epochs() = default;

  /// Moves the epoch on as far as nobody holds it back; ready if something has become free or there
  /// is nothing to free, blocked with who holds it back otherwise.
  [[nodiscard]] std::variant<ready, blocked> check() && noexcept {
    slot& s = *std::exchange(slot_, nullptr);
    basic_domain& d = *s.home;
    d.age(s);
    if (s.ripe.front() || !s.sealed.front()) return ready{s};
    auto const by = d.oldest_pin();
    return by ? blocked{*by} : blocked{};
  }

 private:
  friend basic_domain;
  explicit epochs(slot& s) noexcept : slot_(&s) {}
  slot* slot_;
};

/// What start_reclaim() has found free.
///
/// threads   the registration's
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::ready {
 public:
  ready(ready&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  ready& operator=(ready&&) = delete;
  ~ready() = default;

  /// Frees it. Returns how many objects those were.
  std::size_t reclaim() && noexcept {
    slot& s = *std::exchange(slot_, nullptr);
    return s.home->free_some(s, ~std::size_t{0});
  }

 private:
  friend basic_domain;
  friend class epochs;
  explicit ready(slot& s) noexcept : slot_(&s) {}
  slot* slot_;
};

/// A look for threads that are stuck in a read phase: neutralize() in two steps.
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::scan_of_readers {
 public:
  scan_of_readers(scan_of_readers&& other) noexcept
      : domain_(std::exchange(other.domain_, nullptr)), epochs_(other.epochs_) {}
  scan_of_readers& operator=(scan_of_readers&&) = delete;
  ~scan_of_readers() = default;

  /// Signals them.
  [[nodiscard]] scanned signal() && noexcept {
    return {std::exchange(domain_, nullptr)->neutralize(epochs_)};
  }

 private:
  friend basic_domain;
  scan_of_readers(basic_domain& d, std::uint64_t n) noexcept : domain_(&d), epochs_(n) {}
  basic_domain* domain_;
  std::uint64_t epochs_;
};

/// Keeps a domain from being destroyed: what a structure that uses it holds.
///
/// lifetime  ends before the domain
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::binding {
 public:
  binding(binding&& other) noexcept : domain_(std::exchange(other.domain_, nullptr)) {}
  binding& operator=(binding&&) = delete;
  ~binding() {
    if (domain_) domain_->bound_.fetch_sub(1, relaxed);  // rlx count
  }

 private:
  friend basic_domain;
  explicit binding(basic_domain& d) noexcept : domain_(&d) {
    d.bound_.fetch_add(1, relaxed);  // rlx count
  }
  basic_domain* domain_;
};

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::bind() noexcept -> binding {
  return binding{*this};
}

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::start_scan(std::uint64_t epochs) noexcept -> scan_of_readers {
  return {*this, epochs};
}

}  // namespace weft
