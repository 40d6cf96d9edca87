// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/receive.hpp>
#include <weft/actor/ref.hpp>

namespace weft::inline WEFT_ON {

namespace detail {

/// What an actor knows of the place where it lives.
class actor_base {
 public:
  actor_base(actor_base const&) = delete;
  actor_base& operator=(actor_base const&) = delete;

 protected:
  actor_base() noexcept;
  /// One that was made elsewhere moves into its place.
  actor_base(actor_base&&) noexcept : actor_base() {}
  ~actor_base() = default;

  /// The cell; dies if this object was not made by spawn.
  [[nodiscard]] cell& here() const noexcept;
  void leave() noexcept;

 private:
  cell* at_;
};

/// While it lives, the calling thread makes the tenant of `c`.
class moving_in {
 public:
  explicit moving_in(cell& c) noexcept;
  ~moving_in();
  moving_in(moving_in const&) = delete;
  moving_in& operator=(moving_in const&) = delete;

 private:
  cell* before_;
};

}  // namespace detail

/// The base of actors: objects whose messages are handled one at a time, in the order they came.
///
/// A class that derives from actor<A, B> handles them in one of two ways.
///
///   void on(A); R on(B)    a handler for each type. A message that is asked has `using reply = R`;
///                          its handler returns the answer, or takes a replier<R> as well and
///                          answers when it likes. An idle actor costs 128 bytes.
///   weft::task<> run()     a coroutine that awaits receive(). It suspends as it likes meanwhile;
///                          the actor ends when it returns.
///
/// Hooks, all optional: started(), before the first message; stopping(exit_reason const&), before
/// an end that is not kill(); of supervised ones before_restart(exit_reason const&), in the object
/// that failed, and restarted(), in the new one in place of started(). An exception that leaves a
/// handler or run() is a crash: the actor ends, or its supervisor restarts it.
///
/// threads   its code runs on one thread at a time, not always the same
/// source    Hewitt, Bishop & Steiger, "A universal modular ACTOR formalism", IJCAI 1973
template <class... M>
class actor : public detail::actor_base {
 public:
  using ref_type = ref<M...>;
  using receive_type = detail::receive_operation<M...>;

 protected:
  actor() noexcept = default;
  actor(actor&&) noexcept = default;
  ~actor() = default;

  /// The reference of this actor. Not in objects that spawn did not make.
  [[nodiscard]] ref<M...> self() const noexcept {
    auto& c = this->here();
    return ref<M...>(&c, c.tenant());
  }
  /// An operation that gives the oldest message: a std::variant of the types, or the type itself if
  /// it is one; a request<M> for those with an answer. Only in run(), and one at a time.
  [[nodiscard]] receive_type receive() noexcept { return receive_type(this->here()); }
  /// Ends this actor after the running handler, or at the next receive().
  void stop() noexcept { this->leave(); }
};

}  // namespace weft::inline WEFT_ON
