// SPDX-License-Identifier: Apache-2.0
// Question  What does an actor cost that is made, handles one message and ends?
// Method    One actor makes so many others and sends each a message, at which it ends.
// Rivals    CAF: event-based actors with behaviours of functions, made lazily, on workers that
//           share one queue: a few times as fast here as its default, stealing.
// Reads as  ns per actor; ratio > 1 where weft is cheaper.
#include "support/caf_side.hpp"
#include "support/weft_side.hpp"

#include <atomic>
#include <future>

namespace {

struct job {
  std::atomic<std::uint64_t> left;
  weft::gate over;
};
struct work {
  job* of;
};

class once : public weft::actor<work> {
 public:
  void on(work w) {
    stop();
    if (w.of->left.fetch_sub(1, std::memory_order_acq_rel) == 1) w.of->over.open();
  }
};

class maker : public weft::actor<work> {
  weft::runtime* on_;

 public:
  explicit maker(weft::runtime* on) : on_(on) {}
  void on(work w) {
    for (auto n = w.of->left.load(std::memory_order_relaxed); n != 0; --n)
      weft::spawn_actor<once>({.on = on_}).tell(w);
  }
};

template <unsigned Workers>
bench::sample ours() {
  auto on = bench::workers(Workers);
  auto const first = weft::spawn_actor<maker>({.on = on.get()}, on.get());
  return bench::per_op([on, first](std::uint64_t n) {
    auto const j = std::make_unique<job>();
    j->left = n;
    first.tell(work{j.get()});
    j->over.opened().wait();
  });
}

#if WEFT_BENCH_CAF
struct caf_job {
  std::atomic<std::uint64_t> left;
  std::promise<void> over;
};
caf::behavior caf_once(caf::event_based_actor* self) {
  return {[self](std::uint64_t of) {
    self->quit();
    auto* const j = reinterpret_cast<caf_job*>(of);
    if (j->left.fetch_sub(1, std::memory_order_acq_rel) == 1) j->over.set_value();
  }};
}
caf::behavior caf_maker(caf::event_based_actor* self) {
  return {[self](std::uint64_t of) {
    auto const all = reinterpret_cast<caf_job*>(of)->left.load(std::memory_order_relaxed);
    for (auto n = all; n != 0; --n) self->send(self->spawn<caf::lazy_init>(caf_once), of);
  }};
}

template <unsigned Workers>
bench::sample of_caf() {
  auto const sys = bench::caf_system(Workers, true);
  auto const first = sys->spawn(caf_maker);
  auto const stop = std::shared_ptr<void>(nullptr, [sys, first](void*) {
    caf::anon_send_exit(first, caf::exit_reason::user_shutdown);
  });
  return bench::per_op([stop, first](std::uint64_t n) {
    auto const j = std::make_unique<caf_job>();
    j->left = n;
    auto over = j->over.get_future();
    caf::anon_send(first, reinterpret_cast<std::uint64_t>(j.get()));
    over.get();
  });
}
#else
template <unsigned>
constexpr std::nullptr_t of_caf = nullptr;
#endif

const bench::add one{{
    .name = "actor.create.1w/caf",
    .ours = ours<1>,
    .rival = of_caf<1>,
    .package = "libcaf-dev",
}};
const bench::add two{{
    .name = "actor.create.2w/caf",
    .ours = ours<2>,
    .rival = of_caf<2>,
    .package = "libcaf-dev",
}};

}  // namespace
