// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/error.hpp>
#include <weft/base/thread.hpp>
#include <weft/mem/restart.hpp>

#include <cstdint>
#include <type_traits>

namespace weft::inline WEFT_ON::detail {

/// What ties a thread to one domain it has used: the part of a domain's slot that the thread's own
/// list consists of.
template <class Atoms>
struct domain_link : restart_point<Atoms> {
  typename Atoms::template atomic<void const*> domain{nullptr};  // null: the domain has gone
  domain_link* next_here = nullptr;                              // in the thread's list
  void (*leave)(domain_link&) noexcept = nullptr;                // gives the slot back, or frees it
};

/// The calling thread's list of links: it gives every slot back when it ends. The list is a thread
/// slot of its own, because each pin begins with it.
template <class Atoms>
class domain_links {
  using link = domain_link<Atoms>;

 public:
  [[nodiscard]] static link* first() noexcept { return head::get(); }

  /// The link to `domain`, moved to the front; null if there is none. Drops links to domains that
  /// have gone.
  [[nodiscard]] static link* find(void const* domain) noexcept {
    link* all = first();
    link** at = &all;
    link* found = nullptr;
    while (*at && *at != &end) {
      link& l = **at;
      void const* const d = l.domain.load(relaxed);  // rlx ordered: by the caller
      if (d == domain || d == nullptr) {
        *at = l.next_here;
        if (d == domain) found = &l;
        else l.leave(l);
      } else {
        at = &l.next_here;
      }
    }
    if (found) {
      found->next_here = all;
      all = found;
    }
    set(all);
    return found;
  }

  /// The link in whose domain the calling thread is in a section; null if there is none.
  [[nodiscard]] static link* in_section() noexcept {
    link* l = first();
    while (l && l->phase.load(relaxed) == phase_idle) l = l->next_here;  // rlx owner
    return l;
  }

  /// throws    std::bad_alloc, and then the list is as before
  static void add(link& l) {
    link* all = first();
    if (!all) {
      if constexpr (real) {
        this_thread()->at_exit([](thread_record&, void*) noexcept { leave_all(); }, nullptr);
      } else {
        Atoms::at_thread_exit([](void*) noexcept { leave_all(); }, nullptr);
      }
      all = &end;
    }
    l.next_here = all;
    set(&l);
  }
  /// What a slot's `domain` is when that one was shut down: no domain's address.
  [[nodiscard]] static void const* shut() noexcept { return &end; }

  static void remove_first() noexcept { set(first()->next_here); }

 private:
  static constexpr bool real = std::is_same_v<Atoms, native>;
  struct tag;
  using head = typename Atoms::template thread_slot<link*, tag>;

  // Behind the last link of a thread whose exit hook is set; so an empty list is not a first use.
  static inline constinit link end{};

  static void set(link* l) noexcept { head::set(l); }
  static void leave_all() noexcept {
    auto* l = first();
    set(nullptr);
    while (l != &end) {
      auto* next = l->next_here;
      l->leave(*l);
      l = next;
    }
  }
};

}  // namespace weft::inline WEFT_ON::detail
