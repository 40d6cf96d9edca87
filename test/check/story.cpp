// SPDX-License-Identifier: Apache-2.0
// What a failure is told like, letter by letter.
#include <weft/check/explore.hpp>
#include <weft/check/model.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace {

namespace check = weft::check;
using check::strategy;
using testing::HasSubstr;
using weft::acquire, weft::relaxed, weft::release, weft::seq_cst;

// The numbers of lines in a story, relative to a line: what is edited above does not change it.
std::string relative(std::string story, int to) {
  std::string const file = "story.cpp:";
  for (auto at = story.find(file); at != std::string::npos; at = story.find(file, at)) {
    at += file.size();
    std::size_t used = 0;
    auto const line = std::stoi(story.substr(at), &used);
    story.replace(at, used, '+' + std::to_string(line - to));
  }
  return story;
}

TEST(story, a_message_passed_too_weakly) {
  int const here = __LINE__;
  auto const scenario = [](check::threads& run) {
    check::atomic<int> data{0};
    check::atomic<bool> ready{false};
    run(
        [&] {
          data.store(42, relaxed);
          ready.store(true, relaxed);
        },
        [&] {
          if (ready.load(acquire)) check::expect_equal(data.load(relaxed), 42);
        });
  };
  auto const r = check::explore({.name = "message"}, scenario);
  EXPECT_EQ(relative(r.message, here), "expected 42, got 0 at story.cpp:+10");
  std::string const told =
      R"(step  scenario         thread 1              thread 2                                 at
   1  starts thread 1                                                                 story.cpp:+4
   2  starts thread 2                                                                 story.cpp:+4
   3                   data = 42 relaxed                                              story.cpp:+6
   4                   ready = true relaxed                                           story.cpp:+7
   5                                         reads ready = true acquire, from step 4  story.cpp:+10
   6                                         reads data = 0 relaxed, as made (stale)  story.cpp:+10
)";
  EXPECT_EQ(relative(r.story, here), told);
  auto const again = check::explore(
      {.search = strategy::replay, .name = "message", .schedule = r.schedule}, scenario);
  EXPECT_EQ(again.story, r.story);
  EXPECT_EQ(again.message, r.message);
  EXPECT_EQ(again.found, r.found);

  std::ostringstream whole;
  whole << r;
  EXPECT_THAT(whole.str(), testing::StartsWith("message: wrong in execution "));
  auto const text = whole.str();
  auto const last = text.rfind('\n', text.size() - 2) + 1;
  EXPECT_THAT(text.substr(last), testing::StartsWith("WEFT_REPLAY=message:" + r.schedule + ' '))
      << "the last line is the command that replays it";
  EXPECT_THAT(text, HasSubstr("\nto replay:\nWEFT_REPLAY="));
}

}  // namespace
