// SPDX-License-Identifier: Apache-2.0
// Read phases that must not be: read_phase.py has to find each of them in the machine code, though
// their closures and results are as the types ask for.
#include <weft/mem/restart.hpp>

#include <array>
#include <atomic>
#include <cstring>
#include <string>

namespace {

using weft::detail::restart_point, weft::detail::restartable;

std::size_t owns_a_string(restart_point<>& p, char const* text) {
  return restartable(p, [text]() noexcept { return std::string(text).size(); });
}

[[gnu::noinline]] int deep(int n) noexcept {
  std::array<std::atomic<int>, 1000> room;
  for (int i = 0; i < 1000; ++i) room[static_cast<unsigned>(i)] = n;
  return room[static_cast<unsigned>(n) % 1000];
}
int takes_much_stack(restart_point<>& p, int n) {
  return restartable(p, [n]() noexcept { return deep(n); });
}

int calls_out(restart_point<>& p, int (*const& f)() noexcept) {
  return restartable(p, [&f]() noexcept { return f(); });
}

int looks_for_a_function(restart_point<>& p, char const* text, std::size_t n) {
  return restartable(p, [=]() noexcept { return std::memcmp(text, text + n, n); });
}

}  // namespace

int main(int count, char** words) {
  restart_point<> p;
  std::atomic<int (*)() noexcept> one{[]() noexcept { return 1; }};
  auto* const chosen = one.load();  // by whom, the compiler does not know
  return owns_a_string(p, words[0]) == 0 ||
         takes_much_stack(p, count) + calls_out(p, chosen) == 0 ||
         looks_for_a_function(p, words[0], static_cast<std::size_t>(count)) == 7;
}
