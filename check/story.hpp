// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "memory.hpp"
#include "source.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::check::detail {

/// What happened in an execution: a line a step, a column a thread.
class story {
 public:
  void begin(bool telling);
  [[nodiscard]] bool telling() const noexcept { return telling_; }
  /// Adds a line; its number is what later lines refer to.
  std::uint32_t tell(unsigned thread, std::string_view text, site where) {
    return telling_ ? add(thread, std::string(text), at(where)) : 0;
  }
  /// What a thread does from now on: but for a body, its lines are told as one, unless it fails
  /// there; those of a short setting of the scene are told.
  enum class chapter : std::uint8_t { body, setting, preparation, end };
  void begin_chapter(unsigned thread, chapter c) noexcept { now_[thread] = c; }

  /// Where the program is: what the call says or, while telling, where the stack has left what is
  /// not the program's.
  [[nodiscard]] spot at(site where) const;
  [[nodiscard]] std::string show(site where) const { return detail::show(at(where)); }
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
  /// The name of plain data, as the program calls it there, or called it before; else empty.
  std::string plain_name(void const* address, bool write, site where);
  [[nodiscard]] std::string text() const;

 private:
  struct line {
    unsigned thread;
    std::string text;
    std::string where;
    chapter part = chapter::body;
    friend bool operator==(line const&, line const&) = default;
  };
  /// A line as it is shown, of `count` steps.
  struct row {
    std::size_t first = 0, count = 1;
    unsigned thread = 0;
    std::string text, where;
  };
  std::uint32_t add(unsigned thread, std::string text, spot const& where);
  [[nodiscard]] std::size_t round(std::size_t begin, std::size_t& times) const;
  [[nodiscard]] std::size_t end_of_chapter(std::size_t begin) const;
  [[nodiscard]] std::vector<row> rows() const;
  [[nodiscard]] static std::string table(std::vector<row> const& rows);

  bool telling_ = false;
  std::vector<line> lines_;
  std::vector<std::string> names_;
  std::map<void const*, std::string> plain_names_;
  std::array<chapter, max_threads> now_{};
};

[[nodiscard]] std::string show(site where);
[[nodiscard]] char const* show(order o) noexcept;
[[nodiscard]] std::string show(word v, shape s, unsigned size);
[[nodiscard]] std::string thread_name(unsigned thread);

}  // namespace weft::check::detail
