// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/sampler.hpp"
#include "rivals.hpp"
#include "structures.hpp"

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

/// Runs work(thread, number, n / Threads) on so many threads; the caller is the first.
template <class S, unsigned Threads, class Work>
void on_threads(std::uint64_t n, Work work) {
  auto const one = [&](unsigned number) {
    typename S::thread mine;
    work(mine, number, n / Threads + 1);
  };
  std::vector<std::jthread> others;
  for (unsigned t = 1; t < Threads; ++t) others.emplace_back(one, t);
  one(0);
}

struct choices {
  explicit choices(std::uint32_t seed) : state(seed * 2'654'435'769u | 1) {}
  std::uint32_t operator()() {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
  }
  std::uint32_t state;
};

/// Pairs of push and pop on a stack or queue, whose contents are counted at the end of each sample.
template <template <class> class Structure, unsigned Threads>
struct pairs {
  template <class S>
  static sample of() {
    struct world {
      Structure<S> all;
    };
    S::settle();
    return per_op([w = std::make_shared<world>()](std::uint64_t n) {
      std::atomic<std::uint64_t> pushed{0};
      std::atomic<std::uint64_t> popped{0};
      on_threads<S, Threads>(n, [&](typename S::thread& t, unsigned, std::uint64_t turns) {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 1; i <= turns; ++i) {
          w->all.push(t, i);
          std::uint64_t value = 0;
          if (w->all.pop(t, value)) sum += value;
        }
        pushed += turns * (turns + 1) / 2;
        popped += sum;
      });
      typename S::thread last;
      for (std::uint64_t value = 0; w->all.pop(last, value);) popped += value;
      if (pushed != popped) throw std::runtime_error{"a value was lost"};
    });
  }
};

/// Lookups in an ordered list of which half of 256 keys are there; so many of a hundred operations
/// insert or erase.
template <unsigned Updates, unsigned Threads>
struct lookups {
  template <class S>
  static sample of() {
    static constexpr std::uint32_t keys = 256;
    struct world {
      list<S> all;
      world() {
        typename S::thread t;
        for (std::uint32_t k = 0; k < keys; k += 2) all.insert(t, k);
      }
    };
    S::settle();
    return per_op([w = std::make_shared<world>()](std::uint64_t n) {
      std::atomic<std::int64_t> present{0};
      on_threads<S, Threads>(n, [&](typename S::thread& t, unsigned number, std::uint64_t turns) {
        choices choose(number + 1);
        std::int64_t more = 0;
        for (; turns != 0; --turns) {
          auto const dice = choose() >> 8;
          auto const key = dice % keys;
          auto const what = dice / keys % 200;
          if (what >= 2 * Updates) {
            keep(w->all.contains(t, key));
          } else if (what % 2 == 0) {
            more += w->all.insert(t, key);
          } else {
            more -= w->all.erase(t, key);
          }
        }
        present += more;
      });
      if (present > 256 || present < -256) throw std::runtime_error{"a key was lost"};
    });
  }
};

/// Adds a row against each rival: `Question::of<S>()` is a side, `more(row)` says what is special.
template <class Question, class Ours, std::invocable<row&> More>
void compare(std::string const& item, More more) {
  each_rival([&]<class S>(char const* name, char const* package) {
    row r;
    r.name = item + "/" + name;
    r.ours = Question::template of<Ours>;
    if constexpr (!std::is_same_v<S, absent>) r.rival = Question::template of<S>;
    r.package = package;
    more(r);
    add{std::move(r)};
  });
}
template <class Question, class Ours>
void compare(std::string const& item, double target) {
  compare<Question, Ours>(item, [target](row& r) { r.target = target; });
}

}  // namespace bench
