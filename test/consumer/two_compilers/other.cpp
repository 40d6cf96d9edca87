// SPDX-License-Identifier: Apache-2.0
#include <weft/task/task.hpp>

namespace {

weft::task<int> one() { co_return 1; }

}  // namespace

weft::task<int> count(int n);

weft::task<int> count(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    int x = co_await one();
    sum += x;
  }
  co_return sum;
}
