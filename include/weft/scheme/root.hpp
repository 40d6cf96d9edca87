// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <utility>

namespace weft::inline WEFT_ON::scheme::detail {

/// One word that the collector looks at, wherever it is held from.
///
/// The collector does not see the C++ heap: no coroutine frame, no container, no closure. What
/// these hold of Scheme they hold by a root.
///
/// threads   made and read in Guile mode; moved and destroyed anywhere
/// cost      a list of the thread's own; no finalizer, no table that all share
class root {
 public:
  root() noexcept = default;
  /// Keeps `object`, an SCM.
  ///
  /// throws    std::bad_alloc
  explicit root(void* object);
  root(root&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  root& operator=(root&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~root() {
    if (slot_) give_back(slot_);
  }

  explicit operator bool() const noexcept { return slot_ != nullptr; }
  /// The SCM that it keeps.
  [[nodiscard]] void* get() const noexcept { return slot_->word; }

 private:
  friend struct slots;
  struct slot {
    void* word;  // the SCM; of a free one, the next free one
  };
  static void give_back(slot* s) noexcept;
  slot* slot_ = nullptr;
};

}  // namespace weft::inline WEFT_ON::scheme::detail
