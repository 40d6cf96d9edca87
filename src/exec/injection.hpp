// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/executor.hpp>
#include <weft/base/spin_lock.hpp>

#include <mutex>

namespace weft::inline WEFT_ON::detail {

/// The queue for jobs that come from outside, and for what a worker's ring cannot hold.
///
/// Without bound: jobs stand in it by their own link, so it holds no more than exists.
///
/// threads   every member, from any thread
class injection {
 public:
  void push(job& j) noexcept {
    j.next = nullptr;
    push_chain(j, j, 1);
  }
  void push_chain(job& first, job& last, std::size_t n) noexcept {
    std::scoped_lock hold{lock_};
    (last_ ? last_->next : first_) = &first;
    last_ = &last;
    size_.store(size_.load(relaxed) + n, relaxed);   // rlx owner: under the lock
  }
  /// Takes up to `n` jobs, as a chain in their order; null if there is none.
  [[nodiscard]] job* pop(std::size_t n) noexcept {
    if (size() == 0) return nullptr;
    std::scoped_lock hold{lock_};
    job* const first = first_;
    job* last = nullptr;
    std::size_t taken = 0;
    for (job* j = first; j && taken < n; j = j->next, ++taken) last = j;
    if (!last) return nullptr;
    first_ = last->next;
    if (!first_) last_ = nullptr;
    last->next = nullptr;
    size_.store(size_.load(relaxed) - taken, relaxed);  // rlx owner: under the lock
    return first;
  }
  [[nodiscard]] std::size_t size() const noexcept {
    return size_.load(relaxed);                      // rlx ordered: by F1 and F2; jobs by the lock
  }

 private:
  spin_lock lock_;
  job* first_ = nullptr;
  job* last_ = nullptr;
  atoms::atomic<std::size_t> size_{0};
};

}  // namespace weft::inline WEFT_ON::detail
