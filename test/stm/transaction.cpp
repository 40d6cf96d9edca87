// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using weft::atomically;
using weft::transaction;
using weft::try_atomically;
using weft::tvar;

TEST(transaction, writes_are_seen_together_when_it_has_committed) {
  tvar<long> a{1000}, b{500};
  atomically([&](transaction& tx) {
    tx.write(a, tx.read(a) - 200);
    tx.write(b, tx.read(b) + 200);
    EXPECT_EQ(a.load(), 1000) << "outside, nothing has happened yet";
    EXPECT_EQ(tx.read(a), 800) << "inside, it has";
  }).wait();
  EXPECT_EQ(a.load(), 800);
  EXPECT_EQ(b.load(), 700);
}

TEST(transaction, gives_a_value) {
  tvar<std::string> const name{"weft"};
  EXPECT_EQ(atomically([&](transaction& tx) { return tx.read(name).size(); }).wait(), 4u);
  auto const in_task = [&]() -> weft::task<std::string> {
    auto twice = atomically([&](transaction& tx) { return tx.read(name) + tx.read(name); });
    co_return co_await std::move(twice);
  };
  EXPECT_EQ(weft::sync_wait(in_task()), "weftweft");
}

TEST(transaction, the_last_of_several_writes_counts) {
  // Not assignable, so each write is a new value.
  struct fixed {
    int const n;
  };
  tvar<fixed> f{fixed{1}};
  tvar<int> i{1};
  atomically([&](transaction& tx) {
    for (int n : {2, 3, 4}) {
      tx.write(f, fixed{n});
      tx.write(i, n);
      EXPECT_EQ(tx.read(f).n, n);
      EXPECT_EQ(tx.read(i), n);
    }
  }).wait();
  EXPECT_EQ(f.load().n, 4);
  EXPECT_EQ(i.load(), 4);
}

TEST(transaction, an_exception_undoes_it) {
  tvar<int> x{1};
  try {
    atomically([&](transaction& tx) {
      tx.write(x, 2);
      tx.on_commit([] { ADD_FAILURE() << "it has not committed"; });
      throw std::runtime_error("no");
    }).wait();
    FAIL();
  } catch (std::runtime_error const& e) {
    EXPECT_STREQ(e.what(), "no");
  }
  EXPECT_EQ(x.load(), 1);
}

TEST(transaction, functions_that_take_one_are_part_of_it) {
  tvar<int> x{1};
  auto const twice = [&](transaction& tx) { tx.write(x, 2 * tx.read(x)); };
  atomically([&](transaction& tx) { twice(tx), twice(tx); }).wait();
  EXPECT_EQ(x.load(), 4);
}

TEST(transaction, may_be_large) {
  std::vector<std::unique_ptr<tvar<long>>> all;
  for (int i = 0; i < 1000; ++i) all.push_back(std::make_unique<tvar<long>>(i));
  for (int round = 0; round < 3; ++round) {
    auto const add_one_to_each = [&](transaction& tx) {
      long total = 0;
      for (auto& v : all) {
        tx.write(*v, tx.read(*v) + 1);
        total += tx.read(*v);
      }
      return total;
    };
    auto const sum = atomically(add_one_to_each).wait();
    EXPECT_EQ(sum, 499'500 + 1000 * (round + 1));
  }
  EXPECT_EQ(all[999]->load(), 1002);
}

TEST(transaction, values_are_destroyed_once) {
  auto const counted = std::make_shared<int>(0);
  {
    tvar<std::shared_ptr<int>> v{counted};
    for (int i = 0; i < 1000; ++i) {
      atomically([&](transaction& tx) { tx.write(v, counted), tx.write(v, counted); }).wait();
      EXPECT_FALSE(try_atomically([&](transaction& tx) { tx.write(v, counted), tx.retry(); }));
    }
  }
  weft::default_domain().reclaim();
  EXPECT_EQ(counted.use_count(), 1);
}

TEST(retry, sleeps_until_what_was_read_changes) {
  tvar<int> x{0}, other{0};
  int runs = 0;
  std::jthread const waits{[&] {
    auto const got = atomically([&](transaction& tx) {
                       ++runs;
                       if (tx.read(x) < 2) tx.retry();
                       tx.write(x, 10);
                       return tx.read(x);
                     }).wait();
    EXPECT_EQ(got, 10);
  }};
  for (int i = 0; i < 1000; ++i) atomically([&](transaction& tx) { tx.write(other, i); }).wait();
  for (int i : {1, 2}) atomically([&](transaction& tx) { tx.write(x, i); }).wait();
  while (x.load() != 10) std::this_thread::yield();
  EXPECT_LE(runs, 4) << "others than x woke it";
}

TEST(retry, in_a_task_suspends_it) {
  tvar<int> x{0};
  auto const body = [&](weft::group& g) -> weft::task<int> {
    auto const get = [&]() -> weft::task<int> {
      auto positive = atomically([&](transaction& tx) {
        auto const v = tx.read(x);
        if (v == 0) tx.retry();
        return v;
      });
      co_return co_await std::move(positive);
    };
    auto first = g.spawn(get), second = g.spawn(get);
    auto set = atomically([&](transaction& tx) { tx.write(x, 7); });
    co_await std::move(set);
    int const a = co_await first.get();
    int const b = co_await second.get();
    co_return a + b;
  };
  EXPECT_EQ(weft::sync_wait(weft::with_group(body)), 14);
}

TEST(retry, ends_with_its_timeout_or_its_scope) {
  tvar<int> x{0};
  auto const never = [&](transaction& tx) {
    tx.write(x, 1);
    if (tx.read(x) != 2) tx.retry();
  };
  EXPECT_THROW((atomically(never) | weft::timeout(1ms)).wait(), weft::timeout_error);
  weft::scope s;
  s.cancel("enough");
  EXPECT_THROW((atomically(never) | weft::with(s)).wait(), weft::cancelled);
  EXPECT_EQ(x.load(), 0);
}

TEST(retry, immediately_is_false) {
  tvar<int> x{0};
  auto const take = [&](transaction& tx) {
    auto const v = tx.read(x);
    if (v == 0) tx.retry();
    tx.write(x, v - 1);
    return v;
  };
  EXPECT_EQ(try_atomically(take), std::nullopt);
  EXPECT_TRUE(try_atomically([&](transaction& tx) { tx.write(x, 1); }));
  EXPECT_EQ(try_atomically(take), 1);
  EXPECT_EQ(x.load(), 0);
}

TEST(select, of_transactions_commits_one) {
  tvar<int> a{0}, b{1}, taken{0};
  auto const from = [&](tvar<int>& v) {
    return [&](transaction& tx) {
      if (tx.read(v) == 0) tx.retry();
      tx.write(v, 0);
      tx.write(taken, tx.read(taken) + 1);
      tx.on_commit([] {});
    };
  };
  EXPECT_EQ(weft::select(atomically(from(a)), atomically(from(b))).wait().index(), 1u);
  EXPECT_EQ(b.load(), 0);
  EXPECT_EQ(taken.load(), 1);
  EXPECT_EQ(weft::select(atomically(from(a)), weft::after(1ms)).wait().index(), 1u);
  EXPECT_EQ(taken.load(), 1);
}

TEST(select, of_a_transaction_that_fails_throws_when_it_is_chosen) {
  tvar<bool> bad{false};
  auto const body = [&](transaction& tx) {
    if (!tx.read(bad)) tx.retry();
    throw std::runtime_error("bad");
  };
  std::jthread const set{[&] { atomically([&](transaction& tx) { tx.write(bad, true); }).wait(); }};
  EXPECT_THROW(weft::select(atomically(body), weft::after(1h)).wait(), std::runtime_error);
}

TEST(on_commit, runs_once_after_the_commit) {
  tvar<int> x{0};
  std::string order;
  atomically([&](transaction& tx) {
    tx.write(x, 1);
    tx.on_commit([&] { order += "first, x is " + std::to_string(x.load()); });
    tx.on_commit([&] { order += "; second"; });
  }).wait();
  EXPECT_EQ(order, "first, x is 1; second");
}

TEST(on_commit, of_another_transaction_may_begin_in_it) {
  tvar<int> x{0};
  atomically([&](transaction& tx) {
    tx.on_commit([&] { atomically([&](transaction& t) { t.write(x, 2); }).wait(); });
  }).wait();
  EXPECT_EQ(x.load(), 2);
}

std::string misuse(auto f) {
  try {
    f();
  } catch (weft::misuse_error const& e) {
    return e.what();
  }
  return "nothing";
}

TEST(misuse, a_body_must_not_wait) {
  weft::gate never;
  tvar<int> x{0};
  auto const waits =
      misuse([&] { atomically([&](transaction&) { never.opened().wait(); }).wait(); });
  EXPECT_THAT(waits, HasSubstr("a wait at transaction.cpp:"));
  EXPECT_THAT(waits, HasSubstr("tx.retry()"));
  auto const nested = misuse([&] {
    atomically([&](transaction&) {
      atomically([&](transaction& tx) { tx.write(x, 1); }).wait();
    }).wait();
  });
  EXPECT_THAT(nested, HasSubstr("call it with `tx`"));
  weft::gate open;
  open.open();
  open.opened().wait();  // allowed again
}

TEST(misuse, a_body_must_not_swallow_its_retry) {
  tvar<int> x{0};
  auto const text = misuse([&] {
    atomically([&](transaction& tx) {
      try {
        if (tx.read(x) == 0) tx.retry();
      } catch (...) {
      }
      tx.write(x, 1);
    }).wait();
  });
  EXPECT_THAT(text, HasSubstr("swallowed the retry"));
  EXPECT_EQ(x.load(), 0);
}

}  // namespace
