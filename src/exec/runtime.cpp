// SPDX-License-Identifier: Apache-2.0
#include "blocking_pool.hpp"
#include "scheduler.hpp"

#include <weft/base/error.hpp>
#include <weft/exec/topology.hpp>
#include <weft/wait/dump.hpp>

#include <algorithm>
#include <cstdlib>

namespace weft::inline WEFT_ON {
namespace {

unsigned workers_wanted() {
  char const* const text = std::getenv("WEFT_WORKERS");
  if (!text || !*text) return this_machine().usable();
  char* end = nullptr;
  auto const n = std::strtoul(text, &end, 10);
  if (*end != '\0' || n == 0 || n > 448)
    throw misuse_error(std::string("WEFT_WORKERS=") + text +
                       " is not a number of workers: give one from 1 to 448");
  return static_cast<unsigned>(n);
}

runtime::options completed(runtime::options o) {
  if (o.workers == 0) o.workers = workers_wanted();
  if (o.blocking_threads == 0)
    o.blocking_threads = std::max(4u, 2 * this_machine().usable());
  return o;
}

}  // namespace

namespace detail {

/// A scheduler with its pool; the pool goes first, so that its last jobs still find workers.
struct machinery {
  machinery(runtime& r, runtime::options const& o)
      : tasks(r, o), blocking(o.name, o.blocking_threads) {}
  scheduler tasks;
  blocking_pool blocking;
};

}  // namespace detail

runtime::runtime() : runtime(options{}) {}

runtime::runtime(options o)
    : inside_(std::make_unique<detail::machinery>(*this, completed(std::move(o)))) {}

runtime::~runtime() {
  if (on_worker())
    detail::die("a runtime is destroyed on its own worker, which it would have to join",
                "destroy it in the thread that made it");
  if (inside_->blocking.on_thread())
    detail::die("a runtime is destroyed by a blocking call of its own, which it has to wait for",
                "destroy it in the thread that made it");
  root().cancel("the runtime is shut down");
  inside_->tasks.wait_for_work(never);
}

void runtime::post(job& j) noexcept { inside_->tasks.post(j); }
void runtime::post_next(job& j) noexcept { inside_->tasks.post_next(j); }
time_point runtime::now() const noexcept { return atoms::now(); }
void runtime::arm(timer& t) noexcept { inside_->tasks.arm(t); }
void runtime::disarm(timer& t) noexcept { inside_->tasks.disarm(t); }
void runtime::blocking_begin() noexcept { inside_->tasks.blocking_begin(); }
void runtime::blocking_end() noexcept { inside_->tasks.blocking_end(); }
void runtime::post_blocking(job& j) { inside_->blocking.post(j); }
bool runtime::take_back_blocking(job& j) noexcept { return inside_->blocking.take_back(j); }
bool runtime::blocking_busy() const noexcept { return inside_->blocking.busy(); }
scope runtime::root() const noexcept { return inside_->tasks.root; }
unsigned runtime::workers() const noexcept { return inside_->tasks.workers(); }
void runtime::begin_work() noexcept { inside_->tasks.begin_work(); }
void runtime::end_work() noexcept { inside_->tasks.end_work(); }
bool runtime::on_worker() const noexcept { return inside_->tasks.mine() != nullptr; }
void runtime::on_all_asleep(std::function<void()> f) {
  inside_->tasks.on_all_asleep(std::move(f));
}

std::string runtime::dump() const {
  auto const s = stats();
  return std::to_string(s.workers) + " workers, " + std::to_string(s.idle) + " asleep; " +
         std::to_string(s.blocking) + " blocking threads\n" +
         describe_tasks(*inside_->tasks.root.state());
}

runtime::statistics runtime::stats() const noexcept {
  auto s = inside_->tasks.stats();
  s.blocking = inside_->blocking.threads();
  return s;
}

bool runtime::wind_down(std::string_view reason, duration limit) noexcept {
  root().cancel(reason);
  return inside_->tasks.wait_for_work(atoms::now() + limit);
}

runtime& current_runtime() {
  auto* const w = detail::scheduler::of_thread();
  return w ? *w->home->facade : default_runtime();
}

blocking_region::blocking_region() noexcept : of_(nullptr) {
  if (auto* const w = detail::scheduler::of_thread()) {
    of_ = w->home->facade;
    of_->blocking_begin();
  }
}

blocking_region::~blocking_region() {
  if (of_) of_->blocking_end();
}

}  // namespace weft::inline WEFT_ON
