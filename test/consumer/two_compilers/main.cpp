// SPDX-License-Identifier: Apache-2.0
#include <weft/task/group.hpp>
#include <weft/task/task.hpp>

#include <cstdio>

weft::task<int> count(int n);  // compiled by the other compiler

namespace {

weft::task<int> two() { co_return 2; }

weft::task<int> body() {
  int sum = 0;
  for (int i = 0; i < 10; ++i) {
    int theirs = co_await count(2);
    int ours = co_await two();
    sum += theirs + ours;
  }
  co_return sum + 2;
}

}  // namespace

int main() {
  weft::group g;
  auto sum = g.spawn(body);
  std::printf("sum %d\n", sum.get().wait());
}
