// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "program.hpp"

#include <support/duration.hpp>
#include <support/seed.hpp>

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

// Programs by chance, and the smallest that still shows what a test has found.
namespace weft_test {

/// What programs are made of.
struct kind_of_program {
  std::string name;
  std::vector<does> steps;             // one listed twice comes twice as often
  unsigned most_steps[3] = {4, 3, 2};  // of each of two, three, four threads
  unsigned places = 2;
};

class program_maker {
 public:
  program_maker(kind_of_program kind, std::uint64_t seed) : kind_(std::move(kind)), chance_(seed) {}

  /// Two or three threads, or `threads`.
  program operator()(unsigned threads = 0) {
    program p(threads != 0 ? threads : 2 + below(2));
    for (auto& steps : p) {
      auto const most = kind_.most_steps[p.size() - 2];
      for (auto n = 1 + below(most); n > 0; --n) steps.push_back(make());
    }
    return p;
  }
  /// A number below n.
  unsigned below(unsigned n) { return static_cast<unsigned>(chance_() % n); }

 private:
  template <class... Orders>
  std::memory_order pick(Orders... among) {
    std::memory_order const all[] = {among...};
    return all[below(sizeof...(among))];
  }

  step make() {
    using namespace weft;
    step s;
    s.what = kind_.steps[below(static_cast<unsigned>(kind_.steps.size()))];
    s.at = below(kind_.places);
    s.value = 1 + static_cast<int>(below(2));
    switch (s.what) {
      case does::load:
      case does::await:
      case does::sleep:
        s.order = pick(relaxed, acquire, seq_cst);
        break;
      case does::store:
        s.order = pick(relaxed, release, seq_cst);
        break;
      case does::fence:
        s.order = pick(acquire, release, acq_rel, seq_cst, seq_cst, seq_cst);
        break;
      case does::strong:
      case does::weak:
        s.expected = s.value - 1;
        s.failed = pick(relaxed, acquire, seq_cst);
        [[fallthrough]];
      case does::exchange:
      case does::add:
      case does::bump:
      case does::grab:
      case does::spawn:
        s.order = pick(relaxed, acquire, release, acq_rel, seq_cst);
        break;
      case does::get:
      case does::set:
        s.at = below(2);
        if (below(2) == 0) s.only_if = static_cast<int>(below(3));
        break;
      case does::lock:
      case does::try_lock:
      case does::unlock:
        s.at = below(2);
        break;
      case does::doze:
      case does::wait_for:
        s.value = 10 * s.value;
        break;
      case does::signal:
        s.at = below(3);
        break;
      default:
        break;
    }
    return s;
  }

  kind_of_program kind_;
  std::mt19937_64 chance_;
};

/// Takes steps and threads out of a program as long as what is wrong with it stays wrong.
inline program shrink(program p, std::function<bool(program const&)> const& wrong) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t t = 0; t < p.size() && !smaller; ++t) {
      for (std::size_t i = 0; i < p[t].size() && !smaller; ++i) {
        auto less = p;
        less[t].erase(less[t].begin() + static_cast<std::ptrdiff_t>(i));
        if (less[t].empty() && less.size() > 2) less.erase(less.begin() + static_cast<long>(t));
        smaller = wrong(less);
        if (smaller) p = std::move(less);
      }
    }
  }
  return p;
}

/// For a test that goes on for as long as it is given: WEFT_DURATION seconds, else `otherwise`.
class time_to_spend {
 public:
  explicit time_to_spend(std::chrono::nanoseconds otherwise)
      : until_(std::chrono::steady_clock::now() + duration(otherwise)) {}
  [[nodiscard]] bool left() const { return std::chrono::steady_clock::now() < until_; }

 private:
  std::chrono::steady_clock::time_point until_;
};

}  // namespace weft_test
