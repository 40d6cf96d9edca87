// SPDX-License-Identifier: Apache-2.0
// The proof at the head of mem/domain.hpp: every order of events, every memory order, and mistakes
// that have to be noticed.
#include "domain_scenarios.hpp"

#if defined(WEFT_MODEL)
#include "domain_variants.hpp"
#endif

namespace {

using domain_scenarios::fenced_atoms, domain_scenarios::with;

weft_test::scenarios all_of_them() {
  auto all = with<weft::basic_domain>::of_readers();
  for (auto& s : with<weft::basic_domain>::of_slots()) all.push_back(s);
  for (auto& s : with<weft::basic_domain, fenced_atoms>::of_fences()) all.push_back(s);
  return all;
}
auto const all = all_of_them();
bool const registered = weft_test::register_scenarios("domain_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(domain_model, orders) {
  weft_test::audit_orders(
      all, {"mem/domain.hpp", "mem/slot.hpp", "mem/domain_body.hpp", "mem/domain_epoch.hpp",
            "mem/domain_limbo.hpp", "mem/registration.hpp", "mem/domain_link.hpp"});
}

template <template <class, unsigned> class Basic>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Basic>::of_readers());
}
template <template <class, unsigned> class Basic>
std::vector<weft::check::scenario> variant_of_slots() {
  return weft_test::all_checked(with<Basic>::of_slots());
}

TEST(domain_model, mutants) {
  weft_test::hunt(
      all,
      {{"an announcement has no fence", mutation::weaken, "Atoms::fence();", "announce"},
       {"a pin where no barrier is has no fence", mutation::weaken, "Atoms::fence()", "pass_light"},
       {"a pin does not announce itself", mutation::skip, "s.word.store(now, release)"},
       {"a pin does not show itself", mutation::skip, "s.phase.store(phase, relaxed)"},
       {"an announcement does not release the last section", mutation::weaken,
        "s.word.store(now, release)"},
       {"an end of a section does not release it", mutation::weaken,
        "s.phase.store(detail::phase_idle"},
       {"a bag is sealed without a fence", mutation::weaken, "Atoms::fence()", "seal"},
       {"a stamp is stale", mutation::read_stale, "b->stamp = epoch_.load(relaxed)"},
       {"an advance has no fence", mutation::weaken, "Atoms::fence()", "advance"},
       {"an advance does not acquire the sections", mutation::weaken, "w = s->word.load(acquire)",
        "look"},
       {"no barrier in every thread", mutation::weaken, "Atoms::heavy()"},
       {"who withdraws does not acquire the section", mutation::weaken, "s->phase.load(acquire)"},
       {"who withdraws does not release the section", mutation::weaken,
        "s.word.compare_exchange_strong"},
       {"an owner announces while its word is withdrawn", mutation::tear,
        "s.word.compare_exchange_strong"},
       {"an advance does not release the epoch", mutation::weaken, "epoch_.compare_exchange"},
       {"who frees does not acquire the epoch", mutation::weaken, "now = epoch_.load(acquire)"},
       {"who takes a slot does not acquire it", mutation::weaken, "slot_state::attached, acquire"},
       {"who leaves a slot does not release it", mutation::weaken, "slot_state::free", "set_free"},
       {"a domain that ends does not say so", mutation::skip, "slot_state::dead"},
       {"a slot that is left does not say so", mutation::skip, "slot_state::free", "set_free"},
       {"two take one slot", mutation::tear, "slot_state::attached, acquire"},
       {"orphans are lost", mutation::tear, "orphans_.compare_exchange_weak"},
       {.name = "one epoch of grace", .variant = variant<weft::one_epoch::basic_domain>()},
       {.name = "a nested pin announces itself again",
        .variant = variant<weft::renewed_pin::basic_domain>()},
       {.name = "the end of a nested pin is one of the outer",
        .variant = variant<weft::nested_unpin::basic_domain>()},
       {.name = "a pin has its fence, then announces itself",
        .variant = variant<weft::fence_before_announcing::basic_domain>()},
       {.name = "a section loads the epoch, then shows itself",
        .variant = variant<weft::epoch_before_phase::basic_domain>()},
       {.name = "whoever lags is withdrawn",
        .variant = variant<weft::whoever_lags_is_withdrawn::basic_domain>()},
       {.name = "a word is withdrawn by a store",
        .variant = variant<weft::withdrawn_by_a_store::basic_domain>()},
       {.name = "a laggard's phase is looked at before the barrier",
        .variant = variant<weft::looked_before_the_barrier::basic_domain>()},
       {.name = "a bag is stamped, then the fence",
        .variant = variant<weft::stamp_before_fence::basic_domain>()},
       {.name = "an advance ignores readers of older epochs",
        .variant = variant<weft::older_announcements_pass::basic_domain>()},
       {.name = "adopted bags count as old",
        .variant = variant_of_slots<weft::adopted_young::basic_domain>()},
       {.name = "a thread that leaves forgets a bag that is half full",
        .variant = variant_of_slots<weft::half_a_bag_is_lost::basic_domain>()},
       {.name = "a thread that leaves forgets a bag that is being freed",
        .variant = variant_of_slots<weft::ripe_bags_are_lost::basic_domain>()},
       {.name = "a slot that its domain empties counts as one that is dead",
        .variant = variant_of_slots<weft::busy_is_gone::basic_domain>()},
       {.name = "a domain that ends does not wait for a thread that leaves",
        .variant = variant_of_slots<weft::freed_while_one_leaves::basic_domain>()}});
}

#endif

}  // namespace
