// SPDX-License-Identifier: Apache-2.0
// Operations as senders, with a vocabulary of the test's own instead of <execution>'s.
#include <support/by_hand.hpp>

#include <gtest/gtest.h>

#include <stop_token>
#include <string>
#include <thread>

namespace mock {

struct operation_state_tag {};
template <class... T>
struct signatures {};

struct token : std::stop_token {
  template <class F>
  using callback_type = std::stop_callback<F>;
};

/// Notes how it was completed, and opens a gate then.
struct outcome {
  std::string how;
  int value = 0;
  weft::gate done;
};
struct receiver {
  outcome* to;
  token stop{};
};

}  // namespace mock

template <>
struct weft::detail::execution_vocabulary<void> {
  using operation_state = mock::operation_state_tag;
  template <class T>
  using signatures = mock::signatures<T>;
  static mock::token stop_token(mock::receiver& r) noexcept { return r.stop; }
  template <class... T>
  static void set_value(mock::receiver&& r, T&&... v) noexcept {
    r.to->how += "value";
    if constexpr (sizeof...(v) == 1) r.to->value = (*std::forward<T>(v), ...);
    r.to->done.open();
  }
  static void set_error(mock::receiver&& r, std::exception_ptr e) noexcept {
    try {
      std::rethrow_exception(e);
    } catch (std::exception const& x) {
      r.to->how += std::string("error ") + x.what();
    }
    r.to->done.open();
  }
  static void set_stopped(mock::receiver&& r) noexcept {
    r.to->how += "stopped";
    r.to->done.open();
  }
};

namespace {

using namespace std::chrono_literals;

TEST(sender, says_what_it_completes_with) {
  using recv = decltype(std::declval<weft::receiver<int>&>().recv());
  static_assert(std::is_same_v<decltype(recv::get_completion_signatures<recv>()),
                               mock::signatures<std::optional<int>>>);
  using state = decltype(std::declval<recv>().connect(mock::receiver{}));
  static_assert(std::is_same_v<state::operation_state_concept, mock::operation_state_tag>);
  static_assert(!std::is_move_constructible_v<state>);
}

TEST(sender, completes_at_once_with_what_is_ready) {
  auto [tx, rx] = weft::make_channel<int>(1);
  EXPECT_TRUE(tx.try_send(4));
  mock::outcome out;
  auto state = rx.recv().connect(mock::receiver{&out});
  EXPECT_EQ(out.how, "") << "nothing happens before start()";
  state.start();
  EXPECT_EQ(out.how, "value");
  EXPECT_EQ(out.value, 4);
}

TEST(sender, that_was_not_started_had_no_effect) {
  auto [tx, rx] = weft::make_channel<int>(1);
  EXPECT_TRUE(tx.try_send(4));
  mock::outcome out;
  { auto state = rx.recv().connect(mock::receiver{&out}); }
  EXPECT_EQ(out.how, "");
  EXPECT_EQ(rx.try_recv().value, 4);
}

TEST(sender, completes_when_the_operation_commits) {
  auto [tx, rx] = weft::make_channel<int>(0);
  mock::outcome out;
  auto state = rx.recv().connect(mock::receiver{&out});
  state.start();
  EXPECT_EQ(out.how, "");
  EXPECT_TRUE(tx.try_send(5));
  out.done.opened().wait();
  EXPECT_EQ(out.how, "value");
  EXPECT_EQ(out.value, 5);
}

TEST(sender, completes_with_the_error) {
  weft::gate g;
  mock::outcome out;
  auto op = g.opened() | weft::timeout(1ms);
  auto state = std::move(op).connect(mock::receiver{&out});
  state.start();
  out.done.opened().wait();
  EXPECT_EQ(out.how.substr(0, 15), "error timed out");
}

TEST(sender, an_operation_that_cannot_begin_completes_with_the_error) {
  weft::promise<int> p;
  auto f = p.get_future();
  auto op = f.get();
  auto used = std::move(op);
  mock::outcome out;
  auto state = (std::move(op) | weft::then([](int v) { return std::optional(v); }))
                   .connect(mock::receiver{&out});
  state.start();
  EXPECT_EQ(out.how.substr(0, 5), "error");
  p.set_value(1);
}

TEST(sender, is_stopped_by_its_receivers_token) {
  weft::gate g;
  std::stop_source source;
  mock::outcome out;
  auto state = g.opened().connect(mock::receiver{&out, {source.get_token()}});
  state.start();
  EXPECT_EQ(out.how, "");
  source.request_stop();
  out.done.opened().wait();
  EXPECT_EQ(out.how, "stopped");
}

TEST(sender, started_after_a_stop_is_stopped_at_once) {
  weft::gate g;
  std::stop_source source;
  source.request_stop();
  mock::outcome out;
  auto state = g.opened().connect(mock::receiver{&out, {source.get_token()}});
  state.start();
  EXPECT_EQ(out.how, "stopped");
}

TEST(sender, ends_once_when_stop_and_commit_meet) {
  for (int i = 0; i < 300; ++i) {
    weft::gate g;
    std::stop_source source;
    mock::outcome out;
    auto state = g.opened().connect(mock::receiver{&out, {source.get_token()}});
    state.start();
    std::thread stopper([&] { source.request_stop(); });
    g.open();
    out.done.opened().wait();
    stopper.join();
    EXPECT_TRUE(out.how == "value" || out.how == "stopped") << out.how;
  }
}

}  // namespace
