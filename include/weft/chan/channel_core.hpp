// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/cache_line.hpp>
#include <weft/base/spin_lock.hpp>
#include <weft/chan/results.hpp>
#include <weft/probe/event.hpp>
#include <weft/wait/awaiter.hpp>

#include <memory>
#include <mutex>

// Why nothing is lost or doubled
//
//   I1  The ring, the count and both lists change only under `lock_`.
//   I2  Values pass in order: a receiver waits only while the ring is empty and no sender waits; a
//       sender waits only while the ring is full and no receiver waits.
//   I3  A value moves into or out of a waiter's case only between the claim of that waiter and
//       its commit, and a claim is won once: so each value moves once.
//   I4  A visible waiter that serves itself claims itself first; if it cannot, somebody else has
//       ended its wait and it takes nothing.
//   I5  It ends its own wait before it claims a second party to refill the ring, so no claim is
//       held while waiting for another one: there is no cycle of claims.
//   I6  Commits of others come after the lock is let go; the channel is not touched afterwards.
//
// Checked by test/chan/channel.model.cpp.

namespace weft::inline WEFT_ON::detail {

template <class T>
struct recv_case : wait_node {
  std::optional<T> value;
};

template <class T>
struct send_case : wait_node {
  explicit send_case(T&& v) : value(std::move(v)) {}
  T value;
  bool refused = false;
};

/// What a channel's two ends share: a ring of exact capacity and two lists of waiters.
///
/// threads   every member, from any thread
/// cost      one short lock an operation
template <class T>
class channel_core {
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "a channel moves its values under its lock, where nothing may throw: send a "
                "std::unique_ptr to what can throw when it is moved");

 public:
  channel_core(std::size_t capacity, char const* name)
      : capacity_(capacity), name_(name), ring_(std::make_unique<slot[]>(capacity)) {}
  channel_core(channel_core const&) = delete;
  channel_core& operator=(channel_core const&) = delete;

  [[nodiscard]] char const* name() const noexcept { return name_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t size() const noexcept {
    std::scoped_lock hold{lock_};
    return count_;
  }
  [[nodiscard]] bool closed() const noexcept {
    std::scoped_lock hold{lock_};
    return closed_;
  }

  template <bool Sends>
  void enter() noexcept {
    std::scoped_lock hold{lock_};
    ++(Sends ? senders_ : receivers_);
  }
  template <bool Sends>
  void leave() noexcept {
    bool last_of_side = false;
    bool last = false;
    {
      std::scoped_lock hold{lock_};
      last_of_side = --(Sends ? senders_ : receivers_) == 0;
      if (last_of_side) closing_ += 1;
    }
    if (!last_of_side) return;
    close();
    {
      std::scoped_lock hold{lock_};
      closing_ -= 1;
      last = senders_ == 0 && receivers_ == 0 && closing_ == 0;
    }
    if (last) delete this;
  }

  /// For one that nobody can see yet: false if it has to wait.
  [[nodiscard]] bool try_recv(recv_case<T>& r) {
    wait_node* freed = nullptr;
    bool done = true;
    {
      std::scoped_lock hold{lock_};
      if (count_ != 0) {
        r.value.emplace(pop());
        freed = refill();
      } else if (auto* s = claim_first(sending_)) {
        r.value.emplace(std::move(static_cast<send_case<T>*>(s)->value));
        freed = s;
      } else {
        done = closed_;
      }
    }
    if (freed) freed->who->commit(freed->index);
    return done;
  }

  [[nodiscard]] bool try_send(send_case<T>& s) {
    wait_node* served = nullptr;
    {
      std::scoped_lock hold{lock_};
      if (closed_) {
        s.refused = true;
      } else if ((served = claim_first(receiving_)) != nullptr) {
        static_cast<recv_case<T>*>(served)->value.emplace(std::move(s.value));
      } else if (count_ < capacity_) {
        push(std::move(s.value));
      } else {
        return false;
      }
    }
    if (served) served->who->commit(served->index);
    return true;
  }

  /// For a waiter that others may see already. True: its wait has ended.
  [[nodiscard]] bool publish(recv_case<T>& r, waiter& w, case_id base) {
    wait_node* other = nullptr;
    {
      std::scoped_lock hold{lock_};
      if (r.taken()) return w.see_end();
      if (count_ != 0 || (closed_ && sending_.empty())) {
        if (!w.claim_or_gone()) return true;
        if (count_ != 0) r.value.emplace(pop());
        w.commit(base);
        other = refill();
      } else {
        auto const m = meet_first(sending_, w);
        if (m.outcome == meeting::lost) return true;
        if (m.outcome == meeting::nobody) return hang(receiving_, r, w, base);
        other = m.other;
        r.value.emplace(std::move(static_cast<send_case<T>*>(other)->value));
        w.commit(base);
      }
    }
    if (other) other->who->commit(other->index);
    return true;
  }

  [[nodiscard]] bool publish(send_case<T>& s, waiter& w, case_id base) {
    wait_node* other = nullptr;
    {
      std::scoped_lock hold{lock_};
      if (s.taken()) return w.see_end();
      if (closed_ || (count_ < capacity_ && receiving_.empty())) {
        if (!w.claim_or_gone()) return true;
        if (closed_) {
          s.refused = true;
        } else {
          push(std::move(s.value));
        }
        w.commit(base);
        return true;
      }
      auto const m = meet_first(receiving_, w);
      if (m.outcome == meeting::lost) return true;
      if (m.outcome == meeting::nobody) {
        if (count_ == capacity_) return hang(sending_, s, w, base);
        if (!w.claim_or_gone()) return true;  // those who waited have gone: there is room
        push(std::move(s.value));
        w.commit(base);
        return true;
      }
      other = m.other;
      static_cast<recv_case<T>*>(other)->value.emplace(std::move(s.value));
      w.commit(base);
    }
    other->who->commit(other->index);
    return true;
  }

  void withdraw(wait_node& n) noexcept {
    std::scoped_lock hold{lock_};
    if (!n.linked()) return;
    // Erasing needs no list: the links are the node's own.
    receiving_.erase(n);
  }

  [[nodiscard]] try_send_result<T> send_now(T&& v) {
    send_case<T> s(std::move(v));
    if (!try_send(s)) return {status::full, std::move(s.value)};
    if (s.refused) return {status::closed, std::move(s.value)};
    return {};
  }
  [[nodiscard]] try_recv_result<T> recv_now() {
    recv_case<T> r;
    if (!try_recv(r)) return {};
    if (!r.value) return {status::closed, std::nullopt};
    return {status::done, std::move(r.value)};
  }

  void close() noexcept {
    wait_list ended;
    bool first = false;
    {
      std::scoped_lock hold{lock_};
      first = !std::exchange(closed_, true);
      for (auto* s = sending_.front(); s; s = sending_.after(*s))
        static_cast<send_case<T>*>(s)->refused = true;  // none of them is taken from any more
      claim_all(sending_, ended);
      claim_all(receiving_, ended);
    }
    if (first) trace_event(area::chan, "close", reinterpret_cast<std::uintptr_t>(this));
    commit_all(ended);
  }

 private:
  union slot {
    slot() noexcept {}
    ~slot() {}
    T value;
  };

  ~channel_core() {
    while (count_ != 0) (void)pop();
  }

  void push(T&& v) {
    auto const at = first_ + count_;
    std::construct_at(&ring_[at < capacity_ ? at : at - capacity_].value, std::move(v));
    ++count_;
  }
  T pop() {
    auto& s = ring_[first_];
    T v = std::move(s.value);
    std::destroy_at(&s.value);
    first_ = first_ + 1 < capacity_ ? first_ + 1 : 0;
    --count_;
    return v;
  }
  // A place has become free: the first sender that waits gets it. To be committed by the caller.
  [[nodiscard]] wait_node* refill() {
    if (count_ >= capacity_) return nullptr;
    auto* const s = claim_first(sending_);
    if (s) push(std::move(static_cast<send_case<T>*>(s)->value));
    return s;
  }
  [[nodiscard]] static bool hang(wait_list& l, wait_node& n, waiter& w, case_id base) noexcept {
    if (!n.linked()) {
      n.who = &w;
      n.index = base;
      l.push_back(n);
    }
    return false;
  }

  alignas(cache_line) mutable spin_lock lock_;
  bool closed_ = false;
  std::uint8_t closing_ = 0;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t capacity_;
  std::size_t senders_ = 1;
  std::size_t receivers_ = 1;
  wait_list sending_;
  wait_list receiving_;
  char const* name_;
  std::unique_ptr<slot[]> ring_;
};

}  // namespace weft::inline WEFT_ON::detail
