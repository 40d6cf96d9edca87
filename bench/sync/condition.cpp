// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost to wait for a change, and to be told of it?
// Method    Two take turns: each waits under the mutex until it is its turn, gives the turn to the
//           other, and notifies. 2t: threads on both sides. task: weft's are tasks on a runtime of
//           one worker.
// Rivals    std::mutex and std::condition_variable with two threads.
// Reads as  ns per turn; ratio > 1 where weft is cheaper.
#include "support/weft_side.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace {

struct std_table {
  std::mutex m;
  std::condition_variable c;
  bool turn = false;

  void play(bool mine, std::uint64_t n) {
    while (n-- != 0) {
      std::unique_lock lock{m};
      c.wait(lock, [&] { return turn == mine; });
      turn = !mine;
      c.notify_one();
    }
  }
};

struct weft_table {
  weft::mutex m;
  weft::condition c;
  bool turn = false;

  void play(bool mine, std::uint64_t n) {
    while (n-- != 0) {
      auto lock = m.acquire().wait();
      c.wait(lock, [&] { return turn == mine; }).wait();
      turn = !mine;
      c.notify_one();
    }
  }
  weft::task<> plays(bool mine, std::uint64_t n) {
    while (n-- != 0) {
      auto lock = co_await m.acquire();
      auto op = c.wait(lock, [this, mine] { return turn == mine; });
      co_await std::move(op);
      turn = !mine;
      c.notify_one();
    }
  }
};

template <class Table>
bench::sample threads() {
  return bench::per_op(
      [](std::uint64_t n) {
        Table table;
        std::jthread const other{[&] { table.play(true, n); }};
        table.play(false, n);
      },
      2);
}

weft::task<> two_play(std::uint64_t n) {
  weft_table table;
  auto body = [&table, n](weft::group& g) -> weft::task<> {
    g.spawn([&table, n] { return table.plays(false, n); });
    g.spawn([&table, n] { return table.plays(true, n); });
    co_return;
  };
  co_await weft::with_group(body);
}

bench::sample tasks() { return bench::per_op_of_task(1, two_play, 2); }

const bench::add of_threads{{
    .name = "sync.condition.2t/std",
    .ours = threads<weft_table>,
    .rival = threads<std_table>,
}};

const bench::add of_tasks{{
    .name = "sync.condition.task/std",
    .ours = tasks,
    .rival = threads<std_table>,
}};

}  // namespace
