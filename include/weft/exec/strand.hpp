// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/exec/runtime.hpp>

namespace weft::inline WEFT_ON {

class thread_record;

/// An executor whose jobs never run at the same time, on the threads of another executor.
///
/// Jobs run in the order they were posted. Between two of them others of the inner executor may
/// run: a strand gives way after a batch.
///
/// threads   every member, from any thread
/// cost      a short lock more than the inner executor
/// lifetime  destroyed with no job left, else the program ends
class strand final : public executor {
 public:
  strand() : strand(default_runtime()) {}
  explicit strand(executor& on) noexcept : on_(&on) {}
  ~strand();
  strand(strand const&) = delete;
  strand& operator=(strand const&) = delete;

  void post(job& j) noexcept override;
  [[nodiscard]] time_point now() const noexcept override { return on_->now(); }
  void arm(timer& t) noexcept override { on_->arm(t); }
  void disarm(timer& t) noexcept override { on_->disarm(t); }
  void blocking_begin() noexcept override { on_->blocking_begin(); }
  void blocking_end() noexcept override { on_->blocking_end(); }

 private:
  struct turn : job {
    explicit turn(strand& s) noexcept : job(&strand::run_batch), of(&s) {}
    strand* of;
  };
  static constexpr unsigned batch = 64;
  static void run_batch(job& j) noexcept;

  executor* on_;
  spin_lock lock_;
  job* first_ = nullptr;
  job* last_ = nullptr;
  bool queued_ = false;
  thread_record const* runner_ = nullptr;  // whose job runs just now
  turn turn_{*this};
};

}  // namespace weft::inline WEFT_ON
