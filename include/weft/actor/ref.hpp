// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/bounds.hpp>

#include <compare>
#include <functional>

namespace weft::inline WEFT_ON {

namespace detail {

template <class X, class... M>
inline constexpr bool one_of = (std::is_same_v<X, M> || ...);

/// Sends one of the library's own messages: end when you come to this one.
void send_drain(cell& to, std::uint64_t id);

struct ref_access;

}  // namespace detail

/// Where messages of the types M can be sent: an actor, or an inbox. Stays valid as a value for
/// ever; when the actor has ended, what is sent to it becomes a dead letter.
///
/// Sixteen bytes, copied like a number and not counted. ref<A, B> converts to ref<A> and to ref<>.
///
/// threads   every member, from any thread
/// blocks    never; ask() gives an operation
template <class... M>
class ref {
 public:
  /// Refers to nobody.
  constexpr ref() noexcept = default;
  ref(detail::cell* at, std::uint64_t id) noexcept : at_(at), id_(id) {}
  template <class... N>
    requires(!std::is_same_v<ref<N...>, ref> && (detail::one_of<M, N...> && ...))
  ref(ref<N...> const& wider) noexcept : at_(wider.at_), id_(wider.id_) {}

  /// Sends `m` and does not wait: done; closed if there is nobody (or no more), full if the mailbox
  /// has no place. What was not accepted is a dead letter.
  ///
  /// cost      an allocation from the thread's lists, one exchange; a post if the receiver slept
  /// throws    std::bad_alloc
  template <class X>
  status tell(X m) const {
    static_assert(detail::one_of<X, M...>, "this actor does not take messages of that type");
    auto* const e = detail::make_envelope<detail::message<X>>(std::move(m));
    e->to = id_;
    return detail::send_now(at_, *e);
  }

  /// An operation that sends `m`; if the mailbox is bounded and full, and its senders wait
  /// (overflow::block), it waits for a place. Gives what tell() gives. Lost or cancelled, it has
  /// sent nothing.
  ///
  /// throws    std::bad_alloc
  template <class X>
  [[nodiscard]] auto send(X m) const {
    static_assert(detail::one_of<X, M...>, "this actor does not take messages of that type");
    return detail::mail_operation<X>(at_, id_, std::move(m));
  }

  /// An operation that sends `m` and waits for the answer.
  ///
  /// It is sent when the wait begins, taken back if another case of a select wins or the wait is
  /// cancelled; an answer that comes too late is dropped and counted. ask(m, never) has no limit.
  ///
  /// throws    actor_error: no_actor, terminated, restarted, failed, no_reply, timed_out;
  ///           what the handler gave to replier::fail()
  template <class X>
  [[nodiscard]] auto ask(X m, duration limit = detail::ask_limit) const {
    static_assert(detail::one_of<X, M...>, "this actor does not take messages of that type");
    static_assert(detail::has_reply<X>,
                  "a message that is asked says what the answer is: using reply = ...;");
    return detail::ask_operation<X>(at_, id_, std::move(m), limit);
  }

  /// Asks the actor to end after the message it works at; what is queued becomes dead letters. A
  /// coroutine actor ends at its next receive(). False if it has ended.
  bool stop() const noexcept { return at_ && at_->order(id_, detail::cell::must_stop); }
  /// As stop(), after what was sent before.
  ///
  /// throws    std::bad_alloc
  void drain() const {
    if (at_) detail::send_drain(*at_, id_);
  }
  /// Ends the actor without its hooks: a coroutine actor at its next wait, destructors run.
  bool kill() const noexcept { return at_ && at_->order(id_, detail::cell::must_die); }

  /// True until the actor has ended, as far as is known here.
  [[nodiscard]] bool alive() const noexcept { return at_ && id_ != 0 && at_->tenant() == id_; }
  /// The actor's number: never used twice in a process; 0 for nobody.
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  explicit operator bool() const noexcept { return id_ != 0; }

  template <class... N>
  [[nodiscard]] friend bool operator==(ref const& a, ref<N...> const& b) noexcept {
    return a.id() == b.id();
  }
  [[nodiscard]] friend auto operator<=>(ref const& a, ref const& b) noexcept {
    return a.id_ <=> b.id_;
  }

 private:
  template <class...>
  friend class ref;
  friend struct detail::ref_access;
  detail::cell* at_ = nullptr;
  std::uint64_t id_ = 0;
};

static_assert(sizeof(ref<>) == 16 && std::is_trivially_copyable_v<ref<>>);

namespace detail {
struct ref_access {
  template <class... M>
  static cell* at(ref<M...> const& r) noexcept {
    return r.at_;
  }
};
}  // namespace detail

}  // namespace weft::inline WEFT_ON

template <class... M>
struct std::hash<weft::ref<M...>> {
  std::size_t operator()(weft::ref<M...> const& r) const noexcept {
    return std::hash<std::uint64_t>{}(r.id());
  }
};
