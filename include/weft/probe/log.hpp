// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/base/atoms.hpp>

#include <string_view>

namespace weft::inline WEFT_ON {

enum class log_level : int { info = 0, warn = 1, error = 2 };

/// Takes one line without the line's end. Called on any thread, several at once, at moments when
/// the library holds no lock.
using log_function = void (*)(log_level level, std::string_view text) noexcept;

/// Sends what the library has to say to `f`, from level `least` on; null makes it silent.
///
/// The library writes nothing unless asked, by this or by WEFT_LOG=info, warn or error in the
/// environment, which sends lines to standard error.
///
/// threads   any; a line under way may still go to the old function
void set_log(log_function f, log_level least = log_level::warn) noexcept;

/// Says `text` at `level` to whoever listens.
///
/// cost      one relaxed load if nobody does
void log(log_level level, std::string_view text) noexcept;

/// True if somebody listens at `level`: ask before composing a text.
[[nodiscard]] bool logs(log_level level) noexcept;

[[nodiscard]] char const* to_string(log_level level) noexcept;

}  // namespace weft::inline WEFT_ON
