// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/cache_line.hpp>

#include <array>
#include <cstdint>

// Why nobody reads what was given back
//
//   P1  A reader announces the epoch, then reads the pointer; the writer changes the pointer, then
//       reads the announcements. Between the two each has a fence: so the writer sees the
//       announcement, or the reader sees the new pointer.
//   P2  The writer waits for each reader it sees in an epoch before its own. A reader that
//       announced the writer's epoch, or a later one, has acquired it, and the pointer was changed
//       before it was released: that reader has the new pointer, whatever the fences say.
//   P3  Whatever a reader did with the old object happens before the writer gets it: the reader
//       releases when it leaves, and the writer acquires that. What the writer reads may also be
//       the announcement of the reader's next stay: that is another store, which does not carry on
//       the release of the one before it, so it releases, too.
//   P4  light() and heavy() stand for the two fences where the kernel can make every running thread
//       pass one: then only the writer pays.
namespace sample {

using weft::acq_rel, weft::acquire, weft::release;

/// Who pays for the fences between announcements and scans.
enum class barrier { fences, asymmetric };

/// A pointer that readers follow while writers replace it.
///
/// threads   replace from any thread; a reader's number by one thread at a time
/// blocks    replace() until every reader has left that may use the old object; readers never
/// lifetime  the objects are the caller's: it has made them, and frees what replace() returns
/// source    Fraser, Practical lock-freedom, 2004 (epochs); Dice, Herlihy, Kogan, Fast
///           non-intrusive memory reclamation for highly-concurrent data structures, ISMM 2016 (the
///           asymmetric fences)
template <class T, unsigned Readers, barrier Barrier = barrier::fences, class Atoms = weft::native>
class pinned {
 public:
  explicit pinned(T* first) noexcept : current_(first) {}

  /// A reader's stay: what it got is there until it leaves.
  class pin {
   public:
    pin(pinned& p, unsigned reader) noexcept : pinned_(p), mine_(p.announced_[reader].epoch) {
      auto const now = p.epoch_.load(acquire);  // sub pin.epoch
      mine_.store(now, release);                // dek pin.announce light, pub pin.left -> replace
      fence_of_reader();
    }
    pin(pin const&) = delete;
    pin& operator=(pin const&) = delete;
    ~pin() {
      mine_.store(outside, release);  // pub pin.left -> replace
    }
    [[nodiscard]] T* get() const noexcept {
      return pinned_.current_.load(acquire);  // sub pin.object
    }

   private:
    pinned& pinned_;
    typename Atoms::template atomic<std::uint64_t>& mine_;
  };

  /// Puts `fresh` in, and returns what was there once nobody uses it any more.
  [[nodiscard]] T* replace(T* fresh) noexcept {
    T* const old = current_.exchange(fresh, acq_rel);   // pub pin.object -> get, sub pin.object
    auto const now = epoch_.fetch_add(1, release) + 1;  // pub pin.epoch -> pin
    fence_of_writer();
    for (auto const& reader : announced_) {
      while (reader.epoch.load(acquire) < now) {  // sub pin.left
        Atoms::pause();
      }
    }
    return old;
  }

 private:
  template <class U>
  using atomic = typename Atoms::template atomic<U>;
  static constexpr std::uint64_t outside = ~std::uint64_t{0};

  static void fence_of_reader() noexcept {
    if constexpr (Barrier == barrier::fences) {
      Atoms::fence();  // dek pin.announce
    } else {
      Atoms::light();  // dek pin.announce light
    }
  }
  static void fence_of_writer() noexcept {
    if constexpr (Barrier == barrier::fences) {
      Atoms::fence();  // dek pin.announce
    } else {
      Atoms::heavy();  // dek pin.announce heavy
    }
  }

  struct announcement {
    alignas(weft::cache_line) atomic<std::uint64_t> epoch{outside};
  };

  alignas(weft::cache_line) atomic<T*> current_;
  alignas(weft::cache_line) atomic<std::uint64_t> epoch_{0};
  std::array<announcement, Readers> announced_{};
};

}  // namespace sample
