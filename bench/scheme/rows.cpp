// SPDX-License-Identifier: Apache-2.0
// Question  What do Scheme's tasks and actors cost?
// Method    Each side is a process that is asked to do one thing so many times. yield: alone.
//           spawn: detached tasks, all waited for. await: one at a time, with its value. pingpong:
//           a round trip between two actors. ring: a hop among 1,000. pmap: an element of 20,000.
// Rivals    Erlang's processes, with as many schedulers as weft has workers; Guile's own threads,
//           futures and par-map, which use all processors.
// Reads as  ns each; ratio > 1 where weft is faster.
#include "support/answering.hpp"

namespace {

std::vector<std::string> const weft{WEFT_COMMAND, "run", WEFT_BENCH_SCHEME "/ours.scm"};

bench::side ours(char const* question, unsigned workers, std::uint64_t times) {
  return bench::asks(weft, question, times, {"WEFT_WORKERS=" + std::to_string(workers)});
}

bench::side erlang([[maybe_unused]] char const* question, [[maybe_unused]] unsigned workers,
                   [[maybe_unused]] std::uint64_t times) {
#ifdef WEFT_BENCH_ERLANG
  auto const n = std::to_string(workers);
  return bench::asks(
      {"erl", "-noshell", "+S", n + ":" + n, "-pa", WEFT_BENCH_ERLANG, "-s", "weft_rival", "main"},
      question, times);
#else
  return {};
#endif
}

bench::side guile(char const* question, std::uint64_t times) {
  // It compiles the file when it is started, before the first question.
  return bench::asks({"guile", "--fresh-auto-compile", WEFT_BENCH_SCHEME "/guile.scm"}, question,
                     times, {"GUILE_AUTO_COMPILE=1"});
}

bench::row against_erlang(std::string const& name, char const* question, unsigned workers,
                          std::uint64_t times, double target) {
  return {.name = "scheme." + name + "/erlang",
          .unit = "ns",
          .target = target,
          .ours = ours(question, workers, times),
          .rival = erlang(question, workers, times),
          .package = "erlang-base"};
}
bench::row against_guile(std::string const& name, char const* question, unsigned workers,
                         std::uint64_t times, double target) {
  return {.name = "scheme." + name + "/guile",
          .unit = "ns",
          .target = target,
          .ours = ours(question, workers, times),
          .rival = guile(question, times),
          .package = "guile-3.0"};
}

bench::add const rows[] = {
    bench::add{against_erlang("yield.1w", "yield", 1, 100'000, 0.4)},
    bench::add{against_erlang("spawn.1w", "spawn", 1, 50'000, 2.0)},
    bench::add{against_erlang("spawn.2w", "spawn", 2, 50'000, 2.0)},
    bench::add{against_erlang("await.1w", "await", 1, 50'000, 1.0)},
    bench::add{against_erlang("pingpong.1w", "pingpong", 1, 50'000, 0.8)},
    bench::add{against_erlang("pingpong.2w", "pingpong", 2, 50'000, 0.6)},
    bench::add{against_erlang("ring.1w", "ring", 1, 50'000, 0.8)},
    bench::add{against_erlang("ring.2w", "ring", 2, 50'000, 0.6)},
    bench::add{against_guile("await.2w", "await", 2, 20'000, 1.0)},
    bench::add{against_guile("pingpong.2w", "pingpong", 2, 5'000, 20.0)},
    bench::add{against_guile("pmap.2w", "pmap", 2, 20'000, 5.0)},
};

}  // namespace
