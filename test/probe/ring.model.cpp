// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of probe/ring.hpp.
#include <support/scenario.hpp>

#include <weft/probe/ring.hpp>

namespace {

using weft_test::expect, weft_test::expect_equal;

template <unsigned Capacity>
using ring = weft::basic_event_ring<Capacity, 2, weft::atoms>;
using entry = std::array<std::uint64_t, 2>;

// What entry number p holds.
entry written(std::uint64_t p) { return {10 * p + 11, 10 * p + 12}; }

template <unsigned Capacity>
void write(ring<Capacity>& r, std::uint64_t from, std::uint64_t end) {
  for (auto p = from; p < end; ++p) r.push(written(p));
}

// Reads from `from` on: every entry is whole and the next in order or was counted as missed.
template <unsigned Capacity>
void read(ring<Capacity> const& r, std::uint64_t& from) {
  auto const begin = from;
  std::uint64_t taken = 0;
  auto const missed = r.read(from, [&](entry const& e) {
    expect(e == written(from), "torn, or not the entry of this number");
    ++taken;
  });
  expect_equal(taken + missed, from - begin);
}

// I2 to I4: the slot is written again and again while it is read.
void a_slot_is_overwritten_while_it_is_read(auto& run) {
  ring<1> r;
  std::uint64_t from = 0;
  run([&] { write(r, 0, 3); },
      [&] {
        read(r, from);
        read(r, from);
      });
  auto const before = from;
  read(r, from);
  expect_equal(from, 3u);
  expect(before <= 3);
}

// The writer begins its second round while a reader is in the first.
void a_writer_goes_round(auto& run) {
  ring<2> r;
  write(r, 0, 1);
  std::uint64_t from = 0;
  run([&] { write(r, 1, 3); }, [&] { read(r, from); });
  std::uint64_t again = 0;
  read(r, again);
  expect_equal(again, 3u);
}

// Two readers have a place of their own each.
void two_readers(auto& run) {
  ring<1> r;
  std::uint64_t first = 0, second = 0;
  run([&] { write(r, 0, 1); }, [&] { read(r, first); }, [&] { read(r, second); });
  expect(first <= 1 && second <= 1);
}

// What is announced by other means is there: the number written, and the entry unless overwritten.
void an_entry_that_is_announced(auto& run) {
  ring<1> r;
  weft::atoms::atomic<bool> done{false};
  run(
      [&] {
        write(r, 0, 1);
        done.store(true, weft::release);
      },
      [&] {
        if (!done.load(weft::acquire)) return;
        std::uint64_t from = 0;
        expect_equal(r.read(from, [](entry const&) {}), 0u);
        expect_equal(from, 1u);
      });
}

weft_test::scenarios const all{
    WEFT_SCENARIO(a_slot_is_overwritten_while_it_is_read, .at_least = 190, .prepared = false),
    WEFT_SCENARIO(a_writer_goes_round, .at_least = 15, .prepared = false),
    WEFT_SCENARIO(two_readers, .at_least = 3, .prepared = false),
    WEFT_SCENARIO(an_entry_that_is_announced, .at_least = 1, .prepared = false),
};

bool const registered = weft_test::register_scenarios("ring_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(ring_model, orders) { weft_test::audit_orders(all, {"probe/ring.hpp"}, 20'000); }

TEST(ring_model, mutants) {
  weft_test::hunt(
      all, {{"a word does not release", mutation::weaken, "s.words[i].store(e[i], release)"},
            {"a word does not acquire", mutation::weaken, "s.words[i].load(acquire)"},
            {"the head does not release", mutation::weaken, "head_.store(p + 1, release)"},
            {"the head does not acquire", mutation::weaken, "end = head_.load(acquire)"},
            {"the entry is not marked as being written", mutation::skip, "s.seq.store(2 * p + 1"},
            {"the entry is not marked as whole", mutation::skip, "s.seq.store(2 * p + 2"},
            {"the look at the mark is stale", mutation::read_stale,
             "s.seq.load(relaxed) == 2 * p + 2"}});
}

#endif

}  // namespace
