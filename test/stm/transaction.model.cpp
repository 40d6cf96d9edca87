// SPDX-License-Identifier: Apache-2.0
// Scenarios of the proof in src/stm/README.md.
#include <check/mutants.hpp>
#include <support/scenario.hpp>

#include <weft/weft.hpp>

namespace {

using namespace std::chrono_literals;
using weft::atomically;
using weft::transaction;
using weft::tvar;
using weft_test::expect;
using weft_test::expect_equal;

auto set(tvar<int>& v, int x) {
  return atomically([&v, x](transaction& tx) { tx.write(v, x); });
}

// S1, S2: what an attempt reads belongs together, also when it is given up.
void a_transfer_against_a_sum(auto& run) {
  tvar<int> a{1}, b{0};
  run(
      [&] {
        atomically([&](transaction& tx) {
          tx.write(a, 0);
          tx.write(b, 1);
        }).wait();
      },
      [&] {
        atomically([&](transaction& tx) {
          auto const first = tx.read(a);
          expect_equal(first + tx.read(b), 1);
        }).wait();
      });
}

// S3: neither of two increments is lost.
void two_increments(auto& run) {
  tvar<int> x{0};
  auto const one_more = [&] {
    atomically([&](transaction& tx) { tx.write(x, tx.read(x) + 1); }).wait();
  };
  run(one_more, one_more);
  expect_equal(x.load(), 2);
}

// S3: two that read both and write one each could not both have been first.
void write_skew(auto& run) {
  tvar<int> a{0}, b{0};
  auto const take_unless = [](tvar<int>& other, tvar<int>& mine) {
    return [&] {
      atomically([&](transaction& tx) {
        if (tx.read(other) == 0) tx.write(mine, 1);
      }).wait();
    };
  };
  run(take_unless(a, b), take_unless(b, a));
  expect_equal(a.load() + b.load(), 1);
}

// S3, S5: what is read outside is a value that was committed; what was replaced is freed in time.
void a_look_from_outside(auto& run) {
  tvar<int> x{0};
  run([&] { set(x, 1).wait(); },
      [&] {
        auto const first = x.load();
        expect(first <= x.load(), "time does not go back");
      });
}

#if defined(WEFT_MODEL)
// S5: each value that was replaced is destroyed, and none twice. On real threads that would be
// when the threads end.
struct counted {
  explicit counted(int& n) : live(&n) { ++*live; }
  counted(counted const& other) : live(other.live) { ++*live; }
  counted& operator=(counted const&) = default;
  ~counted() { --*live; }
  int* live;
};
void values_end(auto& run) {
  int live = 0;
  {
    tvar<counted> v{counted(live)};
    auto const replace = [&] {
      atomically([&](transaction& tx) { tx.write(v, tx.read(v)); }).wait();
    };
    run(replace, [&] { (void)v.load(); });
    replace();
  }
  weft::default_domain().reclaim();
  expect_equal(live, 0);
}
#endif

// S4: one that sleeps until a variable changes, against the change.
void a_retry_against_the_commit(auto& run) {
  tvar<int> x{0};
  int got = 0;
  run(
      [&] {
        got = atomically([&](transaction& tx) {
                auto const v = tx.read(x);
                if (v == 0) tx.retry();
                return v;
              }).wait();
      },
      [&] { set(x, 1).wait(); });
  expect_equal(got, 1);
}

// S4: a change that does not help, and then one that does.
void a_retry_against_two_commits(auto& run) {
  tvar<int> x{0}, y{0};
  run(
      [&] {
        atomically([&](transaction& tx) {
          if (tx.read(x) + tx.read(y) < 2) tx.retry();
        }).wait();
      },
      [&] { set(x, 1).wait(), set(y, 1).wait(); });
}

// Another case ends the wait, or the transaction commits: never both.
void a_select_against_the_commit(auto& run) {
  tvar<int> full{0};
  weft::gate g;
  std::size_t which = 9;
  run(
      [&] {
        auto take = atomically([&](transaction& tx) {
          if (tx.read(full) == 0) tx.retry();
          tx.write(full, 0);
        });
        which = weft::select(std::move(take), g.opened()).wait().index();
      },
      [&] { set(full, 1).wait(); }, [&] { g.open(); });
  expect_equal(full.load(), which == 0 ? 0 : 1);
}

// The same with a timeout, and the variables gone right after.
void a_timeout_against_the_commit(auto& run) {
  auto const x = std::make_unique<tvar<int>>(0);
  bool done = false;
  run(
      [&] {
        auto positive = atomically([&](transaction& tx) {
          if (tx.read(*x) == 0) tx.retry();
        });
        done = weft::as_result(std::move(positive) | weft::timeout(20us)).wait().has_value();
      },
      [&] { set(*x, 1).wait(); });
  (void)done;
}

// The default domain keeps what it has for later.
weft_test::scenarios const all{
    WEFT_SCENARIO(a_transfer_against_a_sum, .at_least = 300, .leaks = false),
    WEFT_SCENARIO(two_increments, .at_least = 1000, .leaks = false),
    WEFT_SCENARIO(write_skew, .at_least = 560, .leaks = false),
    WEFT_SCENARIO(a_look_from_outside, .at_least = 72, .leaks = false),
#if defined(WEFT_MODEL)
    WEFT_SCENARIO(values_end, .at_least = 48, .leaks = false),
#endif
    WEFT_SCENARIO(a_retry_against_the_commit, .at_least = 1300, .leaks = false),
    WEFT_SCENARIO(a_timeout_against_the_commit, .at_least = 1400, .preemptions = 2, .leaks = false),
    WEFT_SCENARIO(a_retry_against_two_commits, .at_least = 14000, .preemptions = 2, .leaks = false),
    WEFT_SCENARIO(a_select_against_the_commit, .at_least = 18000, .preemptions = 1, .leaks = false),
};

bool const registered = weft_test::register_scenarios("transaction_model", all, __FILE__);

#if defined(WEFT_MODEL)

using weft::check::mutation;

TEST(transaction_model, mistakes) {
  weft_test::hunt(
      all,
      {{"a value is published without an edge", mutation::weaken,
        "w.var->now_.store(std::exchange(w.value, before), release)"},
       {"the time is made even without an edge", mutation::weaken, ".now.store(moment_, release)"},
       {"an attempt moves on to a time without an edge", mutation::weaken,
        "auto const t = quiet_time(atoms::global"},
       {"a sleeper does not say so", mutation::weaken, ".count.fetch_add(1, seq_cst)"},
       {"a sleeper does not look again", mutation::weaken, ".now.load(seq_cst) == moment_"},
       {"a read does not look at the time", mutation::read_stale,
        ".now.load(relaxed) == moment_"}});
}

TEST(transaction_model, orders) {
  weft_test::audit_orders(all, {"stm/transaction_log.cpp", "stm/tvar.hpp"}, 20'000);
}

#endif

}  // namespace
