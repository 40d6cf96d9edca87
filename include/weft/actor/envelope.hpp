// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/dead_letters.hpp>
#include <weft/actor/mailbox.hpp>
#include <weft/mem/frame.hpp>

#include <type_traits>
#include <utility>

namespace weft::inline WEFT_ON::detail {

class cell;
struct envelope;

/// The name of a type, for people.
template <class T>
constexpr std::string_view type_name() noexcept {
  std::string_view const whole = __PRETTY_FUNCTION__;
  auto const from = whole.find("T = ");
  if (from == whole.npos) return "a message";
  auto const end = whole.find_first_of(";]", from);
  return whole.substr(from + 4, end - from - 4);
}

/// What is common to all messages of a type that were sent in one way.
struct envelope_kind {
  void const* key;  // of the type; null for what is the library's own
  std::uint32_t bytes;
  bool asks;  // somebody waits for an answer
  /// Gives the message up: counts it as a dead letter, and ends the wait of one that asked.
  void (*discard)(envelope&, dead_reason) noexcept;
  /// Null; or what the library's own messages do to the actor, in their turn.
  void (*internal)(cell&, envelope&) noexcept;
};

/// A message in its mailbox: to whom, and what it is.
///
/// When it has been taken its payload is gone, and its memory is freed after the next one's.
struct envelope : mail_link {
  envelope_kind const* what = nullptr;
  std::uint64_t to = 0;  // the actor's id, and the bits below

  static constexpr std::uint64_t has_credit = std::uint64_t{1} << 63;  // a place of a bounded one
  [[nodiscard]] std::uint64_t id() const noexcept { return to & ~has_credit; }

  void discard(dead_reason why) noexcept { what->discard(*this, why); }
  static void free(mail_link* m) noexcept {
    auto* const e = static_cast<envelope*>(m);
    auto const bytes = e->what->bytes;
    std::destroy_at(e);
    frame_free(e, bytes);
  }
};

/// One address for each type of message.
template <class M>
inline constexpr char message_key = 0;

/// Of messages that the library sends by itself: nobody misses one that found nobody.
template <class M>
inline constexpr bool is_notice = false;

/// A message of type M, told to an actor.
template <class M>
struct message : envelope {
  static_assert(std::is_nothrow_move_constructible_v<M>,
                "a message is moved where nothing may throw: send a std::unique_ptr to what can "
                "throw when it is moved");
  static_assert(alignof(M) <= 16, "a message may not be over-aligned: send a std::unique_ptr");

  union {
    M content;
  };
  explicit message(M&& m) noexcept : content(std::move(m)) { what = &kind; }
  ~message() {}

  static void discard_it(envelope& e, dead_reason why) noexcept {
    auto& self = static_cast<message&>(e);
    if (!is_notice<M>) dead_letters().put({why, e.id(), typeid(M), std::addressof(self.content)});
    std::destroy_at(std::addressof(self.content));
  }
  static constinit envelope_kind const kind;
};

template <class M>
constinit envelope_kind const message<M>::kind{&message_key<M>, sizeof(message<M>), false,
                                               discard_it, nullptr};

/// A new envelope, from the calling thread's lists.
///
/// throws    std::bad_alloc
template <class E, class... Args>
[[nodiscard]] E* make_envelope(Args&&... args) {
  return ::new (frame_allocate(sizeof(E))) E(std::forward<Args>(args)...);
}

}  // namespace weft::inline WEFT_ON::detail
