// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <weft/base/atoms.hpp>
#include <weft/exec/topology.hpp>

namespace weft::cli {
namespace {

std::string first_word(std::string const& file) {
  std::ifstream in{file};
  std::string word;
  in >> word;
  return word;
}

std::string plural(unsigned long n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
}

finding look_at_processors() {
  auto const p = this_machine();
  auto const quota =
      p.quota == 0 ? "no quota" : fmt::format("a quota of {}", plural(p.quota, "processor"));
  finding f{health::good, "processors",
            fmt::format("{} online, {} allowed by affinity, {}: {}", p.online, p.affinity, quota,
                        plural(p.usable(), "worker")),
            ""};
  if (p.usable() == 1) {
    f.how = health::note;
    f.advice = "with one worker tasks take turns; nothing runs beside another";
  }
  return f;
}

finding look_at_kernel() {
  utsname u{};
  if (::uname(&u) != 0) return {health::note, "kernel", "unknown", ""};
  return {health::good, "kernel", fmt::format("{} {} {}", u.sysname, u.release, u.machine), ""};
}

finding look_at_membarrier() {
  if (native::asymmetric())
    return {health::good, "membarrier", "available: the frequent side of its fences is free", ""};
  return {health::note, "membarrier", "not available: pins cost a full fence",
          "needs Linux 4.14 or newer, and a sandbox that lets membarrier(2) through"};
}

double resolution_ns(clockid_t which) {
  timespec t{};
  if (::clock_getres(which, &t) != 0) return 0;
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// What one look at the clock costs, in ns: the least of some tries, without interruptions.
double cost_ns() {
  constexpr int looks = 1000;
  auto least = std::chrono::nanoseconds::max();
  for (int i = 0; i < 10; ++i) {
    auto const start = native::now();
    for (int j = 0; j < looks; ++j) (void)native::now();
    least = std::min<std::chrono::nanoseconds>(least, native::now() - start);
  }
  return static_cast<double>(least.count()) / looks;
}

finding look_at_clock() {
  auto const source =
      first_word("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  auto const cost = cost_ns();
  finding f{health::good, "clock",
            fmt::format("resolution {:.0f} ns, coarse {:.0f} ms, {:.0f} ns a look{}",
                        resolution_ns(CLOCK_MONOTONIC),
                        resolution_ns(CLOCK_MONOTONIC_COARSE) / 1e6, cost,
                        source.empty() ? "" : ", source " + source),
            ""};
  constexpr double a_system_call = 200;
  if (cost > a_system_call) {
    f.how = health::note;
    f.advice = "the clock is read by a system call: timers and benchmarks are slower";
  }
  return f;
}

// The tightest limit of processes that a control group above this process sets; 0: none.
unsigned long limit_of_groups() {
  std::ifstream in{"/proc/self/cgroup"};
  std::string path;
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::")) path = line.substr(3);
  unsigned long least = 0;
  for (std::filesystem::path p = "/sys/fs/cgroup" + path; p.string().size() > 4;
       p = p.parent_path()) {
    std::ifstream file{p / "pids.max"};
    unsigned long n = 0;
    if (file >> n && n != 0 && (least == 0 || n < least)) least = n;
  }
  return least;
}

finding look_at_threads() {
  std::vector<std::string> limits;
  unsigned long least = ~0ul;
  auto note = [&](unsigned long n, char const* of) {
    limits.push_back(fmt::format("{} by {}", n, of));
    least = std::min(least, n);
  };
  rlimit r{};
  if (::getrlimit(RLIMIT_NPROC, &r) == 0 && r.rlim_cur != RLIM_INFINITY)
    note(r.rlim_cur, "ulimit -u");
  if (auto const n = limit_of_groups()) note(n, "the control group");
  if (auto const word = first_word("/proc/sys/kernel/threads-max"); !word.empty())
    note(std::stoul(word), "the kernel");
  if (limits.empty()) return {health::good, "threads", "no limit", ""};
  finding f{health::good, "threads", fmt::format("at most {}", fmt::join(limits, ", ")), ""};
  // Workers, the blocking pool, the spares, and as much again for the program itself.
  unsigned long const wanted = 2ul * (3ul * this_machine().usable() + 64ul + 4ul);
  if (least < wanted) {
    f.how = health::note;
    f.advice = fmt::format("a runtime may want {}; raise the limit, or set WEFT_WORKERS", wanted);
  }
  return f;
}

}  // namespace

chapter examine_machine() {
  return {"machine", {look_at_processors(), look_at_kernel(), look_at_membarrier(),
                      look_at_clock(), look_at_threads()}};
}

}  // namespace weft::cli
