// SPDX-License-Identifier: Apache-2.0
#include "support/asio_side.hpp"
#include "support/timer_delays.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <deque>
#include <latch>
#include <memory>
#include <stdexcept>

namespace bench::asio_side {
namespace {

namespace asio = boost::asio;
using loop = asio::io_context;
template <class T, class Pool>
using coroutine = asio::awaitable<T, typename Pool::executor_type>;

void rethrow(std::exception_ptr e) {
  if (e) std::rethrow_exception(e);
}

template <class Pool>
coroutine<void, Pool> nothing() {
  co_return;
}

template <class Pool>
class batches {
 public:
  batches(Pool& on, std::uint64_t each, std::uint64_t how_many)
      : on_{on}, each_{each}, left_{how_many} {}

  void next() {
    if (left_ == 0) return done.count_down();
    --left_;
    running_.store(each_, std::memory_order_relaxed);
    // Once the last is spawned another thread may end it all: nothing of *this is read then.
    for (std::uint64_t i = each_; i-- != 0;)
      asio::co_spawn(on_, nothing<Pool>(), [this](std::exception_ptr e) {
        rethrow(e);
        if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) next();
      });
  }
  std::latch done{1};

 private:
  Pool& on_;
  std::uint64_t each_;
  std::uint64_t left_;
  std::atomic<std::uint64_t> running_{0};
};

coroutine<std::uint64_t, loop> leaf(std::uint64_t x) { co_return x; }

coroutine<void, loop> awaits(std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; ++i) sum += co_await leaf(i);
  if (sum != n * (n - 1) / 2) throw std::runtime_error{"an awaited value is wrong"};
}

using timer =
    asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>, loop::executor_type>;

coroutine<void, loop> nap(loop& on) {
  timer until{on, std::chrono::hours{1}};
  co_await until.async_wait(asio::use_awaitable_t<loop::executor_type>());
}

struct many_timers {
  explicit many_timers(std::uint64_t n) {
    for (std::uint64_t i = 0; i < n; ++i)
      waiting.emplace_back(on, start + delay(i)).async_wait([](auto) {});
  }
  loop on{1};
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::deque<timer> waiting;
};

}  // namespace

sample spawn(unsigned threads, std::uint64_t batch) {
  if (threads == 1)
    return per_op(
        [on = std::make_shared<loop>(1), batch](std::uint64_t n) {
          batches<loop> all{*on, batch, n};
          asio::post(*on, [&] { all.next(); });
          on->restart();
          on->run();
        },
        static_cast<double>(batch));
  return per_op(
      [on = std::make_shared<asio::thread_pool>(threads), batch](std::uint64_t n) {
        batches<asio::thread_pool> all{*on, batch, n};
        asio::post(*on, [&] { all.next(); });
        all.done.wait();
      },
      static_cast<double>(batch));
}

sample await_leaf() {
  return per_op([on = std::make_shared<loop>(1)](std::uint64_t n) {
    asio::co_spawn(*on, awaits(n), rethrow);
    on->restart();
    on->run();
  });
}

sample timers(std::uint64_t pending) {
  return per_op([pending, among = std::make_shared<many_timers>(pending)](std::uint64_t n) {
    timer one{among->on};
    for (std::uint64_t i = 0; i < n; ++i) {
      one.expires_at(among->start + delay(pending + i));
      one.async_wait([](auto) {});
      one.cancel();
      if (i % 64 == 0) among->on.poll();
    }
    among->on.poll();
  });
}

sample sleeping_bytes(std::uint64_t coroutines) {
  return [coroutines, on = std::make_shared<loop>(1)] {
    auto const before = resident_bytes();
    for (std::uint64_t i = 0; i < coroutines; ++i) asio::co_spawn(*on, nap(*on), rethrow);
    on->poll();
    auto const after = resident_bytes();
    return static_cast<double>(after - before) / static_cast<double>(coroutines);
  };
}

}  // namespace bench::asio_side
