// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

#include <functional>
#include <memory>
#include <tuple>
#include <utility>

namespace weft::check {

/// std::thread as the checker sees it: a further thread of the scenario.
///
/// threads   as std::thread
/// throws    nothing; more threads than the checker has, or one that is neither joined nor moved
///           from when it is destroyed, fails the scenario
class thread {
  using site = std::source_location;

 public:
  using id = std::uint32_t;

  thread() noexcept = default;
  template <class F, class... Args>
    requires(!std::is_same_v<std::remove_cvref_t<F>, thread>)
  [[gnu::noinline]] explicit thread(F&& f, Args&&... args) {
    auto call = [f = std::decay_t<F>(std::forward<F>(f)),
                 a = std::make_tuple(std::decay_t<Args>(std::forward<Args>(args))...)]() mutable {
      std::apply([&](auto&... each) { std::invoke(std::move(f), std::move(each)...); }, a);
    };
    // std::function copies what it holds; a thread's body need not be copyable.
    body_ = std::make_shared<decltype(call)>(std::move(call));
    auto* const body = static_cast<decltype(call)*>(body_.get());
    id_ = detail::start_thread([body] { (*body)(); }, site{});  // told of by the caller's frame
  }
  thread(thread&& other) noexcept
      : id_(std::exchange(other.id_, 0)), body_(std::move(other.body_)) {}
  thread& operator=(thread&& other) noexcept {
    must_be_joined();
    id_ = std::exchange(other.id_, 0);
    body_ = std::move(other.body_);
    return *this;
  }
  ~thread() { must_be_joined(); }

  [[nodiscard]] bool joinable() const noexcept { return id_ != 0; }
  [[nodiscard]] id get_id() const noexcept { return id_; }
  void join(site where = site::current()) {
    detail::join_thread(std::exchange(id_, 0), where);
    body_.reset();
  }

 private:
  void must_be_joined() const noexcept;

  id id_ = 0;
  std::shared_ptr<void> body_;
};

namespace this_thread {

/// The number of the thread that asks: 0 is the scenario itself.
[[nodiscard]] inline thread::id get_id(
    std::source_location where = std::source_location::current()) {
  return detail::this_thread(where);
}
inline void yield(std::source_location where = std::source_location::current()) {
  detail::pause(where);
}

}  // namespace this_thread

/// Sends a signal to a thread of the scenario: the handler runs in it, before one of its next steps
/// or at its end, wherever that makes a difference. A thread that sleeps is woken.
///
/// What the sender did before is visible to the handler.
inline void send_signal(thread::id to, std::function<void()> handler,
                        std::source_location where = std::source_location::current()) {
  detail::signal(to, std::move(handler), where);
}

/// In a signal handler: leaves it, and goes back to where sigsetjmp(to, 0) was called by the thread
/// that it interrupted. What lies between is forgotten: it must own nothing.
[[noreturn]] inline void leave_handler(
    sigjmp_buf& to, std::source_location where = std::source_location::current()) {
  detail::leave_handler(to, where);
}

}  // namespace weft::check
