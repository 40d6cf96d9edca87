// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/stm/tvar.hpp>
#include <weft/wait/waiter.hpp>

#include <exception>
#include <memory>

namespace weft::inline WEFT_ON::detail {

/// Entries that stay where they are while more are added; the first few cost no allocation. What
/// add() gives is not initialised.
template <class Entry, std::size_t N>
class chunked {
  struct chunk {
    Entry entries[N];
    std::unique_ptr<chunk> next;
  };

 public:
  Entry& add() {
    if (used_ == N) {
      if (!last_->next) last_->next = std::make_unique_for_overwrite<chunk>();
      last_ = last_->next.get();
      used_ = 0;
    }
    return last_->entries[used_++];
  }
  void clear() noexcept {
    last_ = &first_;
    used_ = 0;
  }
  [[nodiscard]] bool empty() const noexcept { return last_ == &first_ && used_ == 0; }
  [[nodiscard]] Entry const* front() const noexcept {
    return empty() ? nullptr : &first_.entries[0];
  }

  /// Calls f with each entry until one says false. True if none did.
  template <class F>
  bool all(F f) {
    for (chunk* c = &first_;; c = c->next.get()) {
      auto const n = c == last_ ? used_ : N;
      for (std::size_t i = 0; i < n; ++i)
        if (!f(c->entries[i])) return false;
      if (c == last_) return true;
    }
  }

 private:
  chunk first_;
  chunk* last_ = &first_;
  std::size_t used_ = 0;
};

/// A variable that a transaction has read, and its place among those that sleep until it changes.
struct tvar_read : list_hook<tvar_read> {
  tvar_base const* var;
  std::uint64_t since;
  waiter* who;
};

/// A value that is to replace a variable's; after the commit, the one that was replaced.
struct tvar_write {
  tvar_base* var;
  tvar_value* value;
};

/// One attempt of a transaction: what it has read, as of one moment, and what it will write.
///
/// See src/stm/README.md for the algorithm and the proof.
///
/// threads   its owner
class transaction_log {
 public:
  transaction_log() noexcept = default;
  transaction_log(transaction_log const&) = delete;
  transaction_log& operator=(transaction_log const&) = delete;
  ~transaction_log() {
    roll_back();
    unhang();
  }

  /// Starts a new attempt, at the moment of the call.
  void begin() noexcept;
  /// Makes the attempt's writes visible, all at once. False: something that it read has changed.
  [[nodiscard]] bool commit() noexcept;
  /// Forgets what the attempt was to write.
  void roll_back() noexcept;

  /// Hangs `w` where commits to what was read find it. A second call does nothing.
  void hang(waiter& w) noexcept;
  void unhang() noexcept;
  /// True if nothing that was read has another value by now.
  [[nodiscard]] bool unchanged() noexcept;
  [[nodiscard]] tvar_base const* first_read() const noexcept {
    auto const* const first = reads_.front();
    return first ? first->var : nullptr;
  }

 protected:
  [[nodiscard]] static tvar_value const& held_by(tvar_base const& v) noexcept { return v.held(); }
  /// True if what was read just now is what was there when the attempt began.
  [[nodiscard]] bool current() const noexcept;
  /// Moves the attempt to a later moment; false if something that it read has changed by then.
  [[nodiscard]] bool extend() noexcept;
  void note_read(tvar_base const& v, std::uint64_t since);
  /// What the attempt is to write there; null if nothing.
  [[nodiscard]] tvar_value* written(tvar_base const& v) noexcept;
  /// Takes over `value`, in place of one that was to be written there before.
  void note_write(tvar_base& v, tvar_value* value);

 private:
  void publish() noexcept;
  void nudge_sleepers() noexcept;

  std::uint64_t moment_ = 0;   // what it reads is what was there at this time
  std::uint64_t written_ = 0;  // a bit for each variable written, by its address: none, or look
  bool hangs_ = false;
  chunked<tvar_read, 8> reads_;
  chunked<tvar_write, 4> writes_;
};

}  // namespace weft::inline WEFT_ON::detail
