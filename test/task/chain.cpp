// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <latch>
#include <source_location>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

std::string line_of(std::source_location const& where = std::source_location::current()) {
  return "chain.cpp:" + std::to_string(where.line());
}

std::string at_leaf, at_middle, at_root;

weft::task<std::string> leaf() {
  at_leaf = line_of(), co_await weft::yield();
  co_return weft::current_stack().text();
}
weft::task<std::string> middle(int) {
  at_middle = line_of(); co_return co_await leaf();
}
weft::task<std::string> root() {
  at_root = line_of(); co_return co_await middle(1);
}

TEST(current_stack, names_every_frame_with_the_place_of_its_await) {
  auto const text = weft::sync_wait(root());
  EXPECT_EQ(text, "  at " + at_leaf + " in leaf\n  at " + at_middle + " in middle\n  at " +
                      at_root + " in root\n");
}

TEST(current_stack, in_a_plain_thread_is_empty) {
  EXPECT_TRUE(weft::current_stack().entries.empty());
}

TEST(current_stack, goes_on_above_a_group) {
  auto outer = []() -> weft::task<std::string> {
    auto body = [](weft::group& g) -> weft::task<std::string> {
      auto f = g.spawn(&root);
      auto get = f.get();
      co_return co_await std::move(get);
    };
    co_return co_await weft::with_group(body);
  };
  auto const text = weft::sync_wait(outer());
  EXPECT_THAT(text, HasSubstr("in leaf\n"));
  EXPECT_THAT(text, HasSubstr("in root\n  spawned below chain.cpp:"));
}

weft::task<int> fails(int depth) {
  if (depth == 0) throw std::runtime_error("no luck");
  int const below = co_await fails(depth - 1);
  co_return below;
}
weft::task<> sleeps() { co_await weft::after(1h); }

std::string chain_of_the_error;

TEST(error_chain, has_every_frame_the_group_and_the_number_of_siblings_it_cancelled) {
  auto outer = []() -> weft::task<> {
    auto body = [](weft::group& g) -> weft::task<> {
      g.spawn(&sleeps);
      g.spawn(&sleeps);
      g.spawn(&fails, 2);
      co_await weft::after(1h);
    };
    co_await weft::with_group(body);
  };
  auto const before = weft::set_unjoined_handler(
      [](std::exception_ptr, weft::stack_trace const& chain) noexcept {
        chain_of_the_error = chain.text();
      });
  {
    weft::group g;
    auto f = g.spawn(outer);
    EXPECT_THROW(f.get().wait(), std::runtime_error);
  }
  weft::set_unjoined_handler(before);
  // The body was cancelled too, but it is the group's, and no sibling.
  EXPECT_THAT(chain_of_the_error,
              MatchesRegex("  at chain.cpp:[0-9]+ in fails\n"
                           "  at chain.cpp:[0-9]+ in fails\n"
                           "  at chain.cpp:[0-9]+ in fails\n"
                           "  spawned below chain.cpp:[0-9]+ in [^\n]+\n"
                           "  2 siblings cancelled\n"));
}

TEST(error_chain, one_that_is_caught_and_thrown_anew_is_a_new_story) {
  auto translates = []() -> weft::task<> {
    try {
      co_await fails(3);
    } catch (std::runtime_error const&) {
      throw std::logic_error("translated");
    }
  };
  auto const before = weft::set_unjoined_handler(
      [](std::exception_ptr, weft::stack_trace const& chain) noexcept {
        chain_of_the_error = chain.text();
      });
  {
    weft::group g;
    g.spawn(translates);
  }
  weft::set_unjoined_handler(before);
  EXPECT_THAT(chain_of_the_error, testing::Not(HasSubstr("in fails")));
  EXPECT_THAT(chain_of_the_error, HasSubstr("chain.cpp:"));
}

TEST(error_chain_death, an_error_of_the_program_ends_weft_main_with_message_and_chain) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto body = []() -> weft::task<> {
    co_await fails(1);
  };
  EXPECT_EXIT(std::exit(weft::main(body)), testing::ExitedWithCode(1),
              "weft: error: no luck\n  at chain.cpp:[0-9]+ in fails\n  at chain.cpp:[0-9]+ in "
              "fails\n  at chain.cpp:[0-9]+ in ");
}

}  // namespace
