// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/receive.hpp>
#include <weft/actor/ref.hpp>

namespace weft::inline WEFT_ON {

/// A mailbox for code that is no actor: a thread or a task receives what others tell its reference.
///
/// What is left in it when it goes becomes dead letters.
///
/// threads   receive() by one task or thread at a time; its reference from any
/// cost      one cell of 128 bytes, from the thread's list
/// lifetime  no receive() waits when it is destroyed
template <class... M>
class inbox {
 public:
  using ref_type = ref<M...>;
  /// throws    std::bad_alloc
  explicit inbox(mailbox_bounds const& b = {}) : self_(detail::open_inbox(b)) {}
  inbox(inbox&& o) noexcept : self_(std::exchange(o.self_, {})) {}
  inbox& operator=(inbox o) noexcept {
    std::swap(self_, o.self_);
    return *this;
  }
  ~inbox() {
    if (self_) detail::close_inbox(self_);
  }

  [[nodiscard]] ref<M...> self() const noexcept {
    return ref<M...>(detail::ref_access::at(self_), self_.id());
  }
  /// An operation that gives the oldest message: a std::variant of the types, or the type itself if
  /// it is one; a request<M> for those with an answer.
  ///
  /// cost      none but the message's own if one is there
  [[nodiscard]] auto receive() noexcept {
    return detail::receive_operation<M...>(*detail::ref_access::at(self_));
  }
  /// The oldest message, if there is one.
  [[nodiscard]] auto try_receive() {
    auto op = receive();
    using result = typename decltype(op)::result_type;
    auto const c = op.try_commit();
    return c == no_case ? std::optional<result>() : std::optional<result>(op.take(c));
  }

 private:
  ref<> self_;
};

}  // namespace weft::inline WEFT_ON
