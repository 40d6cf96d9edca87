// SPDX-License-Identifier: Apache-2.0
#include "word_table.hpp"

#include <algorithm>
#include <cstring>

namespace wordcount {

std::uint64_t word_table::hash(std::string_view long_word) noexcept {
  std::uint64_t h = long_word.size();
  for (char const c : long_word) h = hash(key{h, static_cast<std::uint64_t>(c)});
  return h;
}

void word_table::add(std::string_view long_word, std::uint64_t n) {
  auto at = hash(long_word) >> shift_;
  for (; entries_[at].count != 0; at = (at + 1) & mask())
    if (is_long(entries_[at].word) && long_text(entries_[at].word) == long_word) break;
  auto& e = entries_[at];
  if (e.count == 0) {
    e.word = {0, long_mark | long_words_.size()};
    long_words_.append(long_word).push_back('\0');
  }
  count(e, n);
}

void word_table::reserve_for(word_table const& other) {
  auto const bytes = long_words_.size() + other.long_words_.size();
  if (bytes > long_words_.capacity()) long_words_.reserve(std::max(bytes, bytes / 2 * 3));
  auto const words = used_ + other.used_;
  if (words * 2 > entries_.size()) resize(std::bit_ceil(words * 2));
}

void word_table::add(word_table const& other) {
  for (auto const& e : other.entries_) {
    if (e.count == 0) continue;
    if (is_long(e.word)) {
      add(other.long_text(e.word), e.count);
    } else {
      add(e.word, e.count);
    }
  }
}

void word_table::resize(std::size_t capacity) {
  std::vector<entry> old(capacity);
  old.swap(entries_);
  shift_ = 64 - std::countr_zero(capacity);
  for (auto const& e : old) {
    if (e.count == 0) continue;
    auto at = (is_long(e.word) ? hash(long_text(e.word)) : hash(e.word)) >> shift_;
    while (entries_[at].count != 0) at = (at + 1) & mask();
    entries_[at] = e;
  }
}

void word_table::clear() {
  if (used_ != 0) std::ranges::fill(entries_, entry{});
  used_ = 0;
  long_words_.clear();
}

std::uint64_t word_table::total() const noexcept {
  std::uint64_t sum = 0;
  for (auto const& e : entries_) sum += e.count;
  return sum;
}

std::vector<word_count> word_table::top(std::size_t most) const {
  std::vector<word_count> all;
  all.reserve(used_);
  for (auto const& e : entries_) {
    if (e.count == 0) continue;
    if (is_long(e.word)) {
      all.push_back({std::string(long_text(e.word)), e.count});
    } else {
      char letters[sizeof e.word + 1] = {};
      std::memcpy(letters, &e.word, sizeof e.word);
      all.push_back({letters, e.count});
    }
  }
  auto const shown = std::min(most, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(shown),
                            [](word_count const& a, word_count const& b) {
                              return a.count != b.count ? a.count > b.count : a.word < b.word;
                            });
  all.resize(shown);
  return all;
}

}  // namespace wordcount
