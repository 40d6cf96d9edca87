// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/actor/ref.hpp>

#include <variant>

namespace weft::inline WEFT_ON::detail {

/// What receive() gives for a message of type M.
template <class M>
struct received_as {
  using type = M;
};
template <has_reply M>
struct received_as<M> {
  using type = request<M>;
};
template <class M>
using received_one = typename received_as<M>::type;

template <class... M>
struct received_any {
  using type = std::variant<received_one<M>...>;
};
template <class M>
struct received_any<M> {
  using type = received_one<M>;
};

/// The tenant of a cell whose mailbox is read by receive(): a coroutine actor, or an inbox.
///
/// While a receive sleeps the mailbox sleeps. Whoever wakes it finds the waiter here; if it does
/// not end the wait it says when it is done with the waiter.
struct receiver_room {
  context* owner = nullptr;  // of a coroutine actor: the execution of its run()
  wait_node const* parked = nullptr;
  atoms::atomic<std::uint32_t> done{0};

  static receiver_room& of(cell& c) noexcept {
    return *std::launder(static_cast<receiver_room*>(c.room()));
  }
};
static_assert(sizeof(receiver_room) <= cell::room_bytes);

void wake_receiver(cell& c, wake_kind how) noexcept;

/// The mailbox of code that is no actor.
///
/// throws    std::bad_alloc
[[nodiscard]] ref<> open_inbox(mailbox_bounds const& b);
void close_inbox(ref<> const& r) noexcept;

/// Waits for the oldest message: the part that does not depend on the types.
class receive_wait : wait_node {
 public:
  explicit receive_wait(cell& c) noexcept : of_(c) {}

  [[nodiscard]] case_id try_commit() noexcept;
  [[nodiscard]] bool publish(waiter& w, case_id base) noexcept;
  void withdraw() noexcept;
  [[nodiscard]] wait_info describe() const noexcept { return {"receive", of_.peek(), nullptr}; }

 protected:
  /// The message that the wait was committed for, still in front.
  [[nodiscard]] envelope& committed() const noexcept;
  [[nodiscard]] cell& at() const noexcept { return *of_; }

 private:
  void unhang() noexcept;
  borrowed<cell> of_;
  bool hangs_ = false;
};

/// Takes a message out of its envelope; the envelope stays as an empty one.
template <class M>
[[nodiscard]] received_one<M> open(envelope& e) noexcept {
  auto& m = static_cast<message<M>&>(e);
  if constexpr (has_reply<M>) {
    request<M> r{std::move(m.content), {}};
    if (e.what->asks) {
      auto& a = static_cast<asked<M>&>(m);
      r.answer = std::move(a.answer);
      std::destroy_at(std::addressof(a.answer));
    }
    std::destroy_at(std::addressof(m.content));
    return r;
  } else {
    M r(std::move(m.content));
    std::destroy_at(std::addressof(m.content));
    return r;
  }
}

template <class... M>
class receive_operation : public operation_base<receive_operation<M...>>, public receive_wait {
 public:
  using result_type = typename received_any<M...>::type;
  using receive_wait::describe;
  using receive_wait::receive_wait;
  using receive_wait::try_commit, receive_wait::publish, receive_wait::withdraw;

  result_type take(case_id) {
    auto& e = this->committed();
    struct taken {
      ~taken() { of.take_message(e); }
      cell& of;
      envelope& e;
    } const at_end{this->at(), e};
    return open_one<M...>(e);
  }

 private:
  template <class First, class... Rest>
  static result_type open_one(envelope& e) {
    if constexpr (sizeof...(Rest) != 0) {
      if (e.what->key != &message_key<First>) return open_one<Rest...>(e);
    }
    if constexpr (sizeof...(M) == 1) {
      return open<First>(e);
    } else {
      return result_type(std::in_place_type<received_one<First>>, open<First>(e));
    }
  }
};

}  // namespace weft::inline WEFT_ON::detail
