// SPDX-License-Identifier: Apache-2.0
#include "exec/signals.hpp"
#include "unjoined.hpp"

#include <weft/task/main.hpp>

#include <cstdio>
#include <filesystem>
#include <mutex>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr char const* all_asleep = "deadlock: all tasks are asleep, and nothing will wake them";

// Threads of this process that weft does not know might wake a task; with one, there is no
// telling.
bool only_known_threads(runtime const& rt, unsigned own) {
  auto const s = rt.stats();
  std::size_t n = 0;
  std::error_code ignored;
  for ([[maybe_unused]] auto const& t :
       std::filesystem::directory_iterator("/proc/self/task", ignored))
    ++n;
  return n != 0 && n <= s.threads + s.blocking + own;
}

}  // namespace

struct program::inside {
  // The mask first: threads made later inherit it, so only the watcher sees the signals.
  signals watch;
  runtime& rt = default_runtime();
  group all{rt};
  atoms::atomic<bool> asleep{false};

  inside() {
    watch.start(all.in(), [this] { return rt.dump(); });
    rt.on_all_asleep([this] { diagnose(); });
  }
  ~inside() { rt.on_all_asleep({}); }

  void diagnose() {
    constexpr unsigned main_and_watcher = 2;
    // Nothing of the program's is left: its thread is about to see that.
    if (all.live() == 0) return;
    if (rt.blocking_busy() || !only_known_threads(rt, main_and_watcher)) return;
    auto const tasks = rt.dump();
    std::fprintf(stderr, "weft: %s\n%s", all_asleep, tasks.c_str());
    asleep.store(true, release);  // pub main.asleep -> join
    all.cancel(all_asleep);
  }
};

program::program() : inside_(std::make_unique<inside>()) {}
program::~program() = default;

group& program::tasks() noexcept { return inside_->all; }

int report_failure() noexcept {
  auto const error = std::current_exception();
  auto& trace = current_context().trace;
  bool const its = trace && trace->error == error;
  std::fprintf(stderr, "weft: error: %s\n%s", text_of(error).c_str(),
               its ? trace->chain.text().c_str() : "");
  return 1;
}

int program::join(outcome_base const& body) noexcept {
  try {
    inside_->all.join().wait();
  } catch (...) {
    return report_failure();
  }
  if (inside_->asleep.load(acquire)) return 1;  // sub main.asleep
  if (inside_->watch.interrupted()) {
    std::fprintf(stderr, "weft: interrupted\n");
    return 130;
  }
  if (body.how() == outcome_base::ending::value) return 0;
  std::fprintf(stderr, "weft: the program was cancelled: %s\n", body.reason().c_str());
  return 1;
}

}  // namespace weft::inline WEFT_ON::detail
