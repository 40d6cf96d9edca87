// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"

#include <fmt/format.h>
#include <weft/exec/blocking.hpp>
#include <weft/task/sync_wait.hpp>
#include <weft/task/with_group.hpp>
#include <weft/wait/after.hpp>

namespace weft::cli {
namespace {

task<int> answer(int x) { co_return x; }

task<int> spawn_and_join() {
  auto work = [](group& g) -> task<int> {
    auto one = g.spawn(answer, 20);
    auto other = g.spawn(answer, 22);
    int const x = co_await one.get();
    int const y = co_await other.get();
    co_return x + y;
  };
  int const sum = co_await with_group(work);
  co_return sum;
}

task<bool> sleep_and_time_out() {
  auto nap = as_result(after(std::chrono::hours(1)) | timeout(std::chrono::milliseconds(1)));
  auto const ended = co_await std::move(nap);
  co_return ended.failed();
}

task<int> call_a_thread() {
  auto const f = [] { return 42; };
  auto call = blocking(f);
  int const value = co_await std::move(call);
  co_return value;
}

template <class F>
finding attempt(char const* name, F f) {
  try {
    return {health::good, name, f(), ""};
  } catch (std::exception const& e) {
    return {health::broken, name, e.what(), ""};
  }
}

std::string must(bool right, char const* said) {
  if (!right) throw error(errc::misuse, "a task gave a wrong result");
  return said;
}

}  // namespace

chapter examine_runtime() {
  chapter c{"runtime", {}};
  c.findings.push_back(attempt("workers", [] {
    auto const n = default_runtime().workers();
    return fmt::format("{} started", n);
  }));
  if (c.findings.back().how == health::broken) return c;
  c.findings.push_back(attempt("tasks", [] {
    auto const start = clock::now();
    bool const right = sync_wait(spawn_and_join()) == 42;
    auto const us = std::chrono::duration<double, std::micro>(clock::now() - start).count();
    return must(right, "a group of two was spawned and joined") + fmt::format(" in {:.0f} us", us);
  }));
  c.findings.push_back(attempt("timers", [] {
    return must(sync_wait(sleep_and_time_out()), "a sleep was ended by its timeout");
  }));
  c.findings.push_back(attempt("blocking pool", [] {
    return must(sync_wait(call_a_thread()) == 42, "a call ran on a thread that may block");
  }));
  return c;
}

}  // namespace weft::cli
