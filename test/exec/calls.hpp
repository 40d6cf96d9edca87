// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>

#include <functional>
#include <utility>

namespace weft_test {

/// A job that calls f each time it is run.
struct call : weft::job {
  explicit call(std::function<void()> f)
      : job([](weft::job& j) noexcept { static_cast<call&>(j).f_(); }), f_(std::move(f)) {}

 private:
  std::function<void()> f_;
};

/// A timer that calls f when it fires.
struct alarm : weft::timer {
  explicit alarm(std::function<void()> f) : timer(rings), f_(std::move(f)) {}

 private:
  static bool due(weft::timer&) noexcept { return true; }
  static void fire(weft::timer& t) noexcept { static_cast<alarm&>(t).f_(); }
  static constexpr action rings{due, fire};
  std::function<void()> f_;
};

}  // namespace weft_test
