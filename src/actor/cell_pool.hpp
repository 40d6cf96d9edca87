// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/cell.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>

#include <mutex>

namespace weft::inline WEFT_ON::detail {

/// Free cells: a list in each thread, and a depot through which they travel in batches.
///
/// A cell is in one place: in use, in the list of one thread, or in the depot; lists change in
/// their thread, the depot under its lock. The memory of cells stays with the process.
///
/// threads   any
/// source    Bonwick & Adams, "Magazines and Vmem", USENIX 2001
class cell_pool {
 public:
  /// throws    std::bad_alloc
  [[nodiscard]] static cell& take() {
    if constexpr (atoms::tiny) return common().take_one();
    auto& mine = of_thread();
    if (mine.first == nullptr) mine = common().take_batch();
    return mine.pop();
  }
  static void put(cell& c) noexcept {
    if constexpr (atoms::tiny) return common().put_one(c);
    thread_record& t = *this_thread();
    auto* mine = static_cast<batch*>(t.get(room::actor));
    if (mine == nullptr) return common().put_one(c);
    if (mine->count == 2 * batch_size) {
      batch half;
      for (unsigned i = 0; i < batch_size; ++i) half.push(mine->pop());
      common().put_batch(half);
    }
    mine->push(c);
  }

 private:
  static constexpr unsigned batch_size = atoms::tiny ? 1 : 32;

  // What a free cell keeps in its room.
  struct place {
    cell* next;
    cell* next_batch;
    unsigned count;
  };
  static_assert(sizeof(place) <= cell::room_bytes);
  static place& place_of(cell& c) noexcept { return *std::launder(static_cast<place*>(c.room())); }

  struct batch {
    cell* first = nullptr;
    unsigned count = 0;
    void push(cell& c) noexcept {
      std::construct_at(static_cast<place*>(c.room()), first, nullptr, 0u);
      first = &c;
      ++count;
    }
    cell& pop() noexcept {
      cell& c = *first;
      first = place_of(c).next;
      --count;
      return c;
    }
  };

  struct shared {
    batch take_batch() {
      {
        std::scoped_lock hold{lock};
        cell* const b = batches;
        if (b) {
          batches = place_of(*b).next_batch;
          return {b, place_of(*b).count};
        }
      }
      auto* const fresh =
          static_cast<cell*>(atoms::allocate_for_ever(batch_size * sizeof(cell), alignof(cell)));
      batch b;
      for (unsigned i = batch_size; i-- > 0;) b.push(*std::construct_at(fresh + i));
      return b;
    }
    void put_batch(batch b) noexcept {
      place_of(*b.first).count = b.count;
      std::scoped_lock hold{lock};
      place_of(*b.first).next_batch = batches;
      batches = b.first;
    }
    cell& take_one() {
      auto b = take_batch();
      cell& c = b.pop();
      if (b.count != 0) put_batch(b);
      return c;
    }
    void put_one(cell& c) noexcept {
      batch b;
      b.push(c);
      put_batch(b);
    }
    spin_lock lock;
    atoms::var<cell*> batches{nullptr};
  };
  static shared& common() noexcept { return atoms::global<shared>(); }

  static batch& of_thread() {
    thread_record& t = *this_thread();
    if (auto* const mine = static_cast<batch*>(t.get(room::actor))) [[likely]]
      return *mine;
    auto mine = std::make_unique<batch>();
    t.at_exit(leave, mine.get());
    t.set(room::actor, mine.get());
    return *mine.release();
  }
  static void leave(thread_record& t, void* arg) noexcept {
    auto* const mine = static_cast<batch*>(arg);
    t.set(room::actor, nullptr);
    if (mine->first) common().put_batch(*mine);
    delete mine;
  }
};

}  // namespace weft::inline WEFT_ON::detail
