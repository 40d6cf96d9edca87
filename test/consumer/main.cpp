// SPDX-License-Identifier: Apache-2.0
#include <weft/task/group.hpp>
#include <weft/task/task.hpp>
#include <weft/task/with_group.hpp>
#include <weft/version.hpp>

#include <cstdio>

weft::task<int> twice(int x) { co_return 2 * x; }

weft::task<int> body() {
  auto work = [](weft::group& g) -> weft::task<int> {
    auto a = g.spawn(twice, 1);
    auto b = g.spawn(twice, 20);
    int x = co_await a.get();
    int y = co_await b.get();
    co_return x + y;
  };
  int sum = co_await weft::with_group(work);
  int none = 0;
  for (int i = 0; i < 100'000; ++i) {
    int x = co_await twice(0);  // no stack grows with the number of awaits
    none += x;
  }
  co_return sum + none;
}

int main() {
  weft::group g;
  auto sum = g.spawn(body);
  std::printf("sum %d\n", sum.get().wait());
}
