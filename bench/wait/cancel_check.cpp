// SPDX-License-Identifier: Apache-2.0
// Question  What does it cost a task to ask whether it was cancelled?
// Method    A task asks in a loop, in a scope that nobody cancels.
// Rivals    std::stop_token::stop_requested() in the same kind of task, on a token in its frame.
// Reads as  ns per check; ratio > 1 where weft is cheaper.
#include "support/weft_side.hpp"

#include <stop_token>

namespace {

weft::task<> checks(std::uint64_t n) {
  for (; n != 0; --n) bench::keep(weft::is_cancelled());
  co_return;
}

weft::task<> stop_token_checks(std::uint64_t n, std::stop_token token) {
  for (; n != 0; --n) bench::keep(token.stop_requested());
  co_return;
}

bench::sample std_tokens() {
  auto source = std::make_shared<std::stop_source>();
  return bench::per_op_of_task(
      1, [source](std::uint64_t n) { return stop_token_checks(n, source->get_token()); });
}

const bench::add row{{
    .name = "cancel.check/stop_token",
    .target = 1,
    .ours = [] { return bench::per_op_of_task(1, checks); },
    .rival = std_tokens,
}};

}  // namespace
