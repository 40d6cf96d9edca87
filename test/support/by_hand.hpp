// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/weft.hpp>

#include <memory>

namespace weft_test {

/// Tasks on a loop that the test turns by hand: what runs when is the test's to say.
///
/// At its end it cancels what has not ended.
class by_hand {
 public:
  by_hand() = default;
  by_hand(by_hand const&) = delete;
  by_hand& operator=(by_hand const&) = delete;
  ~by_hand() {
    tasks.cancel("the test is over");
    while (tasks.live() != 0) on.poll();
  }

  /// Runs all that is ready.
  void turn() { on.poll(); }
  /// Runs until no task is left.
  void finish() {
    while (tasks.live() != 0) on.run_one();
  }
  template <class F, class... Args>
  auto spawn(F f, Args... args) {
    return tasks.spawn(std::move(f), std::move(args)...);
  }

  weft::loop on;
  weft::group tasks{on};
};

}  // namespace weft_test
