// SPDX-License-Identifier: Apache-2.0
#include "text.hpp"

#include "word_table.hpp"

#include <bit>
#include <cstring>

namespace wordcount {
namespace {

using byte = unsigned char;

constexpr std::uint64_t every = 0x0101010101010101;  // one in each byte

[[nodiscard]] bool continues(byte c) noexcept { return (c & 0xc0) == 0x80; }

// Eight bytes, the first in the low bits.
[[nodiscard]] std::uint64_t load(byte const* at) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t x;
  std::memcpy(&x, at, sizeof x);
  return x;
}

// The high bit of each byte that is no letter. No sum carries into the next byte.
[[nodiscard]] std::uint64_t not_letters(std::uint64_t x) noexcept {
  auto const low = (x | every * 0x20) & every * 0x7f;
  auto const from_a = low + every * (0x80 - 'a');
  auto const above_z = low + every * (0x7f - 'z');
  return (~from_a | above_z | x) & every * 0x80;
}

// The bytes of `x` before the first one marked in `stop`, in lower case. Zero marks none.
[[nodiscard]] std::uint64_t letters_before(std::uint64_t x, std::uint64_t stop) noexcept {
  return (x | every * 0x20) & (((stop & (0 - stop)) >> 7) - 1);
}

[[nodiscard]] unsigned bytes_before(std::uint64_t stop) noexcept {
  return static_cast<unsigned>(std::countr_zero(stop)) / 8;
}

// Adds the word that begins at `at`, and returns its end.
[[nodiscard]] byte const* add_word(byte const* at, byte const* end, word_table& words) {
  auto const first = load(at);
  auto const stop = not_letters(first);
  if (stop != 0) {
    words.add({letters_before(first, stop), 0}, 1);
    return at + bytes_before(stop);
  }
  auto const rest = load(at + 8);
  auto const stop_rest = not_letters(rest);
  if (stop_rest != 0) {
    words.add({letters_before(first, 0), letters_before(rest, stop_rest)}, 1);
    return at + 8 + bytes_before(stop_rest);
  }
  auto const* const start = at;
  while (at < end && is_letter(*at)) ++at;
  std::string lower(start, at);
  for (auto& c : lower) c = static_cast<char>(c | 0x20);
  words.add(lower, 1);
  return at;
}

}  // namespace

std::size_t sequence_length(byte const* at, byte const* end) noexcept {
  auto const lead = at[0];
  byte low = 0x80, high = 0xbf;  // of the second byte
  std::ptrdiff_t length = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;   // else overlong
    if (lead == 0xed) high = 0x9f;  // else a surrogate
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;   // else overlong
    if (lead == 0xf4) high = 0x8f;  // else above U+10FFFF
  }
  if (length == 0 || end - at < length || at[1] < low || at[1] > high) return 0;
  for (std::ptrdiff_t i = 2; i < length; ++i)
    if (!continues(at[i])) return 0;
  return static_cast<std::size_t>(length);
}

std::size_t last_cut(std::string_view text) noexcept {
  auto const* const t = reinterpret_cast<byte const*>(text.data());
  for (std::size_t at = text.size(); at-- > 1;) {
    if (is_letter(t[at]) && is_letter(t[at - 1])) continue;
    // A fourth continuation byte belongs to no sequence: it may be cut off.
    if (!continues(t[at]) ||
        (at >= 3 && continues(t[at - 1]) && continues(t[at - 2]) && continues(t[at - 3])))
      return at;
  }
  return 0;
}

std::size_t count_words(std::string_view text, word_table& words) {
  auto const* const begin = reinterpret_cast<byte const*>(text.data());
  auto const* const end = begin + text.size();
  for (auto const* at = begin; at < end;) {
    if (is_letter(*at)) {
      at = add_word(at, end, words);
    } else if (*at < 0x80) {
      ++at;
    } else {
      auto const length = sequence_length(at, end);
      if (length == 0) return static_cast<std::size_t>(at - begin);
      at += length;
    }
  }
  return well_formed;
}

}  // namespace wordcount
