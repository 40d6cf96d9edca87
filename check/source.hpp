// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

#include <cstdint>
#include <string>

namespace weft::check::detail {

/// A line of a source file, counted from 1; empty if it cannot be read.
[[nodiscard]] std::string const& source_line(std::string const& file, unsigned line);

/// A place in the source. Without a column, 0, any of its line is meant.
struct spot {
  std::string file;
  std::uint32_t line = 0, column = 0;
};

/// "stack.cpp:41"; empty if there is none.
[[nodiscard]] std::string show(spot const& s);

/// True of the files of the checker and of the standard library: nobody looks for a mistake there.
[[nodiscard]] bool is_foreign(std::string_view file) noexcept;

/// Where the program called the checker from, beyond operator new and the standard library. Slow.
[[nodiscard]] spot caller();

/// The expression whose member function is called there, or the lock's argument, if the source can
/// be read; else empty.
[[nodiscard]] std::string object_at(spot const& where);

/// The same for plain data: what is assigned to, made or, where there is only one, read.
[[nodiscard]] std::string plain_at(spot const& where, bool write);

}  // namespace weft::check::detail
