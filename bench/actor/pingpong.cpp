// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost an actor to send a message to another and to get one back?
// Method    Two actors with handlers; each answers what it is sent, until so many trips are done.
// Rivals    CAF: event-based actors with behaviours of functions, which send plain integers, on its
//           default scheduler with as many workers (sharing one queue is slower here).
// Reads as  ns per round trip, two messages; ratio > 1 where weft is cheaper.
#include "support/caf_side.hpp"
#include "support/weft_side.hpp"

#include <future>

namespace {

struct ball;
struct trips {
  std::uint64_t n;
  weft::gate* over;
};

class player : public weft::actor<ball, trips> {
  weft::ref<ball> other_{};
  std::uint64_t left_ = 0;
  weft::gate* over_ = nullptr;

 public:
  explicit player(weft::ref<ball> other = {}) : other_(other) {}
  void on(trips t);
  void on(ball b);
};
struct ball {
  weft::ref<ball> from;
};
void player::on(trips t) {
  left_ = t.n;
  over_ = t.over;
  other_.tell(ball{self()});
}
void player::on(ball b) {
  if (over_ == nullptr) {
    b.from.tell(ball{self()});
  } else if (--left_ != 0) {
    other_.tell(ball{self()});
  } else {
    over_->open();
  }
}

template <unsigned Workers>
bench::sample ours() {
  auto on = bench::workers(Workers);
  auto const pong = weft::spawn_actor<player>({.on = on.get()});
  auto const ping = weft::spawn_actor<player>({.on = on.get()}, weft::ref<ball>(pong));
  return bench::per_op([on, ping](std::uint64_t n) {
    weft::gate over;
    ping.tell(trips{n, &over});
    over.opened().wait();
  });
}

#if WEFT_BENCH_CAF
caf::behavior caf_pong(caf::event_based_actor* self) {
  return {[self](std::uint64_t n) {
    self->send(caf::actor_cast<caf::actor>(self->current_sender()), n);
  }};
}

struct caf_ping_state {
  std::uint64_t left = 0;
  std::promise<void>* over = nullptr;
};
caf::behavior caf_ping(caf::stateful_actor<caf_ping_state>* self, caf::actor other) {
  return {[self, other](std::uint64_t n, std::uint64_t over) {
            self->state.left = n;
            self->state.over = reinterpret_cast<std::promise<void>*>(over);
            self->send(other, n);
          },
          [self, other](std::uint64_t n) {
            if (--self->state.left != 0) {
              self->send(other, n);
            } else {
              self->state.over->set_value();
            }
          }};
}

template <unsigned Workers>
bench::sample of_caf() {
  auto const sys = bench::caf_system(Workers, false);
  auto const other = sys->spawn(caf_pong);
  auto const ping = sys->spawn(caf_ping, other);
  auto const stop = std::shared_ptr<void>(nullptr, [sys, ping, other](void*) {
    caf::anon_send_exit(ping, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  });
  return bench::per_op([stop, ping](std::uint64_t n) {
    std::promise<void> over;
    caf::anon_send(ping, n, reinterpret_cast<std::uint64_t>(&over));
    over.get_future().get();
  });
}
#else
template <unsigned>
constexpr std::nullptr_t of_caf = nullptr;
#endif

const bench::add one{{
    .name = "actor.pingpong.1w/caf",
    .ours = ours<1>,
    .rival = of_caf<1>,
    .package = "libcaf-dev",
}};
const bench::add two{{
    .name = "actor.pingpong.2w/caf",
    .ours = ours<2>,
    .rival = of_caf<2>,
    .package = "libcaf-dev",
}};

}  // namespace
