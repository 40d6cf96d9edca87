// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/cell.hpp>

namespace weft::inline WEFT_ON::detail {

/// A supervised actor has ended: its cell, with the mailbox, is whose this is, to begin anew there.
/// Dropped, it ends the address too.
class child_exit {
 public:
  child_exit() noexcept = default;
  child_exit(cell& at, std::uint64_t id, exit_reason why) noexcept
      : at_(&at), id_(id), why_(std::move(why)) {}
  child_exit(child_exit&& o) noexcept
      : at_(std::exchange(o.at_, nullptr)), id_(o.id_), why_(std::move(o.why_)) {}
  child_exit& operator=(child_exit&& o) noexcept {
    std::swap(at_, o.at_);
    std::swap(id_, o.id_);
    std::swap(why_, o.why_);
    return *this;
  }
  ~child_exit() {
    if (at_) at_->close(id_, why_);
  }
  [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
  [[nodiscard]] exit_reason const& why() const noexcept { return why_; }
  /// The cell, which the caller has to fill or close.
  [[nodiscard]] cell& keep() noexcept { return *std::exchange(at_, nullptr); }

 private:
  cell* at_ = nullptr;
  std::uint64_t id_ = 0;
  exit_reason why_;
};

template <>
inline constexpr bool is_notice<child_exit> = true;

/// The message by which an actor's end will be told to its supervisor; made beforehand.
class exit_ticket {
 public:
  using judge = bool (*)(exit_reason const&);
  exit_ticket() noexcept = default;
  /// throws    std::bad_alloc
  exit_ticket(cell& to, std::uint64_t to_id, judge again)
      : note_(make_envelope<message<child_exit>>(child_exit())), to_(&to), again_(again) {
    note_->to = to_id;
  }
  exit_ticket(exit_ticket&& o) noexcept
      : note_(std::exchange(o.note_, nullptr)), to_(o.to_), again_(o.again_) {}
  exit_ticket& operator=(exit_ticket&& o) noexcept {
    std::swap(note_, o.note_);
    std::swap(to_, o.to_);
    std::swap(again_, o.again_);
    return *this;
  }
  ~exit_ticket() {
    if (!note_) return;
    std::destroy_at(&note_->content);
    envelope::free(note_);
  }
  explicit operator bool() const noexcept { return note_ != nullptr; }
  /// True if one that ends so is started again, if its supervisor can.
  [[nodiscard]] bool again(exit_reason const& why) const noexcept { return again_(why); }
  /// The cell is the supervisor's from here on.
  void send(cell& of, std::uint64_t id, exit_reason const& why) noexcept {
    auto* const n = std::exchange(note_, nullptr);
    n->content = child_exit(of, id, why);
    to_->deliver(*n);
  }

 private:
  message<child_exit>* note_ = nullptr;
  cell* to_ = nullptr;
  judge again_ = nullptr;
};

}  // namespace weft::inline WEFT_ON::detail
