// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proofs in src/actor/README.md: mailboxes that sleep and wake, orders that come
// while they do, cells that change hands, requests, and those who wait for an end.
#include <support/scenario.hpp>
#include <support/scenario_tasks.hpp>

#include <weft/weft.hpp>

#include <memory>

#if defined(WEFT_MODEL)
#include <support/mistakes.hpp>
#endif

namespace {

using namespace std::chrono_literals;
using weft::ask_failure;
using weft::dead_reason;
using weft::inbox;
using weft::ref;
using weft_test::expect, weft_test::expect_equal, weft_test::in_turn, weft_test::where_woken;
using shared = weft::atoms::var<int>;

struct add {
  int n;
};
struct get {
  using reply = int;
};
struct load {
  std::unique_ptr<int> of;
};

// M1, M2: each message is received once, those of a sender in order.
void a_receiver_against_two_senders(auto& run) {
  inbox<add> in;
  auto const to = in.self();
  int sum = 0, last = 0;
  run(
      [&] {
        for (int i = 0; i < 3; ++i) {
          auto const n = in.receive().wait().n;
          if (n < 10) {
            expect(n > last, "one sender's messages come in order");
            last = n;
          }
          sum += n;
        }
      },
      [&] {
        to.tell(add{1});
        to.tell(add{2});
      },
      [&] { to.tell(add{10}); });
  expect_equal(sum, 13);
}

// M2: what the sender did before is seen.
void what_was_done_before(auto& run) {
  inbox<add> in;
  shared data = 0;
  run(
      [&] {
        (void)in.receive().wait();
        expect_equal(static_cast<int>(data), 1);
      },
      [&] {
        data = 1;
        in.self().tell(add{1});
      });
}

// R1, R2: a wait that ends in another way has taken nothing, and its waiter is not touched later.
void a_timeout_against_a_message(auto& run) {
  inbox<add> in;
  bool got = false;
  run([&] { got = weft::as_result(in.receive() | weft::timeout(20us)).wait().has_value(); },
      [&] { in.self().tell(add{1}); });
  expect(got != in.try_receive().has_value());
}

void a_select_against_a_message(auto& run) {
  inbox<add> in;
  weft::gate g;
  std::size_t which = 9;
  run([&] { which = weft::select(in.receive(), g.opened()).wait().index(); },
      [&] { in.self().tell(add{1}); }, [&] { g.open(); });
  expect_equal(in.try_receive().has_value(), which == 1);
}

// R2: a receive on both sides of a choice, and one after it.
void two_waits_against_two_messages(auto& run) {
  inbox<add> in;
  int got = 0;
  run(
      [&] {
        got = weft::as_result(in.receive() | weft::timeout(20us)).wait().has_value() ? 1 : 0;
        (void)in.receive().wait();
        ++got;
      },
      [&] {
        in.self().tell(add{1});
        in.self().tell(add{2});
      });
  expect_equal(got + (in.try_receive() ? 1 : 0), 2);
}

// R2: another case makes the owner look again while a message ends the wait.
void a_nudge_against_a_message(auto& run) {
  inbox<add> in;
  weft::tvar<int> x{0};
  auto const set = [&](int to) {
    weft::atomically([&x, to](weft::transaction& tx) { tx.write(x, to); }).wait();
  };
  run(
      [&] {
        auto two = weft::atomically([&](weft::transaction& tx) {
          if (tx.read(x) < 2) tx.retry();
        });
        expect_equal(weft::select(in.receive(), std::move(two)).wait().index(), 0u);
      },
      [&] { set(1); }, [&] { in.self().tell(add{1}); });
}

// C1: a message for one who has gone is never another one's, and ends as a dead letter.
void a_late_message_against_the_next_tenant(auto& run) {
  auto const before = weft::dead_letters().count();
  auto first = std::make_unique<inbox<load>>();
  auto const stale = first->self();
  run(
      [&] {
        first.reset();
        inbox<load> second;
        expect(!second.try_receive(), "nobody has that reference");
      },
      [&] { stale.tell(load{std::make_unique<int>(1)}); });
  expect_equal(weft::dead_letters().count(), before + 1);
}

// M4: what comes behind the stub on its way back does not keep the cell awake.
void late_messages_against_the_end(auto& run) {
  auto const before = weft::dead_letters().count();
  auto first = std::make_unique<inbox<add>>();
  auto const stale = first->self();
  auto const send = [&] { stale.tell(add{1}); };
  run([&] { first.reset(); }, send, send);
  inbox<add> second;
  expect_equal(weft::dead_letters().count(), before + 2);
}

// C1, C2: two late messages while the cell goes from hand to hand.
void late_messages_against_a_waiting_tenant(auto& run) {
  auto const before = weft::dead_letters().count();
  auto first = std::make_unique<inbox<add>>();
  auto const stale = first->self();
  first.reset();
  inbox<add> second;
  run([&] { expect_equal(second.receive().wait().n, 7); },
      [&] {
        // As one whose look at the tenant was earlier.
        auto& c = *weft::detail::ref_access::at(stale);
        auto* const e = weft::detail::make_envelope<weft::detail::message<add>>(add{1});
        e->to = stale.id();
        c.deliver(*e);
        second.self().tell(add{7});
      });
  expect_equal(weft::dead_letters().count(), before + 1);
}

// An actor with handlers, whose turns go from thread to thread.
class counter : public weft::actor<add, get> {
  shared* sum_;

 public:
  explicit counter(shared* sum) : sum_(sum) {}
  void on(add m) { *sum_ = *sum_ + m.n; }
  int on(get) { return *sum_; }
};

// T1: one turn at a time, wherever it runs, and no message is left.
void turns_against_senders(auto& run) {
  where_woken on;
  shared sum = 0;
  auto const a = weft::spawn_actor<counter>({.on = &on}, &sum);
  run(in_turn([&] {
        a.tell(add{1});
        a.tell(add{2});
      }),
      in_turn([&] { a.tell(add{4}); }));
  expect_equal(static_cast<int>(sum), 7);
  in_turn([&] { a.kill(); })();
}

// T2: an order is obeyed, also by one that falls asleep just then; what is queued is not lost.
void a_stop_against_a_message(auto& run) {
  where_woken on;
  shared sum = 0;
  auto const before = weft::dead_letters().count();
  auto const a = weft::spawn_actor<counter>({.on = &on}, &sum);
  run(in_turn([&] { a.tell(add{1}); }), in_turn([&] { expect(a.stop()); }));
  expect(!a.alive());
  expect_equal(static_cast<std::uint64_t>(static_cast<int>(sum)) + weft::dead_letters().count(),
               before + 1);
}

void the_end_of_a_scope_against_a_message(auto& run) {
  where_woken on;
  shared sum = 0;
  auto above = weft::scope::root();
  auto const a = weft::spawn_actor<counter>({.on = &on, .in = above}, &sum);
  run(in_turn([&] { a.tell(add{1}); }), in_turn([&] { above.cancel(); }));
  expect(!a.alive());
}

// T2 for a coroutine: it is woken, or finds the order by itself.
class walker : public weft::actor<add> {
  shared* sum_;

 public:
  explicit walker(shared* sum) : sum_(sum) {}
  weft::task<> run() {
    for (;;) {
      auto const m = co_await receive();
      *sum_ = *sum_ + m.n;
    }
  }
};

void a_stop_against_a_receive(auto& run) {
  where_woken on;
  shared sum = 0;
  auto const a = weft::spawn_actor<walker>({.on = &on}, &sum);
  where_woken::turn();
  run(in_turn([&] { a.tell(add{1}); }), in_turn([&] { expect(a.stop()); }));
  expect(!a.alive());
}

void a_kill_against_a_receive(auto& run) {
  where_woken on;
  shared sum = 0;
  auto const a = weft::spawn_actor<walker>({.on = &on}, &sum);
  where_woken::turn();
  run(in_turn([&] { a.tell(add{1}); }), in_turn([&] { expect(a.kill()); }));
  expect(!a.alive());
}

// A1: a request has one end, whoever comes first; an answer that is late is counted.
void an_answer_from_elsewhere_against_a_timeout(auto& run) {
  inbox<get> in;
  auto const late = weft::dead_letters().count();
  int got = 0;
  run(
      [&] {
        try {
          got = in.self().ask(get{}, 20us).wait();
        } catch (weft::actor_error const& e) {
          expect(e.why() == ask_failure::timed_out);
        }
      },
      [&] {
        auto r = in.receive().wait();
        r.answer.reply(5);
      });
  expect_equal(weft::dead_letters().count(), late + (got == 5 ? 0 : 1));
}

void a_request_against_the_end(auto& run) {
  auto in = std::make_unique<inbox<get>>();
  auto const to = in->self();
  run(
      [&] {
        try {
          (void)to.ask(get{}, weft::duration::max()).wait();
          expect(false, "nobody answers");
        } catch (weft::actor_error const& e) {
          expect(e.why() == ask_failure::terminated || e.why() == ask_failure::no_actor);
        }
      },
      [&] { in.reset(); });
}

// B1: a place passes to one that waits for it, or is free again.
void a_sender_against_a_place(auto& run) {
  inbox<add> in(weft::mailbox_bounds{.capacity = 1, .when_full = weft::overflow::block});
  auto const to = in.self();
  to.tell(add{1});
  int sum = 0;
  run([&] { sum = in.receive().wait().n + in.receive().wait().n; },
      [&] { expect(to.send(add{2}).wait() == weft::status::done); });
  expect_equal(sum, 3);
  expect(to.tell(add{1}) == weft::status::done);
}

void a_sender_that_gives_up_against_a_place(auto& run) {
  inbox<add> in(weft::mailbox_bounds{.capacity = 1, .when_full = weft::overflow::block});
  auto const to = in.self();
  to.tell(add{1});
  bool sent = false;
  run([&] { sent = weft::as_result(to.send(add{2}) | weft::timeout(20us)).wait().has_value(); },
      [&] { expect_equal(in.receive().wait().n, 1); });
  expect_equal(in.try_receive().has_value(), sent);
  expect(to.tell(add{1}) == weft::status::done, "no place is lost");
  expect(to.tell(add{1}) == weft::status::full, "and none is made");
}

void a_sender_against_the_end(auto& run) {
  auto in = std::make_unique<inbox<add>>(
      weft::mailbox_bounds{.capacity = 1, .when_full = weft::overflow::block});
  auto const to = in->self();
  to.tell(add{1});
  run([&] { (void)to.send(add{2}).wait(); }, [&] { in.reset(); });
  expect(to.tell(add{1}) == weft::status::closed);
}

// E1: whoever waits for the end hears of it once.
void a_wait_for_the_end(auto& run) {
  auto in = std::make_unique<inbox<add>>();
  auto const of = in->self();
  run([&] { (void)weft::ended(of).wait(); }, [&] { in.reset(); });
}

void a_monitor_against_the_end(auto& run) {
  auto in = std::make_unique<inbox<add>>();
  auto const of = in->self();
  inbox<weft::down> told;
  run([&] { weft::monitor(of, told.self()); }, [&] { in.reset(); });
  expect(told.try_receive().has_value());
  expect(!told.try_receive().has_value());
}

void a_monitor_taken_back_against_the_end(auto& run) {
  auto in = std::make_unique<inbox<add>>();
  auto const of = in->self();
  inbox<weft::down> told;
  auto const number = weft::monitor(of, told.self());
  bool back = false;
  run([&] { back = weft::demonitor(of, number); }, [&] { in.reset(); });
  expect(back != told.try_receive().has_value());
}

// E2: of two that are linked, one's end is the other's, whenever the link was made.
void a_link_against_an_end(auto& run) {
  where_woken on;
  shared one = 0, two = 0;
  auto const a = weft::spawn_actor<counter>({.on = &on}, &one);
  auto const b = weft::spawn_actor<counter>({.on = &on}, &two);
  run(in_turn([&] { weft::link(a, b); }), in_turn([&] { a.kill(); }));
  expect(!a.alive());
  expect(!b.alive());
}

void two_ends_of_a_link(auto& run) {
  where_woken on;
  shared one = 0, two = 0;
  auto const a = weft::spawn_actor<counter>({.on = &on}, &one);
  auto const b = weft::spawn_actor<counter>({.on = &on}, &two);
  weft::link(a, b);
  run(in_turn([&] { a.kill(); }), in_turn([&] { b.kill(); }));
  expect(!a.alive());
  expect(!b.alive());
}

void the_end_of_a_linked_one_against_a_message(auto& run) {
  where_woken on;
  shared one = 0, two = 0;
  auto const a = weft::spawn_actor<counter>({.on = &on}, &one);
  auto const b = weft::spawn_actor<counter>({.on = &on}, &two);
  weft::link(a, b);
  run(in_turn([&] { b.tell(add{1}); }), in_turn([&] { a.kill(); }));
  expect(!b.alive());
}

weft_test::scenarios const all{
    WEFT_SCENARIO(what_was_done_before, .at_least = 50),
    WEFT_SCENARIO(a_timeout_against_a_message, .at_least = 400),
    WEFT_SCENARIO(a_late_message_against_the_next_tenant, .at_least = 20),
    WEFT_SCENARIO(a_stop_against_a_message, .at_least = 270),
    WEFT_SCENARIO(the_end_of_a_scope_against_a_message, .at_least = 170),
    WEFT_SCENARIO(turns_against_senders, .at_least = 400),
    WEFT_SCENARIO(a_stop_against_a_receive, .at_least = 170),
    WEFT_SCENARIO(a_wait_for_the_end, .at_least = 34),
    WEFT_SCENARIO(a_monitor_against_the_end, .at_least = 4),
    WEFT_SCENARIO(a_monitor_taken_back_against_the_end, .at_least = 2),
    WEFT_SCENARIO(a_link_against_an_end, .at_least = 250),
    WEFT_SCENARIO(a_sender_against_the_end, .at_least = 34),
    WEFT_SCENARIO(a_sender_against_a_place, .at_least = 2'800, .preemptions = 2),
    WEFT_SCENARIO(a_sender_that_gives_up_against_a_place, .at_least = 500, .preemptions = 2),
    WEFT_SCENARIO(late_messages_against_the_end, .at_least = 7'900, .preemptions = 2),
    WEFT_SCENARIO(two_ends_of_a_link, .at_least = 900, .preemptions = 2),
    WEFT_SCENARIO(the_end_of_a_linked_one_against_a_message, .at_least = 400, .preemptions = 2),
    WEFT_SCENARIO(two_waits_against_two_messages, .at_least = 1600, .preemptions = 2),
    WEFT_SCENARIO(late_messages_against_a_waiting_tenant, .at_least = 2200, .preemptions = 2),
    WEFT_SCENARIO(a_request_against_the_end, .at_least = 2300, .preemptions = 2),
    WEFT_SCENARIO(a_kill_against_a_receive, .at_least = 4800, .preemptions = 2),
    WEFT_SCENARIO(an_answer_from_elsewhere_against_a_timeout, .at_least = 13'000, .preemptions = 2),
    WEFT_SCENARIO(a_receiver_against_two_senders, .at_least = 17'000, .preemptions = 1),
    WEFT_SCENARIO(a_select_against_a_message, .at_least = 5'900, .preemptions = 1),
    WEFT_SCENARIO(a_nudge_against_a_message, .at_least = 31'000, .preemptions = 1, .leaks = false),
};

bool const registered = weft_test::register_scenarios("actor_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(actor_model, mutants) {
  weft_test::hunt(
      all, {{"a message takes its place by a load and a store", mutation::tear, "tail_.exchange("},
            {"a message is not linked", mutation::skip, "link_of(before)->next.store("}});
  weft_test::hunt_mistakes(all);
}

TEST(actor_model, orders) {
  weft_test::audit_orders(
      all,
      {"actor/ask.hpp", "actor/cell.hpp", "actor/mailbox.hpp", "actor/actor.cpp",
       "actor/bounds.cpp", "actor/cell.cpp", "actor/dead_letters.cpp", "actor/extension.cpp",
       "actor/receive.cpp", "actor/supervisor.cpp"},
      3'000);
}

#endif

}  // namespace
