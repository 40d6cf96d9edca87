// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/stm/transaction_log.hpp>

#include <functional>
#include <vector>

namespace weft::inline WEFT_ON {
namespace detail {
template <class F>
class transaction_operation;

// What leaves the body of an attempt that cannot go on. No exceptions of the program's.
struct must_retry {};
struct has_conflict {};
}  // namespace detail

/// What the body of a transaction reads and writes with.
///
/// All that a body reads belongs to one moment, also in an attempt that will be given up: it never
/// sees a state that no sequence of commits had (opacity).
///
/// threads   the body's
/// lifetime  while the body runs
class transaction : detail::transaction_log {
 public:
  explicit transaction(std::vector<std::function<void()>>& after) noexcept : after_(after) {}

  /// The variable's value, as of the moment of this attempt or as the body has written it.
  ///
  /// cost      a pin, a copy of the value, an entry in the log; after a commit elsewhere another
  ///           look at all that was read
  template <class T>
  [[nodiscard]] T read(tvar<T> const& v) {
    using box = detail::tvar_box<T>;
    if (auto* const w = written(v)) return static_cast<box*>(w)->value;
    for (;;) {
      if (conflict_) throw detail::has_conflict();
      {
        auto const pin = default_domain().pin();
        auto const& b = static_cast<box const&>(held_by(v));
        if (current()) {
          note_read(v, b.since);
          return b.value;
        }
      }
      conflict_ = !extend();
    }
  }

  /// Gives the variable a new value, when the transaction commits.
  ///
  /// cost      an allocation, for the first write to each variable; a look at each entry of those
  template <class T, class U = T>
    requires std::constructible_from<T, U&&>
  void write(tvar<T>& v, U&& value) {
    using box = detail::tvar_box<T>;
    if constexpr (std::is_assignable_v<T&, U&&>) {
      if (auto* const w = written(v)) {
        static_cast<box*>(w)->value = std::forward<U>(value);
        return;
      }
    }
    note_write(v, new box(std::forward<U>(value)));
  }

  /// Gives this attempt up, and makes another when something that it has read has changed.
  [[noreturn]] void retry() {
    retries_ = true;
    throw detail::must_retry();
  }

  /// Calls f once, in whoever waits for the transaction, after it has committed. What f throws is
  /// thrown there, and undoes nothing.
  void on_commit(std::function<void()> f) { after_.push_back(std::move(f)); }

 private:
  template <class F>
  friend class detail::transaction_operation;

  void begin_attempt() noexcept {
    begin();
    retries_ = conflict_ = false;
  }

  bool retries_ = false;
  bool conflict_ = false;
  std::vector<std::function<void()>>& after_;
};

}  // namespace weft::inline WEFT_ON
