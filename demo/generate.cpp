// SPDX-License-Identifier: Apache-2.0
// generate BYTES SEED FILE: writes a text of about that size, and FILE.counts with how often each
// word occurs in it, most frequent first. The same arguments give the same bytes everywhere.
//
// The words are counted as they are chosen, so the counts owe nothing to any reader of the text.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace {

/// source    Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"
class splitmix {
 public:
  explicit splitmix(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    auto z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  std::size_t below(std::size_t n) noexcept {
    return static_cast<std::size_t>((next() >> 32) * n >> 32);
  }

 private:
  std::uint64_t state_;
};

constexpr std::size_t vocabulary_size = 50'000;

/// Different words of one to some thirty letters; the frequent ones, at the front, are short.
std::vector<std::string> make_vocabulary(splitmix& random) {
  constexpr std::string_view starts[] = {"",  "b", "c", "d", "f", "g", "h",  "l",  "m",  "n",
                                         "p", "r", "s", "t", "v", "w", "st", "tr", "th", "qu"};
  constexpr std::string_view middles[] = {"a", "e", "i", "o", "u", "a", "e", "ou"};
  constexpr std::string_view ends[] = {"", "", "", "", "n", "r", "s", "t", "l", "nd"};
  std::vector<std::string> words;
  std::unordered_set<std::string> seen;
  while (words.size() < vocabulary_size) {
    auto const rank = words.size();
    std::size_t const most = rank < 300 ? 1 : rank < 3000 ? 2 : rank % 500 == 0 ? 12 : 4;
    auto const syllables = 1 + random.below(most);
    std::string word;
    for (std::size_t i = 0; i < syllables; ++i) {
      word += starts[random.below(std::size(starts))];
      word += middles[random.below(std::size(middles))];
      word += ends[random.below(std::size(ends))];
    }
    if (seen.insert(word).second) words.push_back(std::move(word));
  }
  return words;
}

/// Ranks by Zipf's law: the word of rank r stands in about 1/r as many places as the first.
std::vector<std::uint32_t> make_ranks() {
  constexpr std::size_t places = std::size_t{1} << 20;
  double sum = 0;
  for (std::size_t r = 1; r <= vocabulary_size; ++r) sum += 1.0 / static_cast<double>(r);
  std::vector<std::uint32_t> ranks;
  ranks.reserve(places);
  double reached = 0;
  for (std::size_t r = 1; r <= vocabulary_size; ++r) {
    reached += 1.0 / static_cast<double>(r) / sum;
    auto const end = static_cast<std::size_t>(reached * static_cast<double>(places));
    while (ranks.size() < end) ranks.push_back(static_cast<std::uint32_t>(r - 1));
  }
  while (ranks.size() < places) ranks.push_back(0);
  return ranks;
}

class writer {
 public:
  explicit writer(std::string path)
      : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
    if (!file_) stop();
  }
  writer(writer const&) = delete;
  writer& operator=(writer const&) = delete;
  ~writer() {
    if (file_) std::fclose(file_);
  }
  void write(std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size()) stop();
  }
  void close() {
    if (std::fclose(std::exchange(file_, nullptr)) != 0) stop();
  }

 private:
  [[noreturn]] void stop() const {
    std::perror(("generate: " + path_).c_str());
    std::exit(1);
  }
  std::string path_;
  std::FILE* file_;
};

/// Appends a word, now and then as a name or a title would be written.
void append_word(std::string& text, std::string_view word, bool first, splitmix& random) {
  auto const begin = text.size();
  text += word;
  auto const upper = [&](std::size_t i) { text[i] = static_cast<char>(text[i] - 0x20); };
  auto const style = random.below(100);
  if (first || style < 5) upper(begin);
  if (style == 99)
    for (auto i = begin + (first ? 1 : 0); i < text.size(); ++i) upper(i);
}

/// What stands between two words of a sentence. Each has a byte that is no letter.
std::string_view gap(splitmix& random) {
  constexpr std::string_view rare[] = {", ", ", ", ", ", "; ",     ": ",   "-",  "'",
                                       "\n", " (", ") ", " 42 ",   " — ",  " “", "” ",
                                       "é ", "ß",  "\t", " 文字 ", " 🧵 ", "/"};
  auto const n = random.below(8 * std::size(rare));
  return n < std::size(rare) ? rare[n] : std::string_view(" ");
}

void write_counts(std::string const& path, std::vector<std::string> const& words,
                  std::vector<std::uint64_t> const& counts) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (counts[i] != 0) order.push_back(i);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : words[a] < words[b];
  });
  writer out(path);
  for (auto const i : order) out.write(std::to_string(counts[i]) + " " + words[i] + "\n");
  out.close();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: generate BYTES SEED FILE\n", stderr);
    return 2;
  }
  auto const size = std::strtoull(argv[1], nullptr, 10);
  std::string const path = argv[3];
  splitmix random(std::strtoull(argv[2], nullptr, 10));
  auto const words = make_vocabulary(random);
  auto const ranks = make_ranks();
  std::vector<std::uint64_t> counts(words.size());

  writer out(path);
  std::string text;
  std::size_t left = 0;  // words, in this sentence
  for (std::uint64_t written = 0; written < size;) {
    auto const first = left == 0;
    if (first) left = 4 + random.below(20);
    auto const rank = ranks[random.below(ranks.size())];
    ++counts[rank];
    append_word(text, words[rank], first, random);
    text += --left == 0 ? (random.below(6) == 0 ? ".\n\n" : ". ") : gap(random);
    if (text.size() < 1 << 16 && written + text.size() < size) continue;
    out.write(text);
    written += text.size();
    text.clear();
  }
  out.close();
  write_counts(path + ".counts", words, counts);
  return 0;
}
