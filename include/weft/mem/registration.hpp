// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/mem/domain.hpp>
#include <weft/mem/reclaim.hpp>

#include <optional>

namespace weft {

/// A thread's place in a domain: what pins without looking for the thread's slot first.
///
/// The thread stays registered when this ends, until it leaves or ends itself; every registration
/// of a thread in a domain is the same slot. Using one in another thread, or one whose slot was
/// given back, is an error in every build.
///
/// threads   its own only
/// lifetime  the domain's
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::registration {
 public:
  registration(registration&& other) noexcept
      : domain_(other.domain_),
        slot_(std::exchange(other.slot_, nullptr)),
        generation_(other.generation_),
        to_advance_(other.to_advance_),
        to_reclaim_(other.to_reclaim_) {}
  registration& operator=(registration&&) = delete;
  ~registration() = default;

  /// As the domain's pin().
  [[nodiscard]] pinned pin(site where = site::current()) {
    slot& s = mine(where);
    domain_->pin(s, where);
    return pinned{s};
  }

  /// As the domain's reclaim().
  std::size_t reclaim(site where = site::current()) noexcept {
    mine(where);
    return domain_->reclaim();
  }

  /// Moves the epoch on, if no thread in a section holds it back: from `old` to `now`.
  std::optional<advanced> try_advance(site where = site::current()) noexcept {
    slot& s = mine(where);
    auto const old = domain_->epoch();
    if (!domain_->advance(false, s)) return std::nullopt;
    return advanced{old, domain_->epoch()};
  }

  /// Reclaims in steps, to see what holds it back: then check(), then ready::reclaim().
  [[nodiscard]] epochs start_reclaim(site where = site::current()) noexcept {
    return epochs{mine(where)};
  }

  /// Every N-th call moves the epoch on. True if this one has.
  template <unsigned N>
  bool advance_every(site where = site::current()) noexcept {
    slot& s = mine(where);
    return turn<N>(to_advance_) && domain_->advance(false, s);
  }

  /// Every N-th call reclaims. Returns how many objects were freed.
  template <unsigned N>
  std::size_t reclaim_every(site where = site::current()) noexcept {
    mine(where);
    return turn<N>(to_reclaim_) ? domain_->reclaim() : 0;
  }

  /// Gives the slot back. Other registrations of this thread are stale then.
  void leave(site where = site::current()) && noexcept {
    mine(where);
    slot_ = nullptr;
    domain_->leave(where);
  }

 private:
  friend basic_domain;
  registration(basic_domain& d, slot& s) noexcept
      : domain_(&d), slot_(&s), generation_(s.generation.load(relaxed)) {}  // rlx owner

  slot& mine(site where) const noexcept {
    if (!slot_) {
      Atoms::die(
          "a registration with a reclamation domain is used after it was moved from or given back",
          "attach again, or use the one it was moved to", where);
    }
    if (slot_->generation.load(relaxed) != generation_) {  // rlx hint: by the owner it is exact
      Atoms::die("a registration with a reclamation domain is used after its slot was given back",
                 "attach again after leave(): the slot may be another thread's now", where);
    }
    if (links::first() != slot_ && links::find(domain_) != slot_) {
      Atoms::die("a registration with a reclamation domain is used in a thread whose it is not",
                 "attach in each thread: a registration belongs to the one that made it", where);
    }
    return *slot_;
  }
  template <unsigned N>
  static bool turn(unsigned& count) noexcept {
    static_assert(N >= 1, "every N-th call: N is at least 1");
    if (++count < N) return false;
    count = 0;
    return true;
  }

  basic_domain* domain_;
  slot* slot_;
  std::uint32_t generation_;
  unsigned to_advance_ = 0;
  unsigned to_reclaim_ = 0;
};

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::attach(site where) -> registration {
  return registration{*this, slot_here(where)};
}

}  // namespace weft
