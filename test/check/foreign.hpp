// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/explore.hpp>
#include <weft/check/var.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

// What the tests of other people's queues have in common. Each explores a header as it is
// installed; foreign.py builds the same tests against copies with one order weakened, which they
// must notice.
namespace weft_test {

namespace check = weft::check;

/// An element: whoever makes, copies or reads one touches plain data that the checker watches.
class element {
 public:
  element(int v = 0) noexcept : value_(v) {}  // NOLINT: stands where an int would
  element(element const& other) noexcept : value_(other.value()) {}
  element& operator=(element const& other) noexcept {
    value_.set(other.value());
    return *this;
  }
  ~element() = default;
  [[nodiscard]] int value() const noexcept { return value_.get(); }

 private:
  check::var<int> value_;
};

/// What one thread took, in its order; at most so many.
class taken {
 public:
  void add(element const& e) {
    check::expect(count_ < 8, "more was taken than was ever put in");
    values_[count_++] = e.value();
  }
  [[nodiscard]] int count() const noexcept { return count_; }
  /// 1, 2, 3 ... up to `last`: nothing lost, nothing twice, nothing overtaken.
  void expect_all_in_order(int last) const {
    check::expect_equal(count_, last);
    for (int i = 0; i < count_; ++i) check::expect_equal(values_[i], i + 1);
  }
  [[nodiscard]] int times(int value) const noexcept {
    int n = 0;
    for (int i = 0; i < count_; ++i) n += values_[i] == value ? 1 : 0;
    return n;
  }
  [[nodiscard]] bool rising() const noexcept {
    for (int i = 1; i < count_; ++i) {
      if (values_[i - 1] >= values_[i]) return false;
    }
    return true;
  }

 private:
  int values_[8] = {};
  int count_ = 0;
};

/// Explores to the end; prints how many executions there were.
inline void exhaust(check::options o, std::function<void(check::threads&)> scenario) {
  auto const r = check::explore(o, std::move(scenario));
  EXPECT_TRUE(r) << r;
  EXPECT_TRUE(r.exhausted) << r;
  std::cout << r << '\n';
}

inline check::options named(std::string name, std::uint64_t at_least) {
  check::options o;
  o.name = std::move(name);
  o.at_least = at_least;
  return o;
}

}  // namespace weft_test
