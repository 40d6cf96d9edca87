// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wordcount {

class word_table;

/// So many bytes behind a text may be read by count_words, and must be zero.
inline constexpr std::size_t padding = 16;

[[nodiscard]] constexpr bool is_letter(unsigned char c) noexcept {
  return static_cast<unsigned char>((c | 0x20) - 'a') < 26;
}

/// Where a text that goes on behind its end can be cut: 0, or the last place that lies neither in
/// a word nor in a UTF-8 sequence.
///
/// So each piece of a well-formed text is well-formed, and a defect has the same offset in the
/// pieces as in the whole. No more than four bytes are left over, or a part of one word.
[[nodiscard]] std::size_t last_cut(std::string_view text) noexcept;

inline constexpr std::size_t well_formed = SIZE_MAX;

/// Adds the words of `text` to `words`, and checks that it is UTF-8.
///
/// Returns well_formed, or the offset of the first byte that cannot be part of UTF-8 text: of an
/// overlong form, a surrogate, what lies above U+10FFFF, a sequence cut short.
[[nodiscard]] std::size_t count_words(std::string_view text, word_table& words);

/// The length of the UTF-8 sequence at `at`, which is no ASCII; 0 if it is ill-formed.
///
/// source    The Unicode Standard 15.0, table 3-7
[[nodiscard]] std::size_t sequence_length(unsigned char const* at,
                                          unsigned char const* end) noexcept;

}  // namespace wordcount
