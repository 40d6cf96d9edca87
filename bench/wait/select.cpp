// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost to wait for whichever of two channels comes first?
// Method    A task selects between two receives, which always blocks; another one sends to either
//           channel in turn and waits for an acknowledgement. One worker, capacity 1.
// Rivals    Asio channels on io_context with the concurrency hint 1, a parallel group that waits
//           for one. Boost.Fiber and oneTBB cannot wait for one of several.
// Reads as  ns per round, its send and acknowledgement included; ratio > 1 where weft is cheaper.
#include "support/asio_side.hpp"
#include "support/weft_side.hpp"

#include <stdexcept>

namespace {

using number = std::uint64_t;

void must_be(bool right) {
  if (!right) throw std::runtime_error{"a select gave the wrong value"};
}

weft::task<> send_in_turn(number n, weft::sender<number> a, weft::sender<number> b,
                          weft::receiver<number> done) {
  for (number i = 0; i < n; ++i) {
    auto& to = i % 2 == 0 ? a : b;
    auto sent = co_await to.send(i);
    must_be(bool(sent));
    auto seen = co_await done.recv();
    must_be(bool(seen));
  }
}

weft::task<> selects(number n) {
  auto a = weft::make_channel<number>(1);
  auto b = weft::make_channel<number>(1);
  auto done = weft::make_channel<number>(1);
  auto body = [&](weft::group& g) -> weft::task<> {
    (void)g.spawn(send_in_turn, n, std::move(a.tx), std::move(b.tx), std::move(done.rx));
    for (number i = 0; i < n; ++i) {
      auto got = co_await weft::select(a.rx.recv(), b.rx.recv());
      must_be(got.index() == i % 2 && (i % 2 == 0 ? std::get<0>(got) : std::get<1>(got)) == i);
      auto sent = co_await done.tx.send(i);
      must_be(bool(sent));
    }
  };
  co_await weft::with_group(body);
}

const bench::add row{{
    .name = "wait.select.2/asio",
    .ours = [] { return bench::per_op_of_task(1, selects); },
    .rival = bench::asio_side::select_two,
}};

}  // namespace
