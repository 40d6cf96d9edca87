// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/base/spin_lock.hpp>

#include <string>

namespace weft::inline WEFT_ON::detail {

/// Threads for work that blocks: made when needed, at most `most`, gone after ten idle seconds.
///
/// Its queue has no bound of its own: a job stands in it by its own link, for a task that waits.
///
/// threads   every member, from any thread
/// blocks    the destructor, until every thread has ended
class blocking_pool {
 public:
  blocking_pool(std::string name, unsigned most) : name_(std::move(name)), most_(most) {}
  ~blocking_pool();

  /// throws    std::system_error if the first thread cannot be made; the job is not queued then
  void post(job& j);
  [[nodiscard]] bool take_back(job& j) noexcept;
  [[nodiscard]] bool busy() noexcept;
  [[nodiscard]] unsigned threads() const noexcept {
    return live_.load(acquire);                              // sub blocking.live
  }
  /// True on one of its own threads.
  [[nodiscard]] bool on_thread() const noexcept;

 private:
  void run() noexcept;
  [[nodiscard]] job* next(bool after_job) noexcept;
  [[nodiscard]] bool start_thread() noexcept;
  void leave() noexcept;

  std::string name_;
  unsigned most_;
  spin_lock lock_;
  job* first_ = nullptr;
  job* last_ = nullptr;
  unsigned able_ = 0;     // threads that will look at the queue again, those being made included
  unsigned idle_ = 0;     // of these, the ones that sleep or have been woken for a queued job
  unsigned queued_ = 0;
  unsigned running_ = 0;
  bool stop_ = false;
  atoms::atomic<std::uint32_t> live_{0};     // threads; its own word, so the destructor can sleep
  atoms::atomic<std::uint32_t> changes_{0};  // raised under the lock with each job, and to stop
};

}  // namespace weft::inline WEFT_ON::detail
