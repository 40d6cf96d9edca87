// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of chan/channel_core.hpp.
#include "scenarios.hpp"

#include <support/scenario_tasks.hpp>

#include <vector>

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// A value whose moves the checker watches.
class parcel {
 public:
  explicit(false) parcel(int v) : value_(v) {}
  parcel(parcel&& o) noexcept : value_(static_cast<int>(o.value_)) { o.value_ = 0; }
  parcel& operator=(parcel&& o) noexcept {
    value_ = static_cast<int>(o.value_);
    o.value_ = 0;
    return *this;
  }
  ~parcel() = default;
  [[nodiscard]] int value() const noexcept { return value_; }

 private:
  weft::atoms::var<int> value_;
};

using ends = weft::channel_ends<parcel>;

int value_of(std::optional<parcel> const& p) { return p ? p->value() : 0; }

// I2, I3: one gives, one takes.
void one_gives_one_takes(auto& run, std::size_t capacity) {
  auto [tx, rx] = weft::make_channel<parcel>(capacity);
  int got = 0;
  run([&] { expect(bool(tx.send(1).wait())); }, [&] { got = value_of(rx.recv().wait()); });
  expect_equal(got, 1);
}
void a_rendezvous(auto& run) { one_gives_one_takes(run, 0); }
void through_one_place(auto& run) { one_gives_one_takes(run, 1); }

// Which of the values 1, 2, 4, ... were accepted, and which arrived: a bit each.
struct tally {
  unsigned accepted = 0, arrived = 0;
  void took(std::optional<parcel> const& p) { arrived |= static_cast<unsigned>(value_of(p)); }
};

// I3: several senders and receivers through any capacity.
void many_give_and_take(auto& run, std::size_t capacity) {
  constexpr int each = weft::atoms::tiny ? 1 : 2;
  auto [tx, rx] = weft::make_channel<parcel>(capacity);
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
      for (int n = 0; n < each; ++n) t[i].took(rx.recv().wait());
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
void many_by_rendezvous(auto& run) { many_give_and_take(run, 0); }
void many_through_one_place(auto& run) { many_give_and_take(run, 1); }
void many_through_three_places(auto& run) { many_give_and_take(run, 3); }

// I3: two receivers and one sender.
void one_gives_and_two_take(auto& run, std::size_t capacity) {
  auto [tx, rx] = weft::make_channel<parcel>(capacity);
  int got[2] = {};
  auto take = [&](int i) { return [&, i] { got[i] = value_of(rx.recv().wait()); }; };
  run([&] { (void)tx.send(1).wait(), (void)tx.send(2).wait(); }, take(0), take(1));
  expect_equal(got[0] + got[1], 3);
}
void two_take_by_rendezvous(auto& run) { one_gives_and_two_take(run, 0); }
void two_take_through_one_place(auto& run) { one_gives_and_two_take(run, 1); }

// I2: what one sends is received in its order.
void order(auto& run) {
  constexpr int values = weft::atoms::tiny ? 3 : 5;
  auto [tx, rx] = weft::make_channel<parcel>(1);
  int last = 0;
  run(
      [&] {
        for (int i = 1; i <= values; ++i) (void)tx.send(i).wait();
      },
      [&] {
        for (int i = 1; i <= values; ++i) {
          auto const v = value_of(rx.recv().wait());
          expect_equal(v, last + 1);
          last = v;
        }
      });
}

// I2: two senders wait, and two receivers come: first come, first served.
void two_that_wait(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(0);
  moving_tasks tasks;
  for (int i : {1, 2}) {
    (void)tasks.spawn([&to = tx, i]() -> weft::task<> {
      auto op = to.send(i);
      auto const r = co_await std::move(op);
      expect(bool(r));
    });
  }
  int got[2] = {};
  auto take = [&](int i) { return in_turn([&, i] { got[i] = value_of(rx.try_recv().value); }); };
  run(take(0), take(1));
  expect_equal(tasks.live(), 0u);
  expect_equal(got[0] + got[1], 3);
}

// I4: one that sees a value in the ring serves itself, unless it is cancelled first.
void a_value_in_the_ring_against_a_cancellation(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(1);
  auto s = weft::scope::root();
  int got = 0;
  run(
      [&] {
        auto r = weft::as_result(rx.recv() | weft::with(s)).wait();
        if (r) got = value_of(*r);
      },
      [&] { expect(bool(tx.try_send(1))); }, [&] { s.cancel(); });
  expect_equal(value_of(rx.try_recv().value), 1 - got);
}

// I4: and one that sees room.
void room_against_a_cancellation(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(1);
  expect(bool(tx.try_send(1)));
  auto s = weft::scope::root();
  bool gave = false;
  run([&] { gave = weft::as_result(tx.send(2) | weft::with(s)).wait().has_value(); },
      [&] { expect_equal(value_of(rx.try_recv().value), 1); }, [&] { s.cancel(); });
  expect_equal(value_of(rx.try_recv().value), gave ? 2 : 0);
}

// I5: a receiver that takes from the ring and refills it from a sender that may be elsewhere.
void a_refill_against_a_select(auto& run) {
  ends one = weft::make_channel<parcel>(1), other = weft::make_channel<parcel>(1);
  expect(bool(one.tx.try_send(1)));
  expect(bool(other.tx.try_send(1)));
  std::size_t which = 9;
  run([&] { which = weft::select(one.tx.send(2), other.tx.send(2)).wait().index(); },
      [&] { expect_equal(value_of(one.rx.recv().wait()), 1); },
      [&] { expect_equal(value_of(other.rx.recv().wait()), 1); });
  expect_equal(value_of(one.rx.try_recv().value), which == 0 ? 2 : 0);
  expect_equal(value_of(other.rx.try_recv().value), which == 1 ? 2 : 0);
}

// I5: two receivers that refill, each from a sender that also waits for the other's place.
void two_refills_of_two_selects(auto& run) {
  ends one = weft::make_channel<parcel>(1), other = weft::make_channel<parcel>(1);
  expect(bool(one.tx.try_send(1)));
  expect(bool(other.tx.try_send(1)));
  moving_tasks tasks;
  int sent = 0;
  auto give_either = [&](ends& first, ends& second) {
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = weft::select(first.tx.send(2), second.tx.send(2));
      (void)co_await std::move(op);
      ++sent;
    });
  };
  give_either(one, other);
  give_either(other, one);
  auto take = [](ends& from) {
    return in_turn([&from] { expect_equal(value_of(from.rx.recv().wait()), 1); });
  };
  run(take(one), take(other));
  expect_equal(sent, 2);
}

// A select that gives and takes on one channel, against another one.
void both_sides_of_one_channel_in_two_selects(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(0);
  std::size_t a = 9, b = 9;
  run([&] { a = weft::select(tx.send(1), rx.recv()).wait().index(); },
      [&] { b = weft::select(rx.recv(), tx.send(2)).wait().index(); });
  expect_equal(a, b);
}

// Closing: each value is refused or arrives.
void a_close_against_both_sides(auto& run, std::size_t capacity) {
  auto [tx, rx] = weft::make_channel<parcel>(capacity);
  tally t;
  run(
      [&] {
        for (int v = 1; v <= (weft::atoms::tiny ? 1 : 2); ++v)
          if (tx.send(v).wait()) t.accepted |= static_cast<unsigned>(v);
      },
      [&] {
        while (auto v = rx.recv().wait()) t.took(v);
      },
      [&] { tx.close(); });
  expect_equal(t.accepted, t.arrived);
}
void a_close_against_a_rendezvous(auto& run) { a_close_against_both_sides(run, 0); }
void a_close_against_a_full_channel(auto& run) { a_close_against_both_sides(run, 1); }

// A close ends every wait once, also of two selects that could meet.
void a_close_against_two_selects(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(0);
  moving_tasks tasks;
  int ended = 0;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = weft::select(rx.recv(), rx.recv());
    (void)co_await std::move(op);
    ++ended;
  });
  run(in_turn([&] {
        (void)tasks.spawn([&]() -> weft::task<> {
          auto op = weft::select(tx.send(1), rx.recv(), rx.recv());
          (void)co_await std::move(op);
        });
      }),
      in_turn([&] { rx.close(); }));
  expect_equal(tasks.live(), 0u);
  expect_equal(ended, 1);
}

void two_closes(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(0);
  moving_tasks tasks;
  (void)tasks.spawn([&]() -> weft::task<> {
    auto op = rx.recv();
    auto const v = co_await std::move(op);
    expect(!v);
  });
  run(in_turn([&] { tx.close(); }), in_turn([&] { rx.close(); }));
  expect_equal(tasks.live(), 0u);
}

// The last sender goes: who receives learns of it.
void the_last_sender_goes(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(1);
  auto copy = tx;
  tally t;
  run([&] { tx.reset(); },
      [&] {
        if (copy.send(1).wait()) t.accepted = 1;
        copy.reset();
      },
      [&] {
        while (auto v = rx.recv().wait()) t.took(v);
      });
  expect_equal(t.arrived, 1u);
  expect_equal(t.accepted, 1u);
}

// The last receiver goes: who sends has its value back, or has it dropped with the channel.
void the_last_receiver_goes(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(0);
  int back = 0;
  run([&] { rx.reset(); },
      [&] {
        auto r = tx.send(1).wait();
        expect(!r);
        back = r.closed() ? r.value().value() : 0;
      });
  expect_equal(back, 1);
}

// Both ends go at once; one of the two frees the channel, and what it holds.
void both_ends_go(auto& run) {
  auto [tx, rx] = weft::make_channel<std::unique_ptr<int>>(1);
  expect(bool(tx.try_send(std::make_unique<int>(1))));
  run([&] { tx.reset(); }, [&] { rx.reset(); });
}

// The immediate forms against a waiter that gives up.
void immediate_forms_against_a_timeout(auto& run) {
  auto [tx, rx] = weft::make_channel<parcel>(0);
  bool got = false, gave = false;
  run([&] { got = weft::as_result(rx.recv() | weft::timeout(5us)).wait().has_value(); },
      [&] {
        for (int i = 0; i < (weft::atoms::tiny ? 2 : 50) && !gave; ++i) gave = bool(tx.try_send(1));
      });
  expect_equal(got, gave);
}

}  // namespace

weft_test::scenarios const weft_test::channel_scenarios{
    WEFT_SCENARIO(a_rendezvous),
    WEFT_SCENARIO(through_one_place),
    WEFT_SCENARIO(two_that_wait),
    WEFT_SCENARIO(two_closes),
    WEFT_SCENARIO(both_ends_go),
    WEFT_SCENARIO(the_last_receiver_goes),
    WEFT_SCENARIO(immediate_forms_against_a_timeout),
    WEFT_SCENARIO(a_close_against_two_selects),
    WEFT_SCENARIO(two_refills_of_two_selects),
    WEFT_SCENARIO(both_sides_of_one_channel_in_two_selects),
    WEFT_SCENARIO(a_refill_against_a_select),
    WEFT_SCENARIO(a_value_in_the_ring_against_a_cancellation),
    WEFT_SCENARIO(room_against_a_cancellation),
    WEFT_SCENARIO(order),
    WEFT_SCENARIO(the_last_sender_goes),
    WEFT_SCENARIO(a_close_against_a_rendezvous),
    WEFT_SCENARIO(a_close_against_a_full_channel),
    WEFT_SCENARIO(many_by_rendezvous, .preemptions = 1),
    WEFT_SCENARIO(many_through_one_place, .preemptions = 1),
    WEFT_SCENARIO(many_through_three_places, .preemptions = 1),
    WEFT_SCENARIO(two_take_by_rendezvous, .preemptions = 1),
    WEFT_SCENARIO(two_take_through_one_place, .preemptions = 1),
};

static bool const registered =
    weft_test::register_scenarios("channel_model", weft_test::channel_scenarios, __FILE__);
