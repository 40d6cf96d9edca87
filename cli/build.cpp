// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"
#include "packages.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <glob.h>
#include <memory>
#include <unistd.h>

namespace weft::cli {
namespace {

std::string built_with() {
#if defined(__clang__)
  return fmt::format("clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

// The first line that a command prints; empty if it fails.
std::string first_line(char const* command) {
  std::unique_ptr<FILE, int (*)(FILE*)> const pipe(::popen(command, "r"), &::pclose);
  std::array<char, 128> line{};
  if (!pipe || !std::fgets(line.data(), static_cast<int>(line.size()), pipe.get())) return {};
  std::string text = line.data();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

finding look_at_library() {
#if defined(NDEBUG)
  constexpr auto asserts = "";
#else
  constexpr auto asserts = ", with assertions";
#endif
  finding f{health::good, "this weft", fmt::format("built with {}{}", built_with(), asserts), ""};
#if !defined(__clang__) && __GNUC__ < 13
  f.how = health::note;
  f.advice = "clang 19 is the reference compiler";
#endif
  return f;
}

finding look_at_gcc() {
  auto const version = first_line("g++ -dumpfullversion 2>/dev/null");
  if (version.empty()) return {health::good, "g++", "not installed", ""};
  finding f{health::good, "g++", version, ""};
  if (std::atoi(version.c_str()) < 13) {
    f.how = health::note;
    f.advice = "miscompiles some forms of coroutines; the guide's page for g++ 12 names them";
  }
  return f;
}

bool exists(std::string_view candidate) {
  if (candidate.starts_with('/')) {
    glob_t found{};
    bool const any = ::glob(std::string(candidate).c_str(), 0, nullptr, &found) == 0;
    ::globfree(&found);
    return any;
  }
  char const* const path = std::getenv("PATH");
  std::string_view rest = path ? path : "";
  while (!rest.empty()) {
    auto const folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    if (::access(fmt::format("{}/{}", folder, candidate).c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool is_there(package const& p) {
  for (auto rest = p.candidates; !rest.empty();) {
    auto const candidate = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(candidate.size() + 1, rest.size()));
    if (exists(candidate)) return true;
  }
  return false;
}

finding look_at_packages(std::string_view set, char const* name) {
  std::vector<std::string_view> missing;
  for (auto const& p : packages)
    if (p.set == set && !is_there(p)) missing.push_back(p.name);
  if (missing.empty()) return {health::good, name, "all there", ""};
  return {health::note, name, fmt::format("missing: {}", fmt::join(missing, " ")),
          fmt::format("apt-get install --no-install-recommends {}", fmt::join(missing, " "))};
}

}  // namespace

chapter examine_build() {
  return {"building programs and weft itself",
          {look_at_library(), look_at_gcc(), look_at_packages("base", "make test"),
           look_at_packages("check", "make check"), look_at_packages("bench", "make bench"),
           look_at_packages("release", "make release")}};
}

}  // namespace weft::cli
