// SPDX-License-Identifier: Apache-2.0
// What an actor costs that nobody talks to, in resident memory.
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

#include <unistd.h>

namespace {

struct add {
  int n;
};

double resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, pages = 0;
  in >> all >> pages;
  return static_cast<double>(pages) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

class counter : public weft::actor<add> {
  long sum_ = 0;

 public:
  void on(add m) { sum_ += m.n; }
};

class walker : public weft::actor<add> {
  long sum_ = 0;

 public:
  weft::task<> run() {
    for (;;) {
      auto const m = co_await receive();
      sum_ += m.n;
    }
  }
};

// Bytes that each of so many actors has taken, when all of them are idle.
template <class T>
double bytes_of(std::size_t n) {
  weft::runtime own({.workers = 1});
  std::vector<weft::ref<add>> all(n);
  // What the first ones make for all.
  (void)weft::spawn<T>(weft::actor_options{.on = &own}).wait();
  auto const before = resident();
  for (auto& a : all) a = weft::spawn_actor<T>({.on = &own});
  for (weft::backoff pause; own.stats().idle != 1; pause()) {
  }
  auto const each = (resident() - before) / static_cast<double>(n);
  std::printf("%.0f bytes each\n", each);
  return each;
}

TEST(memory, an_idle_actor_is_one_cell) { EXPECT_LE(bytes_of<counter>(1'000'000), 136); }

TEST(memory, a_coroutine_actor_that_receives) { EXPECT_LE(bytes_of<walker>(100'000), 640); }

}  // namespace
