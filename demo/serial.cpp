// SPDX-License-Identifier: Apache-2.0
// The loop that wordcount is compared with: one thread, std::unordered_map, no weft.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using counts = std::unordered_map<std::string, std::uint64_t>;

constexpr std::array<char, 256> lower = [] {  // 0: no letter
  std::array<char, 256> t{};
  for (char c = 'a'; c <= 'z'; ++c) t[static_cast<unsigned char>(c)] = c;
  for (char c = 'a'; c <= 'z'; ++c) t[static_cast<unsigned char>(c - 0x20)] = c;
  return t;
}();

bool count_words(char const* path, counts& words) {
  auto* const file = std::fopen(path, "rb");
  if (!file) return false;
  std::vector<char> block(std::size_t{1} << 20);
  std::string word;
  while (auto const n = std::fread(block.data(), 1, block.size(), file)) {
    for (std::size_t i = 0; i < n; ++i) {
      if (auto const c = lower[static_cast<unsigned char>(block[i])]) {
        word.push_back(c);
      } else if (!word.empty()) {
        ++words[word];
        word.clear();
      }
    }
  }
  if (!word.empty()) ++words[word];
  return std::fclose(file) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  auto const begun = std::chrono::steady_clock::now();
  counts words;
  for (int i = 1; i < argc; ++i) {
    if (!count_words(argv[i], words)) {
      std::perror(argv[i]);
      return 1;
    }
  }
  std::vector<counts::value_type const*> sorted;
  for (auto const& w : words) sorted.push_back(&w);
  std::ranges::sort(sorted, [](auto const* a, auto const* b) {
    return a->second != b->second ? a->second > b->second : a->first < b->first;
  });
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begun;
  for (auto const* w : sorted)
    std::printf("%llu %s\n", static_cast<unsigned long long>(w->second), w->first.c_str());
  std::fprintf(stderr, "{\"distinct\":%zu,\"seconds\":%.6f}\n", words.size(), took.count());
  return std::fflush(stdout) == 0 ? 0 : 1;
}
