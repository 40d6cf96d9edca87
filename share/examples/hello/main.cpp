// SPDX-License-Identifier: Apache-2.0
// hello             three tasks, one sum
// hello --throw     one of the tasks fails: the others are cancelled, the error tells its way
// hello --deadlock  two tasks take two locks in opposite order
// hello --hang      tasks that wait: SIGQUIT (Ctrl-\) lists them, SIGINT (Ctrl-C) ends the program
#include <weft/weft.hpp>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string_view>

using namespace std::chrono_literals;

weft::task<int> measure(int x) {
  co_await weft::after(1ms);
  co_return x;
}

weft::task<> sum() {
  auto work = [](weft::group& g) -> weft::task<int> {
    auto a = g.spawn(measure, 10);  // runs at once; a future<int>
    auto b = g.spawn(measure, 14);
    auto c = g.spawn(measure, 18);
    int all = co_await a.get();
    all += co_await b.get();
    all += co_await c.get();
    co_return all;
  };  // nothing that was spawned in the group outlives it
  int const all = co_await weft::with_group(work);
  std::printf("3 tasks, sum %d\n", all);
}

weft::task<int> read_sensor() {
  co_await weft::after(1ms);
  throw std::runtime_error("the sensor does not answer");
}

weft::task<int> measure_well() {
  int const x = co_await read_sensor();
  co_return 2 * x;
}

weft::task<> measure_tomorrow() { co_await weft::after(24h); }

weft::task<> fail() {
  auto work = [](weft::group& g) -> weft::task<> {
    g.spawn(measure_well);
    g.spawn(measure_tomorrow);
    g.spawn(measure_tomorrow);
    co_return;
  };
  co_await weft::with_group(work);
}

struct kitchen {
  weft::mutex knife{"knife"};
  weft::mutex board{"board"};
  weft::gate knife_taken;
  weft::gate board_taken;
};

weft::task<> chop(kitchen& k) {
  auto knife = co_await k.knife.acquire();
  k.knife_taken.open();
  co_await k.board_taken.opened();
  auto board = co_await k.board.acquire();
}

weft::task<> slice(kitchen& k) {
  auto board = co_await k.board.acquire();
  k.board_taken.open();
  co_await k.knife_taken.opened();
  auto knife = co_await k.knife.acquire();
}

weft::task<> deadlock() {
  kitchen k;
  auto work = [&k](weft::group& g) -> weft::task<> {
    g.spawn(chop, std::ref(k));
    g.spawn(slice, std::ref(k));
    co_return;
  };
  co_await weft::with_group(work);
}

weft::task<> serve(weft::receiver<int>& orders) {
  while (auto order = co_await orders.recv()) {
    std::printf("order %d\n", *order);
  }
}

weft::task<> open_shop(weft::receiver<int>& orders) { co_await serve(orders); }

weft::task<> hang() {
  auto orders = weft::make_channel<int>(8, "orders");
  auto work = [&orders](weft::group& g) -> weft::task<> {
    g.spawn(open_shop, std::ref(orders.rx));
    g.spawn(measure_tomorrow);
    std::puts("waiting: Ctrl-\\ lists the tasks, Ctrl-C ends the program");
    std::fflush(stdout);
    co_return;
  };
  co_await weft::with_group(work);
}

int main(int argc, char** argv) {
  std::string_view const option = argc > 1 ? argv[1] : "";
  if (option == "") return weft::main(sum);
  if (option == "--throw") return weft::main(fail);
  if (option == "--deadlock") return weft::main(deadlock);
  if (option == "--hang") return weft::main(hang);
  std::fprintf(stderr, "hello: unknown option %s\nusage: hello [--throw|--deadlock|--hang]\n",
               argv[1]);
  return 2;
}
