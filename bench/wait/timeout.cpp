// SPDX-License-Identifier: Apache-2.0
// Question  What does a time limit add to a wait that ends before it?
// Method    A task receives with a limit of 10 s, which always blocks; another one sends and waits
//           for an acknowledgement. One worker, capacity 1.
// Rivals    Asio channels on io_context with the concurrency hint 1; a parallel group of the
//           receive and one steady_timer that is set anew for each round.
// Reads as  ns per round, its send and acknowledgement included; ratio > 1 where weft is cheaper.
#include "support/asio_side.hpp"
#include "support/weft_side.hpp"

#include <stdexcept>

namespace {

using namespace std::chrono_literals;
using number = std::uint64_t;

void must_be(bool right) {
  if (!right) throw std::runtime_error{"a receive gave the wrong value"};
}

weft::task<> send_all(number n, weft::sender<number> to, weft::receiver<number> done) {
  for (number i = 0; i < n; ++i) {
    auto sent = co_await to.send(i);
    must_be(bool(sent));
    auto seen = co_await done.recv();
    must_be(bool(seen));
  }
}

weft::task<> receives(number n) {
  auto values = weft::make_channel<number>(1);
  auto done = weft::make_channel<number>(1);
  auto body = [&](weft::group& g) -> weft::task<> {
    (void)g.spawn(send_all, n, std::move(values.tx), std::move(done.rx));
    for (number i = 0; i < n; ++i) {
      auto got = co_await (values.rx.recv() | weft::timeout(10s));
      must_be(got == i);
      auto sent = co_await done.tx.send(i);
      must_be(bool(sent));
    }
  };
  co_await weft::with_group(body);
}

const bench::add row{{
    .name = "wait.timeout/asio",
    .ours = [] { return bench::per_op_of_task(1, receives); },
    .rival = bench::asio_side::receive_or_timeout,
}};

}  // namespace
