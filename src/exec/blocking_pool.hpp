// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>

#include <condition_variable>
#include <mutex>
#include <string>

namespace weft::inline WEFT_ON::detail {

/// Threads for work that blocks: made when needed, at most `most`, gone after ten idle seconds.
///
/// Its queue has no bound of its own: a job stands in it by its own link, for a task that waits.
///
/// threads   every member, from any thread
class blocking_pool {
 public:
  blocking_pool(std::string name, unsigned most) : name_(std::move(name)), most_(most) {}
  ~blocking_pool();

  /// throws    std::system_error if the first thread cannot be made; the job is not queued then
  void post(job& j);
  [[nodiscard]] bool take_back(job& j) noexcept;
  [[nodiscard]] bool busy() noexcept;
  [[nodiscard]] unsigned threads() noexcept;

 private:
  void run() noexcept;

  std::string name_;
  unsigned most_;
  std::mutex lock_;
  std::condition_variable more_;
  job* first_ = nullptr;
  job* last_ = nullptr;
  unsigned idle_ = 0;
  unsigned live_ = 0;
  unsigned running_ = 0;
  std::condition_variable ended_;
  bool stop_ = false;
};

}  // namespace weft::inline WEFT_ON::detail
