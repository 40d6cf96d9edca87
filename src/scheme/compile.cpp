// SPDX-License-Identifier: Apache-2.0
// weft_compile_modules SOURCES COMPILED FILE...: compiles (weft)'s modules, as the build does.
#include "boot.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

// What is compiled must not be the first that this process sees of a module: its macros would be
// there and its procedures not, and what uses them be compiled to look for them in itself.
constexpr auto load_first = R"((lambda (file)
  (resolve-interface (map string->symbol (string-split (string-drop-right file 4) #\/)))))";

// (compile-file in #:output-file out), in a module of its own.
constexpr auto program = R"((lambda (in out)
  (use-modules (system base compile))
  ((@ (system base target) with-target) %host-type
    (lambda () (compile-file in #:output-file out))))
)";

struct job {
  std::filesystem::path in, out;
};

SCM compile(void* p) {
  auto const& todo = *static_cast<job*>(p);
  return scm_call_2(scm_c_eval_string(program), scm_from_utf8_string(todo.in.c_str()),
                    scm_from_utf8_string(todo.out.c_str()));
}

SCM load(void* p) {
  return scm_call_1(scm_c_eval_string(load_first),
                    scm_from_utf8_string(static_cast<char const*>(p)));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace weft::scheme::detail;
  if (argc < 4) {
    std::fputs("usage: weft_compile_modules SOURCES COMPILED FILE...\n", stderr);
    return 2;
  }
  std::filesystem::path const sources = argv[1], compiled = argv[2];
  // What an older run has left must not be loaded instead of the text.
  for (int i = 3; i < argc; ++i)
    std::filesystem::remove(std::filesystem::path(compiled / argv[i]).replace_extension(".go"));
  boot_core({.sources = sources.string(), .compiled = compiled.string()});
  for (int i = 3; i < argc; ++i) {
    auto const failure = attempt_in_guile(load, argv[i]);
    if (failure.empty()) continue;
    std::fprintf(stderr, "%s: %s\n", argv[i], failure.c_str());
    return 1;
  }
  for (int i = 3; i < argc; ++i) {
    job todo{sources / argv[i], compiled / argv[i]};
    todo.out.replace_extension(".go");
    std::filesystem::create_directories(todo.out.parent_path());
    auto const failure = attempt_in_guile(compile, &todo);
    if (failure.empty()) continue;
    std::fprintf(stderr, "%s: %s\n", todo.in.c_str(), failure.c_str());
    return 1;
  }
  return 0;
}
