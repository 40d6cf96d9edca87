// SPDX-License-Identifier: Apache-2.0
// Question  What does a message cost that wakes one actor after the other?
// Method    503 actors with handlers in a ring (a prime, after the Computer Language Benchmarks
//           Game); one token is passed on until so many hops are done.
// Rivals    CAF: event-based actors with behaviours of functions, which send plain integers, on its
//           default scheduler with as many workers.
// Reads as  ns per hop; ratio > 1 where weft is cheaper.
#include "support/caf_side.hpp"
#include "support/weft_side.hpp"

#include <future>

namespace {

constexpr unsigned members = 503;

struct token {
  std::uint64_t left;
  weft::gate* over;
};
struct next {
  weft::ref<token> who;
};

class member : public weft::actor<token, next> {
  weft::ref<token> next_{};

 public:
  void on(next n) { next_ = n.who; }
  void on(token t) {
    if (t.left == 0) return t.over->open();
    next_.tell(token{t.left - 1, t.over});
  }
};

template <unsigned Workers>
bench::sample ours() {
  auto on = bench::workers(Workers);
  auto const first = weft::spawn_actor<member>({.on = on.get()});
  weft::ref<token> last = first;
  for (unsigned i = 1; i < members; ++i) {
    auto const one = weft::spawn_actor<member>({.on = on.get()});
    one.tell(next{last});
    last = one;
  }
  first.tell(next{last});
  return bench::per_op([on, last](std::uint64_t n) {
    weft::gate over;
    last.tell(token{n, &over});
    over.opened().wait();
  });
}

#if WEFT_BENCH_CAF
struct caf_member_state {
  caf::actor next;
};
caf::behavior caf_member(caf::stateful_actor<caf_member_state>* self) {
  return {[self](caf::actor const& who) { self->state.next = who; },
          [self](std::uint64_t left, std::uint64_t over) {
            if (left == 0) return reinterpret_cast<std::promise<void>*>(over)->set_value();
            self->send(self->state.next, left - 1, over);
          }};
}

template <unsigned Workers>
bench::sample of_caf() {
  auto const sys = bench::caf_system(Workers, false);
  auto const first = sys->spawn(caf_member);
  std::vector<caf::actor> all{first};
  for (unsigned i = 1; i < members; ++i) {
    all.push_back(sys->spawn(caf_member));
    caf::anon_send(all[i], all[i - 1]);
  }
  caf::anon_send(first, all.back());
  auto const stop = std::shared_ptr<void>(nullptr, [sys, all](void*) {
    for (auto const& a : all) caf::anon_send_exit(a, caf::exit_reason::kill);
  });
  return bench::per_op([stop, last = all.back()](std::uint64_t n) {
    std::promise<void> over;
    caf::anon_send(last, n, reinterpret_cast<std::uint64_t>(&over));
    over.get_future().get();
  });
}
#else
template <unsigned>
constexpr std::nullptr_t of_caf = nullptr;
#endif

const bench::add one{{
    .name = "actor.ring.1w/caf",
    .ours = ours<1>,
    .rival = of_caf<1>,
    .package = "libcaf-dev",
}};
const bench::add two{{
    .name = "actor.ring.2w/caf",
    .ours = ours<2>,
    .rival = of_caf<2>,
    .package = "libcaf-dev",
}};

}  // namespace
