// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost to pass a message through a channel?
// Method    1 or 4 senders and as many receivers share a channel of capacity 64; the senders send
//           numbers, and the sum of what arrived is checked. weft's ends are tasks.
// Rivals    Boost.Fiber buffered_channel: 1_1 both fibers in the thread that measures (weft: one
//           worker); 4_4 two threads with one queue of ready fibers, its best (weft: two).
//           Asio: 1_1 basic_channel in one thread (weft: one worker); 4_4 basic_concurrent_channel
//           on two (weft: two). try_send and try_receive come before the awaits, the cheaper form.
//           oneTBB concurrent_bounded_queue, a thread for each sender and receiver (weft: two
//           workers).
// Reads as  ns per message; ratio > 1 where weft is cheaper.
#include "support/asio_side.hpp"
#include "support/fiber_side.hpp"
#include "support/weft_side.hpp"

#include <stdexcept>
#include <thread>
#include <vector>

#if WEFT_BENCH_TBB
#include <tbb/concurrent_queue.h>
#endif

namespace {

using number = std::uint64_t;
constexpr std::size_t capacity = 64;

void check(number sum, number each, unsigned senders) {
  if (sum != each * (each - 1) / 2 * senders) throw std::runtime_error{"a message was lost"};
}

weft::task<> send_all(weft::sender<number> to, number n) {
  for (number i = 0; i < n; ++i) {
    auto sent = co_await to.send(i);
    if (!sent) throw std::runtime_error{"the channel is closed"};
  }
}

weft::task<number> receive_all(weft::receiver<number> from) {
  number sum = 0;
  while (auto got = co_await from.recv()) sum += *got;
  co_return sum;
}

template <unsigned Ends>
weft::task<> transfer(number n) {
  auto body = [n](weft::group& g) -> weft::task<> {
    std::vector<weft::future<number>> sums;
    {
      auto [tx, rx] = weft::make_channel<number>(capacity);
      for (unsigned i = 0; i < Ends; ++i) sums.push_back(g.spawn(receive_all, rx));
      for (unsigned i = 0; i < Ends; ++i) (void)g.spawn(send_all, tx, n);
    }
    number sum = 0;
    for (auto& of_one : sums) sum += co_await of_one.get();
    check(sum, n, Ends);
  };
  co_await weft::with_group(body);
}

template <unsigned Ends, unsigned Workers>
bench::sample ours() {
  return bench::per_op_of_task(Workers, transfer<Ends>, Ends);
}

template <unsigned Ends, unsigned Threads>
bench::sample asio() {
  return bench::asio_side::messages(Threads, Ends, Ends, capacity);
}

#if WEFT_BENCH_BOOST
template <unsigned Ends>
void fiber_transfer(number n) {
  constexpr auto fine = boost::fibers::channel_op_status::success;
  boost::fibers::buffered_channel<number> through{capacity};
  number sums[Ends] = {};
  std::vector<boost::fibers::fiber> receivers;
  std::vector<boost::fibers::fiber> senders;
  for (number& sum : sums)
    receivers.emplace_back([&through, &sum] {
      number mine = 0;
      for (number got = 0; through.pop(got) == fine;) mine += got;
      sum = mine;
    });
  for (unsigned i = 0; i < Ends; ++i)
    senders.emplace_back([&through, n] {
      for (number v = 0; v < n; ++v) through.push(v);
    });
  for (auto& s : senders) s.join();
  through.close();
  for (auto& r : receivers) r.join();
  number total = 0;
  for (number const sum : sums) total += sum;
  check(total, n, Ends);
}

bench::sample one_fiber_thread() { return bench::per_op(fiber_transfer<1>); }

bench::sample two_fiber_threads() {
  return bench::per_op(bench::on_two_threads(fiber_transfer<4>), 4);
}
#else
constexpr std::nullptr_t one_fiber_thread = nullptr;
constexpr std::nullptr_t two_fiber_threads = nullptr;
#endif

#if WEFT_BENCH_TBB
template <unsigned Ends>
bench::sample tbb_queue() {
  return bench::per_op(
      [](number n) {
        tbb::concurrent_bounded_queue<number> through;
        through.set_capacity(capacity);
        number sums[Ends] = {};
        std::vector<std::jthread> threads;
        for (number& sum : sums) {
          threads.emplace_back([&through, &sum, n] {
            number mine = 0;
            for (number i = 0, got = 0; i < n; ++i) {
              through.pop(got);
              mine += got;
            }
            sum = mine;
          });
          threads.emplace_back([&through, n] {
            for (number v = 0; v < n; ++v) through.push(v);
          });
        }
        threads.clear();
        number total = 0;
        for (number const sum : sums) total += sum;
        check(total, n, Ends);
      },
      Ends);
}
#else
template <unsigned>
constexpr std::nullptr_t tbb_queue = nullptr;
#endif

const bench::add fiber_1_1{{
    .name = "chan.mpmc.1_1/fiber",
    .target = 1.3,
    .ours = ours<1, 1>,
    .rival = one_fiber_thread,
    .package = "libboost-fiber1.81-dev",
}};

const bench::add asio_1_1{{
    .name = "chan.mpmc.1_1/asio",
    .ours = ours<1, 1>,
    .rival = asio<1, 1>,
}};

const bench::add tbb_1_1{{
    .name = "chan.mpmc.1_1/tbb",
    .ours = ours<1, 2>,
    .rival = tbb_queue<1>,
    .package = "libtbb-dev",
}};

const bench::add fiber_4_4{{
    .name = "chan.mpmc.4_4/fiber",
    .ours = ours<4, 2>,
    .rival = two_fiber_threads,
    .package = "libboost-fiber1.81-dev",
}};

const bench::add asio_4_4{{
    .name = "chan.mpmc.4_4/asio",
    .ours = ours<4, 2>,
    .rival = asio<4, 2>,
}};

const bench::add tbb_4_4{{
    .name = "chan.mpmc.4_4/tbb",
    .ours = ours<4, 2>,
    .rival = tbb_queue<4>,
    .package = "libtbb-dev",
}};

}  // namespace
