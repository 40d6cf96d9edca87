// SPDX-License-Identifier: Apache-2.0
#include "count.hpp"

#include <cstdio>

namespace wordcount {
namespace {

using namespace std::chrono_literals;

/// Writes the bar over itself, and takes it away in the end.
class bar {
 public:
  bar() = default;
  bar(bar const&) = delete;
  bar& operator=(bar const&) = delete;
  ~bar() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  /// blocks    while the terminal does
  void draw(std::uint64_t bytes, std::uint64_t total) {
    constexpr std::size_t width = 40;
    drawn_ = true;
    auto const mb = static_cast<double>(bytes) / 1e6;
    if (total < bytes || total == 0) {  // a pipe, or a file that grows
      std::fprintf(stderr, "\r\033[K%.0f MB", mb);
      return;
    }
    auto const part = static_cast<std::size_t>(bytes * width / total);
    auto const text = std::string(part, '#') + std::string(width - part, '.');
    std::fprintf(stderr, "\r\033[K[%s] %.0f of %.0f MB", text.c_str(), mb,
                 static_cast<double>(total) / 1e6);
  }

 private:
  bool drawn_ = false;
};

}  // namespace

weft::task<> show_progress(std::vector<counter>& counters, std::uint64_t total) {
  bar shown;
  co_await weft::after(500ms);
  for (;;) {
    std::uint64_t bytes = 0;
    for (auto& c : counters) {
      auto published = co_await c.published.acquire();
      bytes += published->bytes;
    }
    auto const draw = [&] { shown.draw(bytes, total); };
    co_await weft::blocking(draw);
    co_await weft::after(100ms);
  }
}

}  // namespace wordcount
