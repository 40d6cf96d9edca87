// SPDX-License-Identifier: Apache-2.0
// S1 to S6 at the head of mem/section.hpp, with bags of one object. In the checker a signal comes
// at each step of the read phase.
#include "domain_scenarios.hpp"

#if defined(WEFT_MODEL)
#include "section_variants.hpp"
#endif

namespace {

using domain_scenarios::object, domain_scenarios::world;

// The handler only clears the phase, and the reader goes on.
struct advisory_atoms : weft::atoms {
  template <class Jump>
  static void leave_interrupt(Jump&) noexcept {}
};

template <template <class, unsigned> class Basic, class Atoms = weft::atoms>
struct with {
  using Domain = Basic<Atoms, 1>;
  struct sections : world<Domain> {
    void read() {
      (void)this->domain.read([this](auto& r) noexcept {
        auto const* const o = r.load(this->shared);
        world<Domain>::look(o);
        world<Domain>::look(o);
        return 0;
      });
    }
    void read_and_write() {
      auto const section = this->domain.template read<1>([this](auto& r) noexcept {
        auto* const o = r.load(this->shared);
        r.reserve(o);
        world<Domain>::look(o);
        return o;
      });
      world<Domain>::look(*section);
    }
  };

  static void a_read_phase_against_one_that_retires(auto& run) {
    sections w;
    w.join(run);
    run([&] { w.read(); },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  static void a_read_phase_that_announces_itself(auto& run) {
    sections w;
    w.attach(run);
    run([&] { w.read(); },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  static void a_read_phase_that_comes_again(auto& run) {
    sections w;
    w.join(run);
    run(
        [&] {
          w.read();
          w.read();
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  // S5: the reader is passed in its write phase, and what it has reserved is spared.
  static void a_write_phase_against_one_that_retires(auto& run) {
    sections w;
    w.join(run);
    run([&] { w.read_and_write(); },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
    w.domain.reclaim();
    expect_equal(w.domain.limbo_count(), 0u);
  }

  // S6: a plain pin after a read phase.
  static void a_pin_after_a_read_phase(auto& run) {
    sections w;
    w.join(run);
    run(
        [&] {
          w.read();
          world<Domain>& plain = w;
          plain.read();
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }
  static void a_read_phase_after_a_pin(auto& run) {
    sections w;
    w.join(run);
    run(
        [&] {
          world<Domain>& plain = w;
          plain.read();
          w.read();
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
  }

  // S4: a second one advances.
  static void a_second_reclaimer(auto& run) {
    sections w;
    w.join(run);
    run([&] { w.read(); },
        [&] {
          w.replace();
          w.domain.reclaim();
        },
        [&] { w.domain.attach().try_advance(); });
  }

  // A read phase that waits, as no real one may, with what it has read in its hands.
  template <class Turns>
  static void read_slowly(sections& w, Turns& turn, unsigned mine, unsigned other) {
    (void)w.domain.read([&](auto& r) noexcept {
      auto const* const o = r.load(w.shared);
      turn.end(mine);
      turn.wait_for(other);
      world<Domain>::look(o);
      return 0;
    });
  }

  // S2: the signal comes while the reader announces itself, and the epoch stays: another pin holds
  // it back until then.
  static void a_read_phase_cut_short_in_its_announcement(auto& run) {
    sections w;
    w.join(run);
    domain_scenarios::turns<2> turn;
    std::optional<typename Domain::pinned> another{w.domain.pin()};
    run([&] { read_slowly(w, turn, 0, 1); },
        [&] {
          w.domain.pin().retire(new object);
          w.domain.pin().retire(new object);
          another.reset();  // in place of its thread, which waits
          turn.wait_for(0);
          w.replace();
          w.domain.reclaim();
          turn.end(1);
        });
  }

  // S1: the same read is run again; what comes behind it is done once.
  static void what_follows_is_done_once(auto& run) {
    sections w;
    w.join(run);
    int done = 0;
    run(
        [&] {
          for (;;) {
            auto r = w.domain.try_read([&](auto& in) noexcept {
              world<Domain>::look(in.load(w.shared));
              return 1;
            });
            if (r.index() == 1) {
              std::get<1>(std::move(r)).acknowledge();
              continue;
            }
            done += std::get<0>(r);
            return;
          }
        },
        [&] {
          w.replace();
          w.domain.reclaim();
        });
    expect_equal(done, 1);
  }

  static void expect_equal(auto a, auto b) { weft_test::expect_equal(a, b); }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(a_read_phase_against_one_that_retires, .at_least = 5300, .prepared = false),
        WEFT_SCENARIO(a_read_phase_that_announces_itself, .at_least = 80, .preemptions = 1,
                      .prepared = false),
        WEFT_SCENARIO(a_write_phase_against_one_that_retires, .at_least = 1200, .preemptions = 2,
                      .prepared = false),
        WEFT_SCENARIO(what_follows_is_done_once, .at_least = 80, .preemptions = 1,
                      .prepared = false),
        WEFT_SCENARIO(a_read_phase_that_comes_again, .at_least = 1200, .preemptions = 2,
                      .prepared = false),
        WEFT_SCENARIO(a_pin_after_a_read_phase, .at_least = 80, .preemptions = 1,
                      .prepared = false),
        WEFT_SCENARIO(a_read_phase_after_a_pin, .at_least = 80, .preemptions = 1,
                      .prepared = false),
        WEFT_SCENARIO(a_read_phase_cut_short_in_its_announcement, .at_least = 20, .preemptions = 1,
                      .prepared = false),
        WEFT_SCENARIO(a_second_reclaimer, .at_least = 80, .preemptions = 1, .prepared = false),
    };
  }
};

auto const all = with<weft::basic_domain>::all();
bool const registered = weft_test::register_scenarios("section_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

template <template <class, unsigned> class Basic, class Atoms = weft::atoms>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Basic, Atoms>::all());
}

TEST(section_model, orders) {
  weft_test::audit_orders(
      all, {"mem/section.hpp", "mem/neutralize.hpp", "mem/reclaim.hpp", "mem/domain_report.hpp"});
}

TEST(section_model, mutants) {
  weft_test::hunt(
      all,
      {{"no barrier before the look", mutation::weaken, "Atoms::heavy()", "withdraw"},
       {"a write phase does not release what is reserved", mutation::weaken,
        "s.phase.store(detail::phase_writing, release)"},
       {"what is reserved is not stored", mutation::skip, "reserved[I].store(object, relaxed)"},
       {.name = "the handler only clears the phase",
        .variant = variant<weft::basic_domain, advisory_atoms>()},
       {.name = "reservations are not looked at",
        .variant = variant<weft::reservations_not_scanned::basic_domain>()},
       {.name = "a signal is taken as delivered when it is sent",
        .variant = variant<weft::taken_as_delivered::basic_domain>()},
       {.name = "a pin is passed like a write phase",
        .variant = variant<weft::readers_pass::basic_domain>()},
       {.name = "a phase is looked at before the barrier",
        .variant = variant<weft::looks_before_the_barrier::basic_domain>()}});
}

#endif

}  // namespace
