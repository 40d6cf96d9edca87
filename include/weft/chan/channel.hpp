// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/chan/channel_core.hpp>

namespace weft::inline WEFT_ON {

template <class T>
class sender;
template <class T>
class receiver;

/// The two ends of a channel.
template <class T>
struct channel_ends {
  sender<T> tx;
  receiver<T> rx;
};

namespace detail {

/// Waits for a value; empty when the channel is closed and drained.
template <class T>
class recv_operation : public operation_base<recv_operation<T>>, private recv_case<T> {
 public:
  using result_type = std::optional<T>;
  explicit recv_operation(channel_core<T>& c) noexcept : of_(c) {}

  [[nodiscard]] case_id try_commit() { return of_->try_recv(*this) ? 0 : no_case; }
  [[nodiscard]] bool publish(waiter& w, case_id base) { return of_->publish(*this, w, base); }
  void withdraw() noexcept {
    if (this->lost()) of_->withdraw(*this);
  }
  std::optional<T> take(case_id) { return std::move(this->value); }
  [[nodiscard]] wait_info describe() const noexcept {
    return {"recv", of_.peek(), of_.peek() ? of_->name() : nullptr};
  }

 private:
  borrowed<channel_core<T>> of_;
};

/// Waits for room, or for a receiver; the value comes back if the channel is closed.
template <class T>
class send_operation : public operation_base<send_operation<T>>, private send_case<T> {
 public:
  using result_type = send_result<T>;
  send_operation(channel_core<T>& c, T&& v) : send_case<T>(std::move(v)), of_(c) {}

  [[nodiscard]] case_id try_commit() { return of_->try_send(*this) ? 0 : no_case; }
  [[nodiscard]] bool publish(waiter& w, case_id base) { return of_->publish(*this, w, base); }
  void withdraw() noexcept {
    if (this->lost()) of_->withdraw(*this);
  }
  send_result<T> take(case_id) {
    return this->refused ? send_result<T>(std::move(this->value)) : send_result<T>();
  }
  [[nodiscard]] wait_info describe() const noexcept {
    return {"send", of_.peek(), of_.peek() ? of_->name() : nullptr};
  }

 private:
  borrowed<channel_core<T>> of_;
};

/// A counted end of a channel; the last one of its side closes the channel.
template <class T, bool Sends>
class channel_end {
 public:
  explicit channel_end(channel_core<T>* adopted) noexcept : of_(adopted) {}
  channel_end(channel_end const& o) noexcept : of_(o.of_) {
    if (of_) of_->template enter<Sends>();
  }
  channel_end(channel_end&& o) noexcept : of_(std::exchange(o.of_, nullptr)) {}
  channel_end& operator=(channel_end o) noexcept {
    std::swap(of_, o.of_);
    return *this;
  }
  ~channel_end() { reset(); }

  /// Closes the channel for both sides: receivers drain what is buffered, senders that wait get
  /// their values back. A second call does nothing.
  void close() noexcept { core().close(); }
  [[nodiscard]] bool closed() const noexcept { return core().closed(); }
  /// Buffered values, at this moment.
  [[nodiscard]] std::size_t size() const noexcept { return core().size(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return core().capacity(); }
  explicit operator bool() const noexcept { return of_ != nullptr; }
  /// Gives this end up, as its destructor would.
  void reset() noexcept {
    if (auto* const c = std::exchange(of_, nullptr)) c->template leave<Sends>();
  }

 protected:
  [[nodiscard]] channel_core<T>& core() const noexcept {
    if (!of_)
      die("an end of a channel was used after it was moved from",
          "copy the end if two owners need it");
    return *of_;
  }

 private:
  channel_core<T>* of_;
};

}  // namespace detail

/// The sending end. Copies count: when the last one goes, the channel is closed.
///
/// threads   every member, from any thread
template <class T>
class sender : public detail::channel_end<T, true> {
 public:
  using detail::channel_end<T, true>::channel_end;
  /// An operation that sends `v`; it owns `v` until it commits.
  ///
  /// cost      a short lock; hands the value to a waiting receiver, or buffers it
  /// lifetime  this end outlives the operation
  [[nodiscard]] auto send(T v) { return detail::send_operation<T>(this->core(), std::move(v)); }
  /// Sends without waiting: done, full or closed; unless done the value comes back.
  [[nodiscard]] try_send_result<T> try_send(T v) { return this->core().send_now(std::move(v)); }
};

/// The receiving end. Copies count: when the last one goes, the channel is closed.
template <class T>
class receiver : public detail::channel_end<T, false> {
 public:
  using detail::channel_end<T, false>::channel_end;
  /// An operation that receives: empty when the channel is closed and drained.
  ///
  /// lifetime  this end outlives the operation
  [[nodiscard]] auto recv() { return detail::recv_operation<T>(this->core()); }
  /// Receives without waiting: done with a value, empty or closed.
  [[nodiscard]] try_recv_result<T> try_recv() { return this->core().recv_now(); }
};

/// A channel between any number of senders and receivers, first in, first out.
///
/// It buffers exactly `capacity` values; with 0 it is a rendezvous: send commits when a receiver
/// takes the value. `name` shows in dumps and must outlive the channel.
///
/// throws    std::bad_alloc; nothing is allocated afterwards
template <class T>
[[nodiscard]] channel_ends<T> make_channel(std::size_t capacity, char const* name = nullptr) {
  auto* const core = new detail::channel_core<T>(capacity, name);
  return {sender<T>(core), receiver<T>(core)};
}

}  // namespace weft::inline WEFT_ON
