// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/actor.hpp>
#include <weft/task/task.hpp>

#include <memory>
#include <mutex>

namespace weft::inline WEFT_ON::detail {

template <class T>
concept actor_class = std::derived_from<T, actor_base> && requires { typename T::ref_type; };
template <class T>
concept has_run = requires(T& t) {
  { t.run() } -> std::same_as<task<>>;
};
template <class T>
concept has_started = requires(T& t) { t.started(); };
template <class T>
concept starts_slowly = requires(T& t) {
  { t.started() } -> std::same_as<task<>>;
};
template <class T>
concept has_restarted = requires(T& t) { t.restarted(); };
template <class T>
concept has_before_restart = requires(T& t, exit_reason const& why) { t.before_restart(why); };
template <class T>
concept traps_exits = requires { requires T::traps_exits; };
template <class T>
concept has_stopping = requires(T& t, exit_reason const& why) { t.stopping(why); };

/// The first message of an actor with a started() hook: whoever waits for its start is told.
struct start_order : envelope {
  start_order(replier<void> d, bool a) noexcept : done(std::move(d)), again(a) { what = &kind; }
  static char const key;
  static envelope_kind const kind;
  replier<void> done;
  bool again;
};

/// True if there is a hook to call when it begins, for the first time or again.
template <class T>
constexpr bool has_hook(bool again) noexcept {
  return has_started<T> || (again && has_restarted<T>);
}
template <class T>
void call_hook(T& t, bool again) {
  if constexpr (has_restarted<T>) {
    if (again) return t.restarted();
  }
  if constexpr (has_started<T>) t.started();
}

/// Calls on() for one message, which it destroys.
template <class T, class M>
void handle_one(T& t, envelope& e) {
  static_assert(
      requires(M m) { t.on(std::move(m)); } || has_reply<M>,
      "the actor needs a public on(M) for each of its messages, or a run()");
  auto& m = static_cast<message<M>&>(e);
  if constexpr (!has_reply<M>) {
    struct at_end {
      ~at_end() { std::destroy_at(&of); }
      M& of;
    } const gone{m.content};
    try {
      t.on(std::move(m.content));
    } catch (...) {
      dead_letters().put({dead_reason::failed, e.id(), typeid(M), std::addressof(m.content)});
      throw;
    }
  } else {
    using R = typename M::reply;
    replier<R> answer;
    if (e.what->asks) {
      auto& a = static_cast<asked<M>&>(m);
      if (!a.answer.wanted()) return e.discard(dead_reason::expired);
      answer = std::move(a.answer);
      std::destroy_at(std::addressof(a.answer));
    }
    struct at_end {
      ~at_end() { std::destroy_at(&of); }
      M& of;
    } const gone{m.content};
    try {
      if constexpr (requires { t.on(std::move(m.content), std::move(answer)); }) {
        t.on(std::move(m.content), std::move(answer));
      } else if constexpr (std::is_void_v<R>) {
        t.on(std::move(m.content));
        answer.reply();
      } else {
        static_assert(
            requires(M x) {
              { t.on(std::move(x)) } -> std::convertible_to<R>;
            },
            "the actor needs a public R on(M), or void on(M, replier<R>), for a message "
            "with `using reply = R`");
        answer.reply(t.on(std::move(m.content)));
      }
    } catch (...) {
      dead_letters().put({dead_reason::failed, e.id(), typeid(M), std::addressof(m.content)});
      throw;
    }
  }
}

template <class T>
void call_stopping(T& t, exit_reason const& why) noexcept {
  if constexpr (has_stopping<T>) t.stopping(why);
}

/// An actor with handlers: in the cell if it fits.
template <class T, class Ref = typename T::ref_type>
struct handler_tenant;
template <class T, class... M>
struct handler_tenant<T, ref<M...>> {
  static constexpr bool fits = sizeof(T) <= cell::room_bytes && alignof(T) <= 8;

  static T& of(cell& c) noexcept {
    if constexpr (fits) return *std::launder(static_cast<T*>(c.room()));
    return **std::launder(static_cast<T**>(c.room()));
  }
  /// `f` makes the object, in its place.
  template <class F>
  static void make(cell& c, F&& f) {
    static_assert(!starts_slowly<T>, "started() of an actor with handlers is a plain function");
    moving_in const here{c};
    if constexpr (fits) {
      ::new (c.room()) T(f());
    } else {
      static_assert(alignof(T) <= 16, "an actor may not be over-aligned");
      void* const at = frame_allocate(sizeof(T));
      try {
        T* const made = ::new (at) T(f());
        ::new (c.room()) T*(made);
      } catch (...) {
        frame_free(at, sizeof(T));
        throw;
      }
    }
  }
  static void destroy(cell& c) noexcept {
    T& t = of(c);
    std::destroy_at(&t);
    if constexpr (!fits) frame_free(&t, sizeof(T));
  }
  static void handle(cell& c, envelope& e) {
    T& t = of(c);
    if ((... || (e.what->key == &message_key<M> && (handle_one<T, M>(t, e), true)))) return;
    auto& order = static_cast<start_order&>(e);
    auto done = std::move(order.done);
    std::destroy_at(&order.done);
    try {
      call_hook(t, order.again);
    } catch (...) {
      done.fail(std::current_exception());
      throw;
    }
    done.reply();
  }
  static void stopping(cell& c, exit_reason const& why) noexcept { call_stopping(of(c), why); }
  static void restarting(cell& c, exit_reason const& why) noexcept {
    if constexpr (has_before_restart<T>) of(c).before_restart(why);
  }
  static void begin(cell& c, replier<void> started, bool again) {
    if (!has_hook<T>(again)) {
      started.reply();
      return c.settle();
    }
    auto* const e = make_envelope<start_order>(std::move(started), again);
    e->to = c.tenant();
    if (c.start_first(*e)) return wake_for_turn(c, wake_kind::look);
    c.deliver(*e);
    c.settle();
  }
  static constexpr tenant_kind kind{{hear_end},
                                    wake_for_turn,
                                    handle,
                                    has_stopping<T> ? stopping : nullptr,
                                    has_before_restart<T> ? restarting : nullptr,
                                    destroy,
                                    nullptr,
                                    true,
                                    traps_exits<T>};
};

/// The execution of a coroutine actor.
///
/// threads   as context
class actor_context : public context {
 public:
  actor_context(cell& c, executor* home, scope_state* in) noexcept : context(home, in), of_(&c) {}
  void launch(task<>::handle h) noexcept {
    h.promise().running_in = this;
    top = &h.promise();
    yield_to_others(h);
  }
  void finished(frame& first, bool cancelled) noexcept override;

 protected:
  ~actor_context() = default;
  virtual void dispose() noexcept = 0;
  [[nodiscard]] cell& at() const noexcept { return *of_; }

 private:
  cell* of_;
};

/// The scope of a coroutine actor: below its parent's.
[[nodiscard]] scope inner_scope(cell& c);
[[nodiscard]] scope_state* scope_inside(cell& c) noexcept;

/// An actor with a run(): the object beside its execution, and the coroutine's own frame.
template <class T>
class coroutine_tenant final : public actor_context {
 public:
  static T& of(cell& c) noexcept {
    return static_cast<coroutine_tenant&>(*receiver_room::of(c).owner).object_;
  }
  /// `f` makes the object, in its place.
  template <class F>
  static void make(cell& c, F&& f) {
    moving_in const here{c};
    auto const in = inner_scope(c);
    std::construct_at(static_cast<receiver_room*>(c.room()));
    void* const at = frame_allocate(sizeof(coroutine_tenant));
    try {
      auto* const self = ::new (at) coroutine_tenant(c, &c.home(), in.state(), std::forward<F>(f));
      std::scoped_lock hold{c.lock};  // whoever kills it looks for its scope
      receiver_room::of(c).owner = self;
    } catch (...) {
      frame_free(at, sizeof(coroutine_tenant));
      throw;
    }
  }
  static void destroy(cell& c) noexcept {
    T& t = of(c);
    {
      std::scoped_lock hold{c.lock};
      receiver_room::of(c).owner = nullptr;
    }
    std::destroy_at(&t);
  }
  static void stopping(cell& c, exit_reason const& why) noexcept { call_stopping(of(c), why); }
  static void restarting(cell& c, exit_reason const& why) noexcept {
    if constexpr (has_before_restart<T>) of(c).before_restart(why);
  }
  static void begin(cell& c, replier<void> started, bool again) {
    auto& self = static_cast<coroutine_tenant&>(*receiver_room::of(c).owner);
    if (has_hook<T>(again)) {
      self.launch(with_hook(self.object_, std::move(started), again).release());
    } else {
      started.reply();
      self.launch(self.object_.run().release());
    }
  }
  static constexpr tenant_kind kind{{hear_end},
                                    wake_receiver,
                                    nullptr,
                                    has_stopping<T> ? stopping : nullptr,
                                    has_before_restart<T> ? restarting : nullptr,
                                    destroy,
                                    scope_inside,
                                    true,
                                    traps_exits<T>};

 private:
  template <class F>
  coroutine_tenant(cell& c, executor* home, scope_state* in, F&& f)
      : actor_context(c, home, in), object_(f()) {}
  ~coroutine_tenant() {}
  void dispose() noexcept override {
    this->~coroutine_tenant();
    frame_free(this, sizeof(coroutine_tenant));
  }

  static task<> with_hook(T& t, replier<void> started, bool again) {
    try {
      if constexpr (starts_slowly<T>) {
        auto starting = t.started();
        co_await std::move(starting);
      } else {
        call_hook(t, again);
      }
    } catch (...) {
      started.fail(std::current_exception());
      throw;
    }
    started.reply();
    auto run = t.run();
    co_await std::move(run);
  }

  union {
    T object_;
  };
};

template <class T>
using tenant_of = std::conditional_t<has_run<T>, coroutine_tenant<T>, handler_tenant<T>>;

}  // namespace weft::inline WEFT_ON::detail
