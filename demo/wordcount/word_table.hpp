// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wordcount {

struct word_count {
  std::string word;
  std::uint64_t count;
};

/// How often each word occurs: an open hash table with linear probing, at most half full.
///
/// A word of up to 15 letters is its own key: the first eight letters in one number, the others in
/// the next. Longer ones are stored apart. Letters are lower-case ASCII.
class word_table {
 public:
  struct key {
    std::uint64_t first, rest;
    friend bool operator==(key const&, key const&) = default;
  };

  void add(key short_word, std::uint64_t n) {
    auto& e = find(short_word);
    if (e.count == 0) e.word = short_word;
    count(e, n);
  }
  /// For a word of 16 letters or more.
  void add(std::string_view long_word, std::uint64_t n);

  /// Makes room for all words of `other`: the next add(other) cannot fail.
  void reserve_for(word_table const& other);
  /// Adds the counts of `other`.
  void add(word_table const& other);

  void clear();
  /// Different words.
  [[nodiscard]] std::size_t distinct() const noexcept { return used_; }
  /// The sum of all counts.
  [[nodiscard]] std::uint64_t total() const noexcept;
  /// The `most` most frequent words, by count, then by word.
  [[nodiscard]] std::vector<word_count> top(std::size_t most) const;

 private:
  struct entry {
    key word{};
    std::uint64_t count = 0;  // 0: free
  };
  // Above seven letters: marks a long word, whose text begins at the offset in the lower bits.
  static constexpr std::uint64_t long_mark = std::uint64_t{1} << 63;

  [[nodiscard]] static std::uint64_t hash(key k) noexcept {
    return (k.first ^ std::rotl(k.rest * 0x9fb21c651e98df25, 32)) * 0x9e3779b97f4a7c15;
  }
  [[nodiscard]] static std::uint64_t hash(std::string_view long_word) noexcept;
  [[nodiscard]] static bool is_long(key k) noexcept { return (k.rest & long_mark) != 0; }
  [[nodiscard]] std::string_view long_text(key k) const noexcept {
    return long_words_.c_str() + (k.rest & ~long_mark);
  }
  /// The place of `k`, or the free one that is to be its.
  [[nodiscard]] entry& find(key k) noexcept {
    auto at = hash(k) >> shift_;
    while (entries_[at].count != 0 && entries_[at].word != k) at = (at + 1) & mask();
    return entries_[at];
  }
  [[nodiscard]] std::size_t mask() const noexcept { return entries_.size() - 1; }
  void count(entry& e, std::uint64_t n) {
    bool const is_new = e.count == 0;
    e.count += n;
    if (is_new && ++used_ * 2 > entries_.size()) resize(entries_.size() * 2);
  }
  void resize(std::size_t capacity);

  std::vector<entry> entries_ = std::vector<entry>(1024);
  int shift_ = 64 - 10;  // the top bits of a hash are its place
  std::size_t used_ = 0;
  std::string long_words_;  // each ends with a zero
};

}  // namespace wordcount
