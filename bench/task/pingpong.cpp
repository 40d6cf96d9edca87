// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost to hand a value to another task and to wait for its answer?
// Method    Two tasks send numbers to and fro through two rendezvous channels (capacity 0).
// Rivals    Boost.Fiber unbuffered_channel. 1w: both fibers in the thread that measures, on the
//           default scheduler. 2w: two threads with one queue of ready fibers (algo::shared_work,
//           suspending): its best, ahead of work_stealing and of a fiber a thread; a condition
//           variable or a tbb::concurrent_bounded_queue between two threads takes 15 times as long.
// Reads as  ns per hop, two hops a round trip; ratio > 1 where weft is cheaper.
#include "support/fiber_side.hpp"
#include "support/weft_side.hpp"

#include <stdexcept>

namespace {

void must_be(bool answered) {
  if (!answered) throw std::runtime_error{"the answer is wrong"};
}

weft::task<> echo(weft::receiver<std::uint64_t> in, weft::sender<std::uint64_t> out) {
  while (auto got = co_await in.recv()) {
    auto sent = co_await out.send(*got);
    must_be(bool(sent));
  }
}

weft::task<> round_trips(std::uint64_t n) {
  auto ping = weft::make_channel<std::uint64_t>(0);
  auto pong = weft::make_channel<std::uint64_t>(0);
  auto body = [&](weft::group& g) -> weft::task<> {
    (void)g.spawn(echo, std::move(ping.rx), std::move(pong.tx));
    for (std::uint64_t i = 0; i < n; ++i) {
      auto sent = co_await ping.tx.send(i);
      must_be(bool(sent));
      auto got = co_await pong.rx.recv();
      must_be(got == i);
    }
    ping.tx.close();
  };
  co_await weft::with_group(body);
}

template <unsigned Workers>
bench::sample ours() {
  return bench::per_op_of_task(Workers, round_trips, 2);
}

#if WEFT_BENCH_BOOST
using fiber_channel = boost::fibers::unbuffered_channel<std::uint64_t>;
constexpr auto fine = boost::fibers::channel_op_status::success;

void fiber_round_trips(std::uint64_t n) {
  fiber_channel ping;
  fiber_channel pong;
  boost::fibers::fiber other{[&] {
    std::uint64_t got = 0;
    while (ping.pop(got) == fine) must_be(pong.push(got) == fine);
  }};
  for (std::uint64_t i = 0; i < n; ++i) {
    std::uint64_t got = 0;
    must_be(ping.push(i) == fine);
    must_be(pong.pop(got) == fine && got == i);
  }
  ping.close();
  other.join();
}

bench::sample one_thread() { return bench::per_op(fiber_round_trips, 2); }

bench::sample two_threads() { return bench::per_op(bench::on_two_threads(fiber_round_trips), 2); }
#else
constexpr std::nullptr_t one_thread = nullptr;
constexpr std::nullptr_t two_threads = nullptr;
#endif

const bench::add one{{
    .name = "task.pingpong.1w/fiber",
    .ours = ours<1>,
    .rival = one_thread,
    .package = "libboost-fiber1.81-dev",
}};

const bench::add two{{
    .name = "task.pingpong.2w/fiber",
    .ours = ours<2>,
    .rival = two_threads,
    .package = "libboost-fiber1.81-dev",
}};

}  // namespace
