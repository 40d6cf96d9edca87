// SPDX-License-Identifier: Apache-2.0
// The proof at the head of mem/restart.hpp on the smallest reclaimer there is: a reader that says
// when it reads, and one that takes an object away, gets the reader out, and frees it.
#include <support/scenario.hpp>

#include <weft/mem/restart.hpp>

namespace {

using weft::acquire, weft::relaxed, weft::release, weft::seq_cst;
using weft::atoms;
using namespace weft::detail;

struct object {
  atoms::var<int> value = 7;
};

// How the reclaimer gets the reader out.
struct ordered {
  static bool out(restart_point<atoms>& p) {
    return neutralizer<atoms>::send(p) == signalling::sent && neutralizer<atoms>::confirm();
  }
};
struct acknowledged {
  static bool out(restart_point<atoms>& p) {
    (void)neutralizer<atoms>::send(p);
    return false;
  }
};

template <class How>
struct world {
  atoms::atomic<object*> shared{new object};
  restart_point<atoms> slot;

  ~world() { delete shared.load(relaxed); }

  void join() { neutralizer<atoms>::prepare(slot); }

  // The sum of what it saw: all of it or nothing.
  void read() {
    int const sum = restartable(slot, [this]() noexcept {
      slot.phase.store(phase_reading, seq_cst);
      auto* const o = shared.load(seq_cst);
      int seen = 0;
      for (int i = 0; o != nullptr && i < 2; ++i) {
        (void)shared.load(relaxed);  // a step in between
        seen += static_cast<int>(o->value);
      }
      slot.phase.store(phase_idle, release);
      return seen;
    });
    weft_test::expect(sum == 0 || sum == 14);
  }

  void take_away() {
    auto* const o = shared.exchange(nullptr, seq_cst);
    if (o == nullptr) return;
    if (slot.phase.load(seq_cst) == phase_reading && !How::out(slot)) {
      while (slot.phase.load(acquire) == phase_reading) atoms::pause();
    }
    delete o;
  }
};

template <class How>
void one_read(auto& run) {
  world<How> w;
  run([&] { w.join(), w.read(); }, [&] { w.take_away(); });
}
template <class How>
void two_reads(auto& run) {
  world<How> w;
  run([&] { w.join(), w.read(), w.read(); }, [&] { w.take_away(); });
}
template <class How>
void two_reclaimers(auto& run) {
  world<How> w;
  run([&] { w.join(), w.read(); }, [&] { w.take_away(); }, [&] { w.take_away(); });
}

template <class How>
weft_test::scenarios scenarios() {
  return {
      WEFT_SCENARIO(one_read<How>, .at_least = 170),
      WEFT_SCENARIO(two_reads<How>, .at_least = 1100),
      WEFT_SCENARIO(two_reclaimers<How>, .at_least = 1100),
  };
}

auto const at_once = scenarios<ordered>();
auto const when_seen = scenarios<acknowledged>();
bool const registered = weft_test::register_scenarios("restart_model.ordered", at_once, __FILE__) &&
                        weft_test::register_scenarios("restart_model.seen", when_seen, __FILE__);

#if defined(WEFT_MODEL)

weft_test::scenarios both() {
  auto all = at_once;
  all.insert(all.end(), when_seen.begin(), when_seen.end());
  return all;
}

TEST(restart_model, orders) { weft_test::audit_orders(both(), {"mem/restart.hpp"}); }

// As others have it; see the proof.
struct sent_is_delivered {
  static bool out(restart_point<atoms>& p) {
    return neutralizer<atoms>::send(p) == signalling::sent;
  }
};
struct barrier_alone {
  static bool out(restart_point<atoms>&) { return neutralizer<atoms>::confirm(); }
};
struct reads_on {
  static bool out(restart_point<atoms>& p) {
    auto const to = static_cast<int>(p.owner.load(relaxed));
    atoms::interrupt(to, [](void*) { (void)take_read<atoms>(); }, nullptr);
    return neutralizer<atoms>::confirm();
  }
};

TEST(restart_model, mutants) {
  weft_test::hunt(at_once, {{.name = "a signal that was sent is taken for delivered",
                             .variant = weft_test::all_checked(scenarios<sent_is_delivered>())},
                            {.name = "a barrier without a signal",
                             .variant = weft_test::all_checked(scenarios<barrier_alone>())},
                            {.name = "the handler says idle and the thread reads on",
                             .variant = weft_test::all_checked(scenarios<reads_on>())}});
}

#endif

}  // namespace
