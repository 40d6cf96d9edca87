// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace weft {

/// What an object needs to stand in a list<T>: the links, owned by the object itself.
///
/// Tag is the object's own type, or tells apart the several lists that it may stand in.
template <class Tag>
class list_hook {
 public:
  constexpr list_hook() noexcept = default;
  /// A copy stands in no list: links belong to one address.
  list_hook(list_hook const&) noexcept {}
  list_hook& operator=(list_hook const&) noexcept { return *this; }

  [[nodiscard]] bool linked() const noexcept { return next_ != nullptr; }

 private:
  template <class, class>
  friend class list;
  list_hook* next_ = nullptr;
  list_hook* prev_ = nullptr;
};

/// A doubly linked list of objects that carry their own links: no allocation, removal by object.
///
/// threads   none; whoever owns the list locks it
/// cost      a few stores each; size() is not kept
/// lifetime  an object leaves the list before it is destroyed
template <class T, class Tag = T>
class list {
  using hook = list_hook<Tag>;

 public:
  constexpr list() noexcept { head_.next_ = head_.prev_ = &head_; }
  list(list const&) = delete;
  list& operator=(list const&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_.next_ == &head_; }
  [[nodiscard]] T* front() noexcept { return empty() ? nullptr : object(head_.next_); }
  [[nodiscard]] T* after(T& x) noexcept {
    hook* n = static_cast<hook&>(x).next_;
    return n == &head_ ? nullptr : object(n);
  }

  void push_back(T& x) noexcept {
    hook& h = x;
    h.prev_ = head_.prev_;
    h.next_ = &head_;
    head_.prev_->next_ = &h;
    head_.prev_ = &h;
  }
  void erase(T& x) noexcept {
    hook& h = x;
    h.prev_->next_ = h.next_;
    h.next_->prev_ = h.prev_;
    h.next_ = h.prev_ = nullptr;
  }
  T* pop_front() noexcept {
    T* x = front();
    if (x) erase(*x);
    return x;
  }

 private:
  static T* object(hook* h) noexcept { return static_cast<T*>(h); }
  hook head_;
};

}  // namespace weft
