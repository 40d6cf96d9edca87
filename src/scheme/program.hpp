// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "record.hpp"

#include <weft/sync/semaphore.hpp>

#include <vector>

namespace weft::inline WEFT_ON::scheme::detail {

/// Tasks that have failed while nobody waited for them: told to people if nobody asks later.
///
/// threads   any, in Guile mode
class lost_tasks {
 public:
  void add(record& r) noexcept;
  /// Those that nobody has asked since, in the order of their ends; each is given once.
  [[nodiscard]] std::vector<root> take() noexcept;
  /// Commits once more have been added.
  [[nodiscard]] auto more() noexcept { return added_.acquire(); }

 private:
  spin_lock lock_;
  std::vector<root> failed_;
  semaphore added_{0};
};

/// The primitives that (weft program) stands on, in the module that is being made.
void define_digest();
void define_programs();

}  // namespace weft::inline WEFT_ON::scheme::detail
