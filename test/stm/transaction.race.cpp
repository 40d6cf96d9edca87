// SPDX-License-Identifier: Apache-2.0
// Transactions on real threads, with their attempts recorded and judged.
#include <support/duration.hpp>
#include <support/seed.hpp>

#include <weft/check/opacity.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <latch>
#include <optional>
#include <random>
#include <thread>
#include <vector>

namespace {

using weft::atomically;
using weft::transaction;
using weft::tvar;

// Every attempt, committed or given up, saw a state that some order of the commits explains.
TEST(transactions, are_opaque) {
  constexpr unsigned clients = 3;
  constexpr std::size_t each = 60, variables = 3;
  auto const end = weft::clock::now() + weft_test::duration(std::chrono::milliseconds(500));
  auto const seed = weft_test::seed();
  std::uint64_t round = 0;
  do {
    std::array<tvar<int>, variables> vars;
    weft::check::transaction_history<> h(clients, 50 * each, 500 * each);
    std::latch begin(clients);
    {
      std::vector<std::jthread> threads;
      for (unsigned c = 0; c < clients; ++c) {
        threads.emplace_back([&, c] {
          std::mt19937_64 random(seed + round * clients + c);
          begin.arrive_and_wait();
          for (std::size_t i = 0; i < each; ++i) {
            std::optional<decltype(h.begin(c))> attempt;
            auto const unique = static_cast<int>(1 + c + clients * i);
            auto const choice = random();
            atomically([&](transaction& tx) {
              attempt.reset();
              attempt.emplace(h.begin(c));
              for (std::size_t n = 0; n < 4; ++n) {
                auto const v = choice >> (4 * n) & 15;
                auto& var = vars[v % variables];
                auto const number = static_cast<int>(v % variables);
                if (v < 10) {
                  attempt->read(number, [&] { return tx.read(var); });
                } else {
                  attempt->write(number, unique * 4 + static_cast<int>(n),
                                 [&] { tx.write(var, unique * 4 + static_cast<int>(n)); });
                }
              }
              attempt->committing();
            }).wait();
            attempt->committed();
          }
        });
      }
    }
    auto const j = weft::check::opaque(h);
    ASSERT_TRUE(j) << j;
    ++round;
  } while (weft::clock::now() < end);
}

TEST(transactions, move_money_and_lose_none) {
  constexpr long accounts = 8, start = 1000;
  std::vector<std::unique_ptr<tvar<long>>> bank;
  for (long i = 0; i < accounts; ++i) bank.push_back(std::make_unique<tvar<long>>(start));
  std::atomic<bool> stop{false};
  std::atomic<long> wrong{0};
  auto const total = [&](transaction& tx) {
    long sum = 0;
    for (auto& a : bank) sum += tx.read(*a);
    if (sum != accounts * start) ++wrong;  // also in attempts that are given up
    return sum;
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        std::mt19937_64 random(weft_test::seed() + t);
        while (!stop) {
          auto& from = *bank[random() % accounts];
          auto& to = *bank[random() % accounts];
          auto const much = static_cast<long>(random() % 100);
          atomically([&](transaction& tx) {
            tx.write(from, tx.read(from) - much);
            tx.write(to, tx.read(to) + much);
          }).wait();
          if (random() % 16 == 0) atomically(total).wait();
        }
      });
    }
    weft::after(weft_test::duration(std::chrono::milliseconds(500))).wait();
    stop = true;
  }
  EXPECT_EQ(atomically(total).wait(), accounts * start);
  EXPECT_EQ(wrong, 0);
}

// A buffer of one place between two tasks: each sleeps until the other has done its part.
TEST(transactions, wake_each_other) {
  tvar<std::optional<int>> place;
  constexpr int turns = 20'000;
  auto const body = [&](weft::group& g) -> weft::task<long> {
    auto const put = [&]() -> weft::task<> {
      for (int i = 1; i <= turns; ++i) {
        auto op = atomically([&](transaction& tx) {
          if (tx.read(place)) tx.retry();
          tx.write(place, i);
        });
        co_await std::move(op);
      }
    };
    (void)g.spawn(put);
    long sum = 0;
    for (int i = 1; i <= turns; ++i) {
      auto op = atomically([&](transaction& tx) {
        auto const v = tx.read(place);
        if (!v) tx.retry();
        tx.write(place, std::nullopt);
        return *v;
      });
      sum += co_await std::move(op);
    }
    co_return sum;
  };
  EXPECT_EQ(weft::sync_wait(weft::with_group(body)), turns * (turns + 1L) / 2);
}

}  // namespace
