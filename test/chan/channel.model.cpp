// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of chan/channel_core.hpp.
#include <support/scenario.hpp>

#include <weft/weft.hpp>

#include <vector>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal;

// Which of the values 1, 2, ... were accepted, and which arrived: a bit each.
struct tally {
  unsigned accepted = 0, arrived = 0;
};

// I3: several senders and receivers through any capacity.
void many_give_and_take(auto& run, std::size_t capacity) {
  constexpr int each = weft::atoms::tiny ? 1 : 2;
  auto [tx, rx] = weft::make_channel<int>(capacity);
  tally t[4];
  auto give = [&](int i) {
    return [&, i] {
      for (int n = 0; n < each; ++n) {
        int const v = 1 << (each * i + n);
        if (tx.send(v).wait()) t[i].accepted |= static_cast<unsigned>(v);
      }
    };
  };
  auto take = [&](int i) {
    return [&, i] {
      for (int n = 0; n < each; ++n) t[i].arrived |= static_cast<unsigned>(*rx.recv().wait());
    };
  };
  if constexpr (weft::atoms::tiny) {
    run(give(0), give(1), [&] { take(2)(), take(2)(); });
  } else {
    run(give(0), give(1), take(2), take(3));
  }
  auto const sent = (1u << (2 * each)) - 1;
  expect_equal(t[0].accepted | t[1].accepted, sent);
  expect_equal(t[2].arrived | t[3].arrived, sent);
  expect_equal(t[2].arrived & t[3].arrived, 0u);
}

// Two receivers and one sender.
void one_gives_and_two_take(auto& run, std::size_t capacity) {
  auto [tx, rx] = weft::make_channel<int>(capacity);
  int got[2] = {};
  run([&] { (void)tx.send(1).wait(), (void)tx.send(2).wait(); },
      [&] { got[0] = *rx.recv().wait(); }, [&] { got[1] = *rx.recv().wait(); });
  expect_equal(got[0] + got[1], 3);
}

// What one sends is received in its order.
void order(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(1);
  std::vector<int> got;
  run(
      [&] {
        for (int i = 0; i < (weft::atoms::tiny ? 3 : 5); ++i) (void)tx.send(i).wait();
      },
      [&] {
        for (int i = 0; i < (weft::atoms::tiny ? 3 : 5); ++i) got.push_back(*rx.recv().wait());
      });
  expect_equal(got, weft::atoms::tiny ? std::vector{0, 1, 2} : std::vector{0, 1, 2, 3, 4});
}

// Closing: each value is refused or arrives.
void a_close_against_both_sides(auto& run, std::size_t capacity) {
  auto [tx, rx] = weft::make_channel<int>(capacity);
  tally a, b;
  run(
      [&] {
        for (int v = 1; v <= (weft::atoms::tiny ? 1 : 2); ++v)
          if (tx.send(v).wait()) a.accepted |= static_cast<unsigned>(v);
      },
      [&] {
        while (auto v = rx.recv().wait()) b.arrived |= static_cast<unsigned>(*v);
      },
      [&] { tx.close(); });
  expect_equal(a.accepted, b.arrived);
}

// I5: a receiver that takes from the ring and refills it from a sender that may be elsewhere.
void a_refill_against_a_select(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(1);
  auto [other_tx, other_rx] = weft::make_channel<int>(1);
  expect(bool(tx.try_send(1)));
  expect(bool(other_tx.try_send(1)));
  std::size_t which = 9;
  run([&] { which = weft::select(tx.send(2), other_tx.send(2)).wait().index(); },
      [&] { expect_equal(rx.recv().wait(), 1); }, [&] { expect_equal(other_rx.recv().wait(), 1); });
  expect_equal(rx.try_recv().value.value_or(0), which == 0 ? 2 : 0);
  expect_equal(other_rx.try_recv().value.value_or(0), which == 1 ? 2 : 0);
}

// A select that gives and takes on one channel, against another one.
void both_sides_of_one_channel_in_two_selects(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  std::size_t a = 9, b = 9;
  run([&] { a = weft::select(tx.send(1), rx.recv()).wait().index(); },
      [&] { b = weft::select(rx.recv(), tx.send(2)).wait().index(); });
  expect_equal(a, b);
}

// The same with a close: it ends each once.
void a_close_against_two_selects(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  int ended[2] = {};
  run([&] { (void)weft::select(tx.send(1), rx.recv(), rx.recv()).wait(), ++ended[0]; },
      [&] { (void)weft::select(rx.recv(), tx.send(2), tx.send(3)).wait(), ++ended[1]; },
      [&] { rx.close(); });
  expect_equal(ended[0] + ended[1], 2);
}

// The immediate forms against a waiter that gives up.
void immediate_forms_against_a_timeout(auto& run) {
  auto [tx, rx] = weft::make_channel<int>(0);
  bool got = false, gave = false;
  run([&] { got = weft::as_result(rx.recv() | weft::timeout(5us)).wait().has_value(); },
      [&] {
        for (int i = 0; i < (weft::atoms::tiny ? 2 : 50) && !gave; ++i) gave = bool(tx.try_send(1));
      });
  expect_equal(got, gave);
}

void many_by_rendezvous(auto& run) { many_give_and_take(run, 0); }
void many_through_one_place(auto& run) { many_give_and_take(run, 1); }
void many_through_three_places(auto& run) { many_give_and_take(run, 3); }
void two_take_by_rendezvous(auto& run) { one_gives_and_two_take(run, 0); }
void two_take_through_one_place(auto& run) { one_gives_and_two_take(run, 1); }
void a_close_against_a_rendezvous(auto& run) { a_close_against_both_sides(run, 0); }
void a_close_against_a_full_channel(auto& run) { a_close_against_both_sides(run, 1); }

weft_test::scenarios const all{
    WEFT_SCENARIO(many_by_rendezvous, .at_least = 100, .preemptions = 1),
    WEFT_SCENARIO(many_through_one_place, .at_least = 100, .preemptions = 1),
    WEFT_SCENARIO(many_through_three_places, .at_least = 100, .preemptions = 1),
    WEFT_SCENARIO(two_take_by_rendezvous, .at_least = 100, .preemptions = 1),
    WEFT_SCENARIO(two_take_through_one_place, .at_least = 100, .preemptions = 1),
    WEFT_SCENARIO(order, .at_least = 100, .preemptions = 2),
    WEFT_SCENARIO(a_close_against_a_rendezvous, .at_least = 100, .preemptions = 2),
    WEFT_SCENARIO(a_close_against_a_full_channel, .at_least = 100, .preemptions = 2),
    WEFT_SCENARIO(a_refill_against_a_select, .at_least = 1000),
    WEFT_SCENARIO(both_sides_of_one_channel_in_two_selects, .at_least = 1000),
    WEFT_SCENARIO(a_close_against_two_selects, .at_least = 100, .preemptions = 1),
    WEFT_SCENARIO(immediate_forms_against_a_timeout, .at_least = 20, .preemptions = 1),
};

bool const registered = weft_test::register_scenarios("channel_model", all, __FILE__);

}  // namespace
