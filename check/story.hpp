// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "memory.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weft::check::detail {

/// What happened in an execution: a line a step, a column a thread.
class story {
 public:
  void begin(bool telling);
  [[nodiscard]] bool telling() const noexcept { return telling_; }
  /// Adds a line; its number is what later lines refer to.
  std::uint32_t tell(unsigned thread, std::string text, site where);
  std::uint32_t tell(unsigned thread, std::string text, std::string where);
  /// "stack.cpp:41".
  [[nodiscard]] std::string const& place(std::uint32_t number) const {
    return lines_[number - 1].where;
  }
  /// "stack.cpp:41, step 3, by thread 1".
  [[nodiscard]] std::string line_text(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t length() const noexcept {
    return static_cast<std::uint32_t>(lines_.size());
  }
  /// The name of an object, as the program calls it where it is used first.
  std::string const& name(std::uint32_t place, site where);
  [[nodiscard]] std::string text() const;

 private:
  struct line {
    unsigned thread;
    std::string text;
    std::string where;
    friend bool operator==(line const&, line const&) = default;
  };
  [[nodiscard]] std::size_t round(std::size_t begin, std::size_t& times) const;

  bool telling_ = false;
  std::vector<line> lines_;
  std::vector<std::string> names_;
};

[[nodiscard]] std::string show(site where);
[[nodiscard]] char const* show(order o) noexcept;
[[nodiscard]] std::string show(word v, shape s, unsigned size);
[[nodiscard]] std::string thread_name(unsigned thread);

/// The expression whose member function is called there, if the source can be read; else empty.
[[nodiscard]] std::string object_at(site where);
/// The same for plain data.
[[nodiscard]] std::string plain_at(site where);

/// Where the program called the checker from, beyond operator new and the standard library. Slow.
[[nodiscard]] std::string caller();

}  // namespace weft::check::detail
