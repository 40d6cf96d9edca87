// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace {

using namespace std::chrono_literals;

/// What the kernel has counted for the threads of this process whose name starts with `name`.
struct activity {
  unsigned threads = 0;
  std::uint64_t switches = 0;   // voluntary and not
  std::uint64_t cpu_ticks = 0;  // of 10 ms, in user and kernel mode
  std::uint64_t run_ns = 0;     // on a processor, by the scheduler's own clock
};

activity of_threads(std::string const& name) {
  activity a;
  for (auto const& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string line;
    std::getline(std::ifstream(entry.path() / "comm"), line);
    if (!line.starts_with(name)) continue;
    ++a.threads;
    std::ifstream status(entry.path() / "status");
    while (std::getline(status, line)) {
      auto const colon = line.find(':');
      if (line.find("ctxt_switches") == line.npos) continue;
      a.switches += std::stoull(line.substr(colon + 1));
    }
    std::ifstream stat(entry.path() / "stat");
    std::getline(stat, line);
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int i = 0; i < 11; ++i) fields >> skipped;  // up to utime and stime
    std::uint64_t user = 0;
    std::uint64_t system = 0;
    fields >> user >> system;
    a.cpu_ticks += user + system;
    std::uint64_t ns = 0;
    std::ifstream(entry.path() / "schedstat") >> ns;
    a.run_ns += ns;
  }
  return a;
}

void expect_no_wake_ups_for_2_s(std::string const& name, unsigned threads) {
  weft::after(300ms).wait();  // the one look after work has been held, and its diagnosis
  auto const before = of_threads(name);
  ASSERT_EQ(before.threads, threads);
  weft::after(2s).wait();
  auto const after = of_threads(name);
  EXPECT_EQ(after.switches - before.switches, 0u);
  EXPECT_EQ(after.cpu_ticks - before.cpu_ticks, 0u);
  EXPECT_EQ(after.run_ns - before.run_ns, 0u);
}

weft::task<int> works() {
  for (int i = 0; i < 100; ++i) co_await weft::yield();
  co_await weft::after(1ms);
  co_return 1;
}

TEST(idle, a_runtime_without_work_makes_no_wake_ups) {
  weft::runtime rt{{.workers = 4, .name = "idle"}};
  EXPECT_EQ(weft::sync_wait(works(), rt), 1);
  expect_no_wake_ups_for_2_s("idle", 4);
}

TEST(idle, tasks_that_wait_for_each_other_make_no_wake_ups) {
  weft::runtime rt{{.workers = 4, .name = "wait"}};
  weft::gate open;
  auto waits = [&]() -> weft::task<> { co_await open.opened(); };
  weft::group g{rt};
  for (int i = 0; i < 100; ++i) g.spawn(std::ref(waits));
  expect_no_wake_ups_for_2_s("wait", 4);
  open.open();
  g.join().wait();
}

TEST(idle, a_task_that_sleeps_long_makes_no_wake_ups_meanwhile) {
  weft::runtime rt{{.workers = 2, .name = "long"}};
  auto sleeps = []() -> weft::task<> { co_await weft::after(1h); };
  weft::group g{rt};
  g.spawn(sleeps);
  expect_no_wake_ups_for_2_s("long", 2);
}

}  // namespace
