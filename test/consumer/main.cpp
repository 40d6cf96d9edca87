// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <cstdio>

weft::task<int> twice(int x) { co_return 2 * x; }

weft::task<> body() {
  auto work = [](weft::group& g) -> weft::task<int> {
    auto a = g.spawn(twice, 1);
    auto b = g.spawn(twice, 20);
    int x = co_await a.get();
    int y = co_await b.get();
    co_return x + y;
  };
  int sum = co_await weft::with_group(work);
  for (int i = 0; i < 100'000; ++i) {
    int x = co_await twice(0);  // no stack grows with the number of awaits
    sum += x;
  }
  std::printf("sum %d\n", sum);
}

int main() { return weft::main(body); }
