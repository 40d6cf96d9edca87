// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <optional>
#include <utility>

namespace weft::inline WEFT_ON {

/// How an attempt that does not wait ended. `busy`: a neighbour is in the middle of its own.
enum class status : std::uint8_t { done, empty, full, busy, closed };

/// Whether a send was accepted; if not, the channel is closed and the value is here.
template <class T>
class [[nodiscard]] send_result {
 public:
  send_result() noexcept = default;
  explicit send_result(T&& refused) : refused_(std::move(refused)) {}
  /// True if the value was accepted.
  explicit operator bool() const noexcept { return !refused_; }
  [[nodiscard]] bool closed() const noexcept { return refused_.has_value(); }
  /// The value that was not accepted.
  [[nodiscard]] T& value() & { return refused_.value(); }
  [[nodiscard]] T value() && { return std::move(refused_).value(); }

 private:
  std::optional<T> refused_;
};

/// The outcome of try_send: done, full or closed, and the value unless done.
template <class T>
struct [[nodiscard]] try_send_result {
  weft::status status = weft::status::done;
  std::optional<T> value{};
  explicit operator bool() const noexcept { return status == weft::status::done; }
};

/// The outcome of try_recv: done with the value, empty or closed.
template <class T>
struct [[nodiscard]] try_recv_result {
  weft::status status = weft::status::empty;
  std::optional<T> value{};
  explicit operator bool() const noexcept { return status == weft::status::done; }
};

}  // namespace weft::inline WEFT_ON
