// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/child_exit.hpp>
#include <weft/actor/spawn.hpp>

#include <functional>
#include <string>

namespace weft::inline WEFT_ON {

/// When a supervisor starts a child again that has ended.
enum class restart : std::uint8_t {
  permanent,  // always
  transient,  // unless it ended orderly: normal or shutdown
  temporary,  // never; its entry goes with it
};

/// What a supervisor has to know of a child besides how to make it.
struct child_options {
  std::string name;  // different for each child of a supervisor
  weft::restart restart = weft::restart::permanent;
  // How long it may take to end when it is told to; then it is killed. Zero: killed at once.
  duration shutdown = std::chrono::seconds(5);
};

namespace detail {

/// Makes the actor of a child, again and again, in the cell it is given.
class child_maker {
 public:
  virtual ~child_maker() = default;
  [[nodiscard]] virtual tenant_kind const& kind() const noexcept = 0;
  /// Of the type of its reference.
  [[nodiscard]] virtual void const* key() const noexcept = 0;
  virtual void make(cell& c) = 0;
  virtual void begin(cell& c, replier<void> started, bool again) = 0;
};

template <class F>
class child_made_by final : public child_maker {
  using T = std::invoke_result_t<F&>;
  using tenant = tenant_of<T>;

 public:
  explicit child_made_by(F f) : f_(std::move(f)) {}
  [[nodiscard]] tenant_kind const& kind() const noexcept override { return tenant::kind; }
  [[nodiscard]] void const* key() const noexcept override {
    return &message_key<typename T::ref_type>;
  }
  void make(cell& c) override {
    tenant::make(c, [this] { return std::invoke(f_); });
  }
  void begin(cell& c, replier<void> started, bool again) override {
    tenant::begin(c, std::move(started), again);
  }

 private:
  F f_;
};

}  // namespace detail

/// A child as a supervisor is told of it: its name, when it is restarted, and how it is made.
class child_spec {
 public:
  /// f() makes the actor object; it is called for each start.
  template <class F>
    requires detail::actor_class<std::invoke_result_t<F&>>
  child_spec(child_options o, F f)
      : options_(std::move(o)), maker_(std::make_unique<detail::child_made_by<F>>(std::move(f))) {}

  [[nodiscard]] child_options const& options() const noexcept { return options_; }
  [[nodiscard]] detail::child_maker& maker() const noexcept { return *maker_; }

 private:
  child_options options_;
  std::unique_ptr<detail::child_maker> maker_;
};

/// The entry of a child T(args...); the arguments are kept and copied for each start.
template <detail::actor_class T, class... Args>
[[nodiscard]] child_spec child(child_options o, Args... args) {
  return child_spec(std::move(o), [... kept = std::move(args)] { return T(kept...); });
}

}  // namespace weft::inline WEFT_ON
