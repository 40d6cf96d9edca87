// SPDX-License-Identifier: Apache-2.0
#include "support/asio_side.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/experimental/concurrent_channel.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <latch>
#include <memory>
#include <stdexcept>

namespace bench::asio_side {
namespace {

namespace asio = boost::asio;
using loop = asio::io_context;
using number = std::uint64_t;
template <class T, class Pool>
using coroutine = asio::awaitable<T, typename Pool::executor_type>;
template <class Pool>
using awaited = asio::use_awaitable_t<typename Pool::executor_type>;
using message = void(boost::system::error_code, number);
using local_channel =
    asio::experimental::basic_channel<loop::executor_type, asio::experimental::channel_traits<>,
                                      message>;
using shared_channel =
    asio::experimental::basic_concurrent_channel<asio::thread_pool::executor_type,
                                                 asio::experimental::channel_traits<>, message>;
using timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, loop::executor_type>;

const boost::system::error_code no_error;

void rethrow(std::exception_ptr e) {
  if (e) std::rethrow_exception(e);
}

void must_be(bool right) {
  if (!right) throw std::runtime_error{"an Asio channel gave the wrong value"};
}

// n rounds between one that sends to `a` and `b` in turn and one that waits for either.
coroutine<void, loop> send_in_turn(number n, local_channel& a, local_channel& b,
                                   local_channel& done) {
  for (number i = 0; i < n; ++i) {
    auto& to = i % 2 == 0 ? a : b;
    if (!to.try_send(no_error, i)) co_await to.async_send(no_error, i, awaited<loop>());
    const auto drop = [](auto, number) {};
    if (!done.try_receive(drop)) co_await done.async_receive(awaited<loop>());
  }
}

coroutine<void, loop> selects(number n, local_channel& a, local_channel& b, local_channel& done) {
  using asio::experimental::make_parallel_group;
  for (number i = 0; i < n; ++i) {
    auto either =
        make_parallel_group(a.async_receive(asio::deferred), b.async_receive(asio::deferred));
    auto [order, e1, first, e2, second] =
        co_await either.async_wait(asio::experimental::wait_for_one(), awaited<loop>());
    must_be(order[0] == i % 2 && (i % 2 == 0 ? first : second) == i);
    if (!done.try_send(no_error, i)) co_await done.async_send(no_error, i, awaited<loop>());
  }
}

coroutine<void, loop> receives_in_time(loop& on, number n, local_channel& a, local_channel& done) {
  using asio::experimental::make_parallel_group;
  timer limit(on);
  for (number i = 0; i < n; ++i) {
    limit.expires_after(std::chrono::seconds{10});
    auto either =
        make_parallel_group(a.async_receive(asio::deferred), limit.async_wait(asio::deferred));
    auto [order, e1, value, e2] =
        co_await either.async_wait(asio::experimental::wait_for_one(), awaited<loop>());
    must_be(order[0] == 0 && value == i);
    if (!done.try_send(no_error, i)) co_await done.async_send(no_error, i, awaited<loop>());
  }
}

template <class Pool, class Channel>
class transfer {
 public:
  transfer(Pool& on, unsigned senders, unsigned receivers, std::size_t capacity)
      : on_{on}, through_{on.get_executor(), capacity}, senders_{senders}, receivers_{receivers} {}

  void start(number each) {
    expected_ = each * (each + 1) / 2 * senders_;
    sending_.store(senders_, std::memory_order_relaxed);
    auto ended = [this](std::exception_ptr e) {
      rethrow(e);
      done_.count_down();
    };
    for (unsigned i = 0; i < receivers_; ++i) asio::co_spawn(on_, receive_all(), ended);
    for (unsigned i = 0; i < senders_; ++i) asio::co_spawn(on_, send_all(each), ended);
  }
  void wait() { done_.wait(); }
  void check() const { must_be(sum_.load(std::memory_order_relaxed) == expected_); }

 private:
  coroutine<void, Pool> send_all(number each) {
    for (number i = 1; i <= each; ++i)
      if (!through_.try_send(no_error, i))
        co_await through_.async_send(no_error, i, awaited<Pool>());
    if (sending_.fetch_sub(1, std::memory_order_acq_rel) != 1) co_return;
    // The values are 1 and up: a 0 for each receiver says that there are no more.
    for (unsigned i = 0; i < receivers_; ++i)
      co_await through_.async_send(no_error, 0, awaited<Pool>());
  }
  coroutine<void, Pool> receive_all() {
    number sum = 0;
    for (;;) {
      number got = 0;
      bool const there = through_.try_receive([&](auto, number v) { got = v; });
      if (!there) got = co_await through_.async_receive(awaited<Pool>());
      if (got == 0) break;
      sum += got;
    }
    sum_.fetch_add(sum, std::memory_order_relaxed);
  }

  Pool& on_;
  Channel through_;
  unsigned senders_;
  unsigned receivers_;
  std::latch done_{senders_ + receivers_};
  number expected_ = 0;
  std::atomic<unsigned> sending_{0};
  std::atomic<number> sum_{0};
};

void run_all(loop& on) {
  on.restart();
  on.run();
}

}  // namespace

sample select_two() {
  return per_op([on = std::make_shared<loop>(1)](std::uint64_t n) {
    local_channel a{on->get_executor(), 1};
    local_channel b{on->get_executor(), 1};
    local_channel done{on->get_executor(), 1};
    asio::co_spawn(*on, selects(n, a, b, done), rethrow);
    asio::co_spawn(*on, send_in_turn(n, a, b, done), rethrow);
    run_all(*on);
  });
}

sample receive_or_timeout() {
  return per_op([on = std::make_shared<loop>(1)](std::uint64_t n) {
    local_channel values{on->get_executor(), 1};
    local_channel done{on->get_executor(), 1};
    asio::co_spawn(*on, receives_in_time(*on, n, values, done), rethrow);
    asio::co_spawn(*on, send_in_turn(n, values, values, done), rethrow);
    run_all(*on);
  });
}

sample messages(unsigned threads, unsigned senders, unsigned receivers, std::size_t capacity) {
  if (threads == 1)
    return per_op(
        [=, on = std::make_shared<loop>(1)](std::uint64_t n) {
          transfer<loop, local_channel> all{*on, senders, receivers, capacity};
          all.start(n);
          run_all(*on);
          all.check();
        },
        senders);
  return per_op(
      [=, on = std::make_shared<asio::thread_pool>(threads)](std::uint64_t n) {
        transfer<asio::thread_pool, shared_channel> all{*on, senders, receivers, capacity};
        all.start(n);
        all.wait();
        all.check();
      },
      senders);
}

}  // namespace bench::asio_side
