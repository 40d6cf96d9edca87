// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/wait/scope.hpp>

#include <csignal>
#include <functional>
#include <string>
#include <thread>

namespace weft::inline WEFT_ON::detail {

/// One thread that waits for SIGINT, SIGTERM and SIGQUIT, which all other threads block.
///
/// threads   the constructor before other threads are made; the rest by its owner
class signals {
 public:
  signals();
  ~signals();
  signals(signals const&) = delete;
  signals& operator=(signals const&) = delete;

  /// The first SIGINT or SIGTERM cancels `root`; SIGQUIT prints what `dump` gives.
  void start(scope root, std::function<std::string()> dump);
  [[nodiscard]] bool interrupted() const noexcept {
    return interrupted_.load(acquire);                       // sub signals.interrupted
  }

 private:
  void watch(scope const& root, std::function<std::string()> const& dump);

  sigset_t watched_{};
  sigset_t before_{};
  atoms::atomic<bool> interrupted_{false};
  atoms::atomic<bool> done_{false};
  std::thread thread_;
};

}  // namespace weft::inline WEFT_ON::detail
