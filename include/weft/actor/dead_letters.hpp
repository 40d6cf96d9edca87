// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>
#include <weft/base/spin_lock.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <typeinfo>
#include <utility>
#include <vector>

namespace weft::inline WEFT_ON {

/// Why a message did not reach its handler.
enum class dead_reason : std::uint8_t {
  no_actor,    // nobody has that reference any more
  terminated,  // it was queued when the actor ended
  full,        // the mailbox was full
  expired,     // its sender had stopped waiting for the answer
  late_reply,  // an answer that came too late
  unhandled,   // the actor has no use for it
  failed,      // its handler threw
};
inline constexpr std::size_t dead_reasons = 7;
[[nodiscard]] std::string_view name_of(dead_reason r) noexcept;

/// A message that was not delivered, as an observer sees it.
struct dead_letter {
  dead_reason reason;
  std::uint64_t to;  // the id of the actor it was meant for; 0 for a late reply
  std::type_info const& type;
  void const* message;

  /// The message, if it is an M.
  template <class M>
  [[nodiscard]] M const* get_if() const noexcept {
    return type == typeid(M) ? static_cast<M const*>(message) : nullptr;
  }
};

/// Where the messages of the process end that no actor handled: counted, and shown to observers.
///
/// threads   every member, from any thread
/// cost      without observers one addition a letter
class dead_letter_box {
 public:
  using observer = std::function<void(dead_letter const&)>;

  /// Ends the observing when it goes. A call that runs at that moment may still end afterwards.
  class subscription {
   public:
    subscription() noexcept = default;
    explicit subscription(std::uint64_t id) noexcept : id_(id) {}
    subscription(subscription&& o) noexcept : id_(std::exchange(o.id_, 0)) {}
    subscription& operator=(subscription&& o) noexcept {
      std::swap(id_, o.id_);
      return *this;
    }
    ~subscription();

   private:
    std::uint64_t id_ = 0;
  };

  constexpr dead_letter_box() noexcept = default;

  /// Letters since the program began.
  [[nodiscard]] std::uint64_t count() const noexcept;
  [[nodiscard]] std::uint64_t count(dead_reason r) const noexcept;

  /// Calls `f` for each letter, in the thread that found it: it must be quick and must not throw.
  ///
  /// throws    std::bad_alloc
  [[nodiscard]] subscription subscribe(observer f);

  void put(dead_letter const& l) noexcept;

 private:
  struct one {
    std::uint64_t id;
    observer f;
  };
  using observers = std::vector<one>;
  void drop(std::uint64_t id);
  [[nodiscard]] std::shared_ptr<observers const> now() const noexcept;

  std::array<atoms::atomic<std::uint64_t>, dead_reasons> counts_{};
  atoms::atomic<bool> observed_{false};
  mutable spin_lock lock_;
  std::shared_ptr<observers const> observers_;
  std::uint64_t last_id_ = 0;
};

/// The dead letters of this process.
[[nodiscard]] dead_letter_box& dead_letters() noexcept;

}  // namespace weft::inline WEFT_ON
