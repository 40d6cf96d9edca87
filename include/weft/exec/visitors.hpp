// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/backoff.hpp>

namespace weft::inline WEFT_ON::detail {

/// Threads that are inside an object from outside of it.
///
/// What a thread posts may run, and end the last reason for the object to live, before the thread
/// has come back from posting. The object's destructor waits for such threads.
///
/// threads   visit from any thread; wait by the destructor of what is visited
class visitors {
 public:
  class visit {
   public:
    explicit visit(visitors& v) noexcept : of_(v) {
      of_.inside_.fetch_add(1, relaxed);                     // rlx count: published with the job
    }
    ~visit() {
      of_.inside_.fetch_sub(1, release);                     // pub visitors.left -> wait
    }
    visit(visit const&) = delete;
    visit& operator=(visit const&) = delete;

   private:
    visitors& of_;
  };

  /// Returns when nobody is inside. They do not block, so this spins.
  void wait() const noexcept {
    backoff pause;
    while (inside_.load(acquire) != 0) pause();              // sub visitors.left
  }

 private:
  atoms::atomic<std::uint32_t> inside_{0};
};

}  // namespace weft::inline WEFT_ON::detail
