// SPDX-License-Identifier: Apache-2.0
// Question  What does a small transaction cost, alone and against others?
// Method    A bank of 1,024 accounts; a transfer reads and writes two, chosen at random. So many
//           threads transfer at once.
// Rivals    One std::mutex around the two accounts of a plain array: it cannot be composed, cannot
//           wait and cannot be undone, and is what a transaction has to be compared with.
// Reads as  ns per transfer of all threads together; ratio > 1 where weft is cheaper.
#include "harness/sampler.hpp"

#include <weft/weft.hpp>

#include <array>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t accounts = 1024;

struct choices {
  explicit choices(std::uint32_t seed) : state(seed * 2'654'435'769u | 1) {}
  std::size_t operator()() {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % accounts;
  }
  std::uint32_t state;
};

struct with_transactions {
  std::array<weft::tvar<long>, accounts> all;
  void transfer(std::size_t from, std::size_t to) {
    weft::atomically([&](weft::transaction& tx) {
      tx.write(all[from], tx.read(all[from]) - 1);
      tx.write(all[to], tx.read(all[to]) + 1);
    }).wait();
  }
};

struct with_a_mutex {
  std::array<long, accounts> all{};
  std::mutex lock;
  void transfer(std::size_t from, std::size_t to) {
    std::scoped_lock hold{lock};
    --all[from];
    ++all[to];
  }
};

template <class Bank, unsigned Threads>
bench::sample transfers() {
  auto bank = std::make_shared<Bank>();
  return bench::per_op([bank](std::uint64_t n) {
    std::vector<std::jthread> others;
    auto const some = [&](unsigned t) {
      choices choose(t + 1);
      for (auto left = n / Threads + 1; left != 0; --left) {
        auto const from = choose();
        bank->transfer(from, choose());
      }
    };
    for (unsigned t = 1; t < Threads; ++t) others.emplace_back(some, t);
    some(0);
  });
}

const bench::add one{{
    .name = "stm.bank.1t/mutex",
    .ours = transfers<with_transactions, 1>,
    .rival = transfers<with_a_mutex, 1>,
}};
const bench::add two{{
    .name = "stm.bank.2t/mutex",
    .ours = transfers<with_transactions, 2>,
    .rival = transfers<with_a_mutex, 2>,
}};

}  // namespace
