// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

#include <utility>

namespace weft::check {

/// A plain variable whose reads and writes the checker sees.
///
/// Two accesses of different threads, one of them a write, that no happens-before orders are a data
/// race, and are reported whether or not they met in this execution; so is a use of memory that
/// was freed. An access is no step of the schedule: it costs no executions. Where it stands in the
/// source is what the call says; for an operator, what the debug information says.
///
/// threads   as a plain variable: the program orders its accesses, the checker proves that it does
template <class T>
class var {
  using site = std::source_location;

 public:
  var() = default;
  explicit(false) var(T v, site where = site::current()) : value_(std::move(v)) {
    detail::plain_write(this, sizeof *this, where);
  }
  var(var const& other, site where = site::current()) : value_(other.get(where)) {
    detail::plain_write(this, sizeof *this, where);
  }
  var& operator=(var const& other) {
    set(other.get(site{}), site{});
    return *this;
  }
  var& operator=(T v) {
    set(std::move(v), site{});
    return *this;
  }
  ~var() = default;

  [[nodiscard]] T const& get(site where = site::current()) const {
    detail::plain_read(this, sizeof *this, where);
    return value_;
  }
  void set(T v, site where = site::current()) {
    detail::plain_write(this, sizeof *this, where);
    value_ = std::move(v);
  }
  /// The value to be moved from or changed in place: counts as a write.
  [[nodiscard]] T& change(site where = site::current()) {
    detail::plain_write(this, sizeof *this, where);
    return value_;
  }
  operator T const&() const { return get(site{}); }  // NOLINT: stands where a plain variable stood

 private:
  T value_{};
};

}  // namespace weft::check
