// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof at the head of chan/channel_core.hpp. Everything of a channel lies under
// its spin lock, so the mistakes are made in its text; the orders it relies on are those of the
// waits.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>
#include <optional>

#if defined(WEFT_MODEL)
#include "channel_variants.hpp"
#endif

namespace {

using namespace std::chrono_literals;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::moving_tasks;

// A value whose moves the checker watches; it owns memory, so that one that is lost is noticed.
class parcel {
 public:
  explicit(false) parcel(int v) : value_(v), owned_(std::make_unique<int>(v)) {}
  parcel(parcel&& o) noexcept : value_(static_cast<int>(o.value_)), owned_(std::move(o.owned_)) {
    o.value_ = 0;
  }
  parcel& operator=(parcel&& o) noexcept {
    value_ = static_cast<int>(o.value_);
    o.value_ = 0;
    owned_ = std::move(o.owned_);
    return *this;
  }
  ~parcel() = default;
  [[nodiscard]] int value() const noexcept { return value_; }

 private:
  weft::atoms::var<int> value_;
  std::unique_ptr<int> owned_;
};

int value_of(std::optional<parcel> const& p) { return p ? p->value() : 0; }

// Which of the values 1, 2, 4, ... were accepted, and which arrived: a bit each.
struct tally {
  unsigned accepted = 0, arrived = 0;
  void took(std::optional<parcel> const& p) { arrived |= static_cast<unsigned>(value_of(p)); }
};

// An operation that could not be had when it was tried: what is there came between that and the
// look that follows.
template <class Op>
class late : public weft::operation_base<late<Op>> {
 public:
  using result_type = typename Op::result_type;
  explicit late(Op&& of) : of_(std::move(of)) {}

  [[nodiscard]] weft::case_id try_commit() noexcept { return weft::no_case; }
  [[nodiscard]] bool publish(weft::waiter& w, weft::case_id base) { return of_.publish(w, base); }
  void withdraw() noexcept { of_.withdraw(); }
  result_type take(weft::case_id i) { return of_.take(i); }
  [[nodiscard]] weft::wait_info describe() const noexcept { return of_.describe(); }

 private:
  Op of_;
};

// `Make` makes the channels: weft's own, or some with a mistake.
template <auto* Make>
struct with {
  using ends = decltype(Make(0, nullptr));
  static ends make(std::size_t capacity) { return Make(capacity, nullptr); }

  // I2, I3: one gives, one takes.
  static void one_gives_one_takes(auto& run, std::size_t capacity) {
    auto [tx, rx] = make(capacity);
    int got = 0;
    run([&] { expect(bool(tx.send(1).wait())); }, [&] { got = value_of(rx.recv().wait()); });
    expect_equal(got, 1);
  }
  static void a_rendezvous(auto& run) { one_gives_one_takes(run, 0); }
  static void through_one_place(auto& run) { one_gives_one_takes(run, 1); }

  // I3: several senders and receivers through any capacity.
  static void many_give_and_take(auto& run, std::size_t capacity) {
    constexpr int each = weft::atoms::tiny ? 1 : 2;
    auto [tx, rx] = make(capacity);
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
  static void many_by_rendezvous(auto& run) { many_give_and_take(run, 0); }
  static void many_through_one_place(auto& run) { many_give_and_take(run, 1); }
  static void many_through_three_places(auto& run) { many_give_and_take(run, 3); }

  // I3: two receivers and one sender.
  static void one_gives_and_two_take(auto& run, std::size_t capacity) {
    auto [tx, rx] = make(capacity);
    int got[2] = {};
    auto take = [&](int i) { return [&, i] { got[i] = value_of(rx.recv().wait()); }; };
    run([&] { (void)tx.send(1).wait(), (void)tx.send(2).wait(); }, take(0), take(1));
    expect_equal(got[0] + got[1], 3);
  }
  static void two_take_by_rendezvous(auto& run) { one_gives_and_two_take(run, 0); }
  static void two_take_through_one_place(auto& run) { one_gives_and_two_take(run, 1); }

  // I2: what one sends is received in its order.
  static void order(auto& run) {
    constexpr int values = weft::atoms::tiny ? 3 : 5;
    auto [tx, rx] = make(1);
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

  // I2: and a value that fills a place which became free comes after those in the ring.
  static void order_of_a_refill(auto& run) {
    auto [tx, rx] = make(2);
    expect(bool(tx.try_send(1)));
    expect(bool(tx.try_send(2)));
    moving_tasks tasks;
    run(in_turn([&, &to = tx] {
          (void)tasks.spawn([&to]() -> weft::task<> {
            auto op = to.send(3);
            auto const r = co_await std::move(op);
            expect(bool(r));
          });
        }),
        in_turn([&, &from = rx] {
          for (int i = 1; i <= 3; ++i) expect_equal(value_of(from.recv().wait()), i);
        }));
    expect_equal(tasks.live(), 0u);
  }

  // I2: two senders wait, and two receivers come: first come, first served.
  static void two_that_wait(auto& run) {
    auto [tx, rx] = make(0);
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
  static void a_value_in_the_ring_against_a_cancellation(auto& run) {
    auto [tx, rx] = make(1);
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
  static void room_against_a_cancellation(auto& run) {
    auto [tx, rx] = make(1);
    expect(bool(tx.try_send(1)));
    auto s = weft::scope::root();
    bool gave = false;
    run([&] { gave = weft::as_result(tx.send(2) | weft::with(s)).wait().has_value(); },
        [&] { expect_equal(value_of(rx.try_recv().value), 1); }, [&] { s.cancel(); });
    expect_equal(value_of(rx.try_recv().value), gave ? 2 : 0);
  }

  // I5: a receiver that takes from the ring and refills it from a sender that may be elsewhere.
  static void a_refill_against_a_select(auto& run) {
    ends one = make(1), other = make(1);
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
  static void two_refills_of_two_selects(auto& run) {
    ends one = make(1), other = make(1);
    expect(bool(one.tx.try_send(1)));
    expect(bool(other.tx.try_send(1)));
    moving_tasks tasks;
    bool sent[2] = {};
    auto give_either = [&](ends& first, ends& second, bool& done) {
      (void)tasks.spawn([&]() -> weft::task<> {
        auto op = weft::select(first.tx.send(2), second.tx.send(2));
        (void)co_await std::move(op);
        done = true;
      });
    };
    give_either(one, other, sent[0]);
    give_either(other, one, sent[1]);
    auto take = [](ends& from) {
      return in_turn([&from] { expect_equal(value_of(from.rx.recv().wait()), 1); });
    };
    run(take(one), take(other));
    expect(sent[0] && sent[1]);
    expect_equal(tasks.live(), 0u);
  }

  // A select that gives and takes on one channel, against another one.
  static void both_sides_of_one_channel_in_two_selects(auto& run) {
    auto [tx, rx] = make(0);
    std::size_t a = 9, b = 9;
    run([&] { a = weft::select(tx.send(1), rx.recv()).wait().index(); },
        [&] { b = weft::select(rx.recv(), tx.send(2)).wait().index(); });
    expect_equal(a, b);
  }

  // Closing: each value is refused or arrives.
  static void a_close_against_both_sides(auto& run, std::size_t capacity) {
    auto [tx, rx] = make(capacity);
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
  static void a_close_against_a_rendezvous(auto& run) { a_close_against_both_sides(run, 0); }
  static void a_close_against_a_full_channel(auto& run) { a_close_against_both_sides(run, 1); }

  // A close ends every wait once, also of two selects that could meet.
  static void a_close_against_two_selects(auto& run) {
    auto [tx, rx] = make(0);
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

  static void two_closes(auto& run) {
    auto [tx, rx] = make(0);
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
  static void the_last_sender_goes(auto& run) {
    auto [tx, rx] = make(1);
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
  static void the_last_receiver_goes(auto& run) {
    auto [tx, rx] = make(0);
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
  static void both_ends_go(auto& run) {
    auto [tx, rx] = make(1);
    expect(bool(tx.try_send(1)));
    run([&] { tx.reset(); }, [&] { rx.reset(); });
  }

  // The immediate forms against a waiter that gives up.
  static void immediate_forms_against_a_timeout(auto& run) {
    auto [tx, rx] = make(0);
    bool got = false, gave = false;
    run([&] { got = weft::as_result(rx.recv() | weft::timeout(5us)).wait().has_value(); },
        [&] {
          for (int i = 0; i < (weft::atoms::tiny ? 2 : 50) && !gave; ++i)
            gave = bool(tx.try_send(1));
        });
    expect_equal(got, gave);
  }

  // A select that one of two channels has served, in a task that waits for a third one now: the
  // other channel does not know it any more.
  static void a_select_leaves_nothing_behind(auto& run) {
    ends one = make(0), other = make(0), third = make(0);
    moving_tasks tasks;
    (void)tasks.spawn([&]() -> weft::task<> {
      auto op = weft::select(one.rx.recv(), other.rx.recv());
      (void)co_await std::move(op);
      auto next = third.rx.recv();
      auto const v = co_await std::move(next);
      expect_equal(value_of(v), 3);
    });
    auto const give = [](ends& to, int v) { return bool(to.tx.try_send(v)); };
    int given[2] = {};
    run(in_turn([&] { given[0] = give(one, 1); }), in_turn([&] { given[1] = give(other, 2); }));
    expect_equal(given[0] + given[1], 1);
    run(in_turn([&] { expect(give(third, 3)); }));
    expect_equal(tasks.live(), 0u);
  }

  // I5: two selects, each of which takes from one ring, while the other waits for the place that
  // becomes free there.
  static void two_refills_by_two_selects(auto& run) {
    ends one = make(1), other = make(1);
    expect(bool(one.tx.try_send(1)));
    expect(bool(other.tx.try_send(1)));
    auto const trade = [](ends& from, ends& to) {
      return [&] {
        auto const which = weft::select(late(to.tx.send(2)), late(from.rx.recv())).wait().index();
        if (which == 0) expect_equal(value_of(to.rx.try_recv().value), 2);
      };
    };
    run(trade(one, other), trade(other, one));
  }

  // I5: two selects, each of which waits where the other one looks: claims in any order would hold
  // each other up.
  static void two_selects_across_two_channels(auto& run) {
    ends one = make(0), other = make(0);
    std::size_t a = 9, b = 9;
    run([&] { a = weft::select(one.tx.send(1), other.rx.recv()).wait().index(); },
        [&] { b = weft::select(other.tx.send(2), one.rx.recv()).wait().index(); });
    expect_equal(a + b, 1u);
  }

  static weft_test::scenarios all() {
    return {
        WEFT_SCENARIO(a_rendezvous, .at_least = 140),
        WEFT_SCENARIO(through_one_place, .at_least = 25),
        WEFT_SCENARIO(two_that_wait, .at_least = 12),
        WEFT_SCENARIO(order_of_a_refill, .at_least = 64),
        WEFT_SCENARIO(two_closes, .at_least = 2),
        WEFT_SCENARIO(a_select_leaves_nothing_behind, .at_least = 11),
        WEFT_SCENARIO(both_ends_go, .at_least = 16),
        WEFT_SCENARIO(the_last_receiver_goes, .at_least = 76),
        WEFT_SCENARIO(immediate_forms_against_a_timeout, .at_least = 300),
        WEFT_SCENARIO(a_close_against_two_selects, .at_least = 100),
        WEFT_SCENARIO(two_refills_of_two_selects, .at_least = 89),
        WEFT_SCENARIO(two_refills_by_two_selects, .at_least = 150),
        WEFT_SCENARIO(two_selects_across_two_channels, .at_least = 1600),
        WEFT_SCENARIO(both_sides_of_one_channel_in_two_selects, .at_least = 2400),
        WEFT_SCENARIO(a_refill_against_a_select, .at_least = 2400),
        WEFT_SCENARIO(a_value_in_the_ring_against_a_cancellation, .at_least = 10000),
        WEFT_SCENARIO(room_against_a_cancellation, .at_least = 10000),
        WEFT_SCENARIO(the_last_sender_goes, .at_least = 19000),
        WEFT_SCENARIO(a_close_against_a_rendezvous, .at_least = 7300),
        WEFT_SCENARIO(a_close_against_a_full_channel, .at_least = 1600),
        WEFT_SCENARIO(order, .at_least = 61000),
        WEFT_SCENARIO(many_by_rendezvous, .at_least = 2500, .preemptions = 1),
        WEFT_SCENARIO(many_through_one_place, .at_least = 480, .preemptions = 1),
        WEFT_SCENARIO(many_through_three_places, .at_least = 430, .preemptions = 1),
        WEFT_SCENARIO(two_take_by_rendezvous, .at_least = 2500, .preemptions = 1),
        WEFT_SCENARIO(two_take_through_one_place, .at_least = 800, .preemptions = 1),
    };
  }
};

auto const all = with<&weft::make_channel<parcel>>::all();
bool const registered = weft_test::register_scenarios("channel_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

template <auto* Make>
std::vector<weft::check::scenario> variant() {
  return weft_test::all_checked(with<Make>::all());
}

TEST(channel_model, mutants) {
  weft_test::hunt(
      all, {{"a commit does not release the value", mutation::weaken, "word_.store(state_ended"},
            {"two claim the same waiter", mutation::tear, "word_.compare_exchange_weak(w, mine"},
            {"whoever is served is not woken", mutation::skip, "atoms::unpark"},
            {.name = "a receiver takes from the ring, then claims its wait (I4)",
             .variant = variant<&weft::takes_then_claims::make_channel<parcel>>()},
            {.name = "a sender fills the ring, then claims its wait (I4)",
             .variant = variant<&weft::fills_then_claims::make_channel<parcel>>()},
            {.name = "a receiver meets a sender without a claim on itself (I4)",
             .variant = variant<&weft::receives_unclaimed::make_channel<parcel>>()},
            {.name = "a sender meets a receiver without a claim on itself (I4)",
             .variant = variant<&weft::sends_unclaimed::make_channel<parcel>>()},
            {.name = "a select claims the other side first, and keeps it (I5)",
             .variant = variant<&weft::claims_theirs_first::make_channel<parcel>>()},
            {.name = "a select keeps its own claim while it pauses (I5)",
             .variant = variant<&weft::keeps_own_claim::make_channel<parcel>>()},
            {.name = "a receiver refills the ring before its wait has ended (I5)",
             .variant = variant<&weft::refills_while_claimed::make_channel<parcel>>()},
            {.name = "a close does not wake senders",
             .variant = variant<&weft::close_forgets_senders::make_channel<parcel>>()},
            {.name = "a close does not wake receivers",
             .variant = variant<&weft::close_forgets_receivers::make_channel<parcel>>()},
            {.name = "a close refuses nothing",
             .variant = variant<&weft::close_refuses_nothing::make_channel<parcel>>()},
            {.name = "a receiver serves waiting senders before the ring (I2)",
             .variant = variant<&weft::out_of_order::make_channel<parcel>>()},
            {.name = "a refill goes before the values in the ring (I2)",
             .variant = variant<&weft::refills_in_front::make_channel<parcel>>()},
            {.name = "a place that became free stays empty (I2)",
             .variant = variant<&weft::no_refill::make_channel<parcel>>()},
            {.name = "a case that lost stays linked",
             .variant = variant<&weft::stays_linked::make_channel<parcel>>()},
            {.name = "a receiver hangs itself up without looking at the ring again",
             .variant = variant<&weft::does_not_see_values::make_channel<parcel>>()},
            {.name = "a receiver hangs itself up without looking for a close",
             .variant = variant<&weft::receiver_does_not_see_close::make_channel<parcel>>()},
            {.name = "a sender hangs itself up without looking for a close",
             .variant = variant<&weft::sender_does_not_see_close::make_channel<parcel>>()},
            {.name = "both ends think that they are the last",
             .variant = variant<&weft::two_last_ends::make_channel<parcel>>()}});
}

#endif

}  // namespace
