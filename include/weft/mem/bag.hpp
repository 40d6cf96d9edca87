// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace weft::inline WEFT_ON::detail {

/// An object that was unlinked, how to free it, and how big it is, if that is known.
struct retired {
  void* object;
  void (*free)(void*);
  std::size_t bytes = 0;
};

/// Retired objects that age together: they are freed once the epoch is two steps past the stamp.
template <unsigned Size, class Atoms>
struct bag {
  typename Atoms::template var<bag*> next{};
  std::uint64_t stamp = 0;
  typename Atoms::template var<unsigned> count{};
  std::array<retired, Size> items;

  void add(retired const& r) noexcept {
    items[count] = r;
    count = count + 1;
  }
  /// Takes out the last one. It is out before it is freed: its deleter may retire more.
  [[nodiscard]] retired take() noexcept {
    count = count - 1;
    return items[count];
  }
};

/// A queue of bags by their own links. Whoever owns it is its only user.
template <unsigned Size, class Atoms>
class bag_queue {
 public:
  using node = bag<Size, Atoms>;

  bag_queue() noexcept = default;
  bag_queue(bag_queue&& other) noexcept
      : head_(std::exchange(other.head_, nullptr)), tail_(std::exchange(other.tail_, nullptr)) {}
  bag_queue& operator=(bag_queue&&) = delete;

  [[nodiscard]] node* front() const noexcept { return head_; }
  [[nodiscard]] node* back() const noexcept { return tail_; }

  void push(node* b) noexcept {
    b->next = nullptr;
    if (head_) {
      tail_->next = b;
    } else {
      head_ = b;
    }
    tail_ = b;
  }
  node* pop() noexcept {
    node* b = head_;
    if (b) head_ = b->next;
    return b;
  }
  /// Moves all of `other` behind what is here.
  void append(bag_queue&& other) noexcept {
    while (node* b = other.pop()) push(b);
  }

 private:
  node* head_ = nullptr;
  node* tail_ = nullptr;
};

}  // namespace weft::inline WEFT_ON::detail
