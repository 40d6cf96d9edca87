// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/exec/timer_wheel.hpp>

#include <cstddef>
#include <random>
#include <vector>

namespace weft_test {

/// An executor that runs one job a step, in the calling thread, in an order drawn from a seed; when
/// no job is ready its clock jumps to the next timer. Everything that runs on it is repeatable.
class stepper final : public weft::executor {
 public:
  explicit stepper(std::uint64_t seed) : random_(seed) {}

  /// False when nothing is left that would ever run.
  bool step() {
    while (ready_.empty()) {
      if (wheel_.next() == weft::never) return false;
      now_ = std::max(now_, wheel_.next());
      weft::list<weft::timer> due;
      wheel_.expire(now_, due);
      while (auto* t = due.pop_front()) t->kind->fire(*t);
    }
    std::swap(ready_[random_() % ready_.size()], ready_.back());
    auto* const j = ready_.back();
    ready_.pop_back();
    j->run(*j);
    return true;
  }

  void post(weft::job& j) noexcept override { ready_.push_back(&j); }
  [[nodiscard]] weft::time_point now() const noexcept override { return now_; }
  void arm(weft::timer& t) noexcept override { wheel_.add(t); }
  void disarm(weft::timer& t) noexcept override { wheel_.remove(t); }

 private:
  std::mt19937_64 random_;
  std::vector<weft::job*> ready_;
  weft::time_point now_{};
  weft::timer_wheel wheel_{weft::time_point{}};
};

}  // namespace weft_test
