// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/tenant.hpp>
#include <weft/wait/awaiter.hpp>

#include <optional>
#include <tuple>

namespace weft::inline WEFT_ON {

/// Where an actor is to live; what is not said is the calling code's.
struct actor_options {
  executor* on = nullptr;     // which runs it; else the runtime's
  std::optional<scope> in{};  // which ends it when it is cancelled; else that of the caller
  mailbox_bounds mailbox{};
};

namespace detail {

/// A cell taken by a new actor, until it runs.
class new_home {
 public:
  /// throws    std::bad_alloc; cancelled, if the scope is
  new_home(tenant_kind const& k, actor_options const& o);
  ~new_home() {
    if (c_) c_->close(id_, {exit_reason::kind::crashed});
  }
  new_home(new_home const&) = delete;
  new_home& operator=(new_home const&) = delete;
  [[nodiscard]] cell& at() const noexcept { return *c_; }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  /// The tenant is there.
  void inhabited() noexcept { c_ = nullptr; }

 private:
  cell* c_;
  std::uint64_t id_;
};

template <class T, class... Args>
typename T::ref_type start_actor(actor_options const& o, replier<void> started, Args&&... args) {
  using tenant = tenant_of<T>;
  new_home home(tenant::kind, o);
  auto& c = home.at();
  typename T::ref_type const r(&c, home.id());
  tenant::make(c, [&] { return T(std::forward<Args>(args)...); });
  home.inhabited();
  tenant::begin(c, std::move(started), false);
  return r;
}

/// Starts an actor and waits until its started() has returned. Lost, it ends the actor.
template <class T, class... Args>
class spawn_operation : public operation_base<spawn_operation<T, Args...>>, wait_node {
 public:
  using result_type = typename T::ref_type;
  spawn_operation(actor_options o, Args... args)
      : options_(std::move(o)), args_(std::in_place, std::move(args)...) {}
  spawn_operation(spawn_operation&& o) noexcept
      : wait_node(o),
        options_(std::move(o.options_)),
        args_(std::move(o.args_)),
        started_(std::move(o.started_)),
        made_(std::exchange(o.made_, {})) {
    o.args_.reset();
  }
  spawn_operation& operator=(spawn_operation&&) = delete;
  ~spawn_operation() {
    if (made_) made_.kill();
  }

  [[nodiscard]] case_id try_commit() {
    if (!args_)
      die("an operation was used twice",
          "an operation describes one wait: make a new one for each wait");
    replier<void> told;
    if constexpr (has_started<T>) {
      auto* const a = new answer<void>("started()", nullptr, 0);
      started_ = outcome_ptr<void>(a);
      told = replier<void>(a);
    }
    made_ = std::apply(
        [&](auto&... args) {
          return start_actor<T>(options_, std::move(told), std::move(args)...);
        },
        *args_);
    args_.reset();
    return started_ && !started_->ready() ? no_case : 0;
  }
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept {
    return started_->publish(*this, w, base);
  }
  void withdraw() noexcept {
    if (this->lost()) started_->withdraw(*this);
  }
  result_type take(case_id) {
    if (started_) started_->rethrow();
    return std::exchange(made_, {});
  }
  [[nodiscard]] wait_info describe() const noexcept { return {"spawn", nullptr, nullptr}; }

 private:
  actor_options options_;
  std::optional<std::tuple<Args...>> args_;
  outcome_ptr<void> started_;
  result_type made_;
};

}  // namespace detail

/// Starts an actor T(args...) and gives its reference at once, before its started() has run.
///
/// It runs on the executor of the calling code, in a scope below the caller's.
///
/// cost      one cell; a coroutine actor two frames and a post as well
/// throws    what T's constructor throws; cancelled, if the scope is; std::bad_alloc
template <detail::actor_class T, class... Args>
typename T::ref_type spawn_actor(actor_options const& o, Args&&... args) {
  return detail::start_actor<T>(o, {}, std::forward<Args>(args)...);
}
template <detail::actor_class T, class... Args>
  requires std::constructible_from<T, Args...>
typename T::ref_type spawn_actor(Args&&... args) {
  return detail::start_actor<T>(actor_options{}, {}, std::forward<Args>(args)...);
}

/// An operation that starts an actor T(args...) and gives its reference when its started() has
/// returned; one without that hook is there at once.
///
/// throws    what T's constructor or started() throws; cancelled, if the scope is
template <detail::actor_class T, class... Args>
[[nodiscard]] auto spawn(actor_options o, Args... args) {
  return detail::spawn_operation<T, Args...>(std::move(o), std::move(args)...);
}
template <detail::actor_class T, class... Args>
  requires std::constructible_from<T, Args...>
[[nodiscard]] auto spawn(Args... args) {
  return detail::spawn_operation<T, Args...>(actor_options{}, std::move(args)...);
}
/// The same for an actor that was made before: it moves in.
template <class T>
  requires(!std::is_lvalue_reference_v<T>) && detail::actor_class<T>
[[nodiscard]] auto spawn(T&& made) {
  return detail::spawn_operation<T, T>(actor_options{}, std::move(made));
}

}  // namespace weft::inline WEFT_ON
