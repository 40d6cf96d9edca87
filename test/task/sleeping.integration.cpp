// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <unistd.h>

// Runs in a process of its own, so that what other tests freed is not reused unseen.

namespace {

using namespace std::chrono_literals;

constexpr std::size_t many = 1'000'000;
constexpr std::size_t limit = 300;

std::size_t resident_bytes() {
  std::size_t pages = 0;
  std::size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> pages >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

weft::task<> sleeps() { co_await weft::after(1h); }

TEST(sleeping, a_million_tasks_take_at_most_300_bytes_each) {
  weft::runtime rt{{.workers = 2}};
  weft::group g{rt};
  g.spawn(&sleeps);
  while (rt.stats().jobs < 1 || rt.stats().idle != 2) std::this_thread::yield();
  auto const before = resident_bytes();
  for (std::size_t i = 0; i < many; ++i) g.spawn(&sleeps);
  while (rt.stats().jobs < many + 1 || rt.stats().idle != 2) std::this_thread::yield();
  auto const each = static_cast<double>(resident_bytes() - before) / many;
  std::printf("%.1f bytes for a sleeping task: %zu for its execution and outcome\n", each,
              sizeof(weft::detail::child<void>));
  RecordProperty("bytes", std::to_string(each));
  EXPECT_EQ(g.live(), many + 1);
  EXPECT_LE(each, limit);
  auto const begin = weft::clock::now();
  g.cancel("time to get up");
  auto const told = weft::clock::now();
  g.join().wait();
  auto const ended = weft::clock::now();
  std::printf("cancelled in %.0f ns each, ended in %.0f ns each\n",
              std::chrono::duration<double, std::nano>(told - begin).count() / many,
              std::chrono::duration<double, std::nano>(ended - begin).count() / many);
}

}  // namespace
