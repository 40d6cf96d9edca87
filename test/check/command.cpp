// SPDX-License-Identifier: Apache-2.0
#include <weft/check/command.hpp>
#include <weft/check/model.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace check = weft::check;
using check::model, check::threads;
using weft::acquire, weft::relaxed, weft::release;

template <std::memory_order Order>
void message(threads& run) {
  model::atomic<bool> sent{false};
  model::var<int> text{0};
  run(
      [&] {
        text = 42;
        sent.store(true, Order);
      },
      [&] {
        bool const is_there = sent.load(acquire);
        check::note(is_there ? "there" : "not there");
        if (is_there) check::expect_equal(text.get(), 42);
      });
}

std::vector<check::scenario> const all_is_well{{"a message", message<release>},
                                               {"a note", message<release>}};
std::vector<check::scenario> const one_is_wrong{{"a message", message<release>},
                                                {"it's wrong", message<relaxed>},
                                                {"a note", message<release>}};

struct said {
  int code;
  std::string out, err;
};

said run(std::vector<check::scenario> scenarios, std::vector<std::string> arguments) {
  std::vector<char*> argv;
  arguments.insert(arguments.begin(), "./the program");
  argv.reserve(arguments.size());
  for (auto& a : arguments) argv.push_back(a.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  auto const code = check::main(static_cast<int>(argv.size()), argv.data(), std::move(scenarios));
  said s;
  s.code = code;
  s.out = testing::internal::GetCapturedStdout();
  s.err = testing::internal::GetCapturedStderr();
  return s;
}

std::vector<std::string> lines(std::string const& text) {
  std::vector<std::string> all;
  std::istringstream in(text);
  for (std::string l; std::getline(in, l);) all.push_back(l);
  return all;
}

// From the message of a failure on.
std::string story(std::string const& out) { return out.substr(out.find("\nstep ")); }

TEST(command, explores_every_scenario) {
  auto const s = run(all_is_well, {});
  EXPECT_EQ(s.code, 0);
  EXPECT_EQ(s.out,
            "a message: exhausted: 2 executions, 0 failures\n  1 x not there\n  1 x there\n"
            "a note: exhausted: 2 executions, 0 failures\n  1 x not there\n  1 x there\n");
  EXPECT_EQ(s.err, "");
}

TEST(command, a_failure_comes_last_and_ends_with_the_command_that_replays_it) {
  auto const s = run(one_is_wrong, {});
  EXPECT_EQ(s.code, 3);
  auto const all = lines(s.out);
  EXPECT_EQ(all[3], "it's wrong: data race");
  EXPECT_NE(s.out.find("a note: exhausted"), std::string::npos) << "the others are explored, too";
  std::string const replay = R"('./the program' --replay 'it'\''s wrong:)";
  EXPECT_TRUE(all.back().starts_with(replay)) << all.back();

  auto schedule = all.back().substr(replay.size());
  schedule.pop_back();
  auto const again = run(one_is_wrong, {"--replay", "it's wrong:" + schedule});
  EXPECT_EQ(again.code, 3);
  EXPECT_EQ(story(again.out), story(s.out));
  EXPECT_EQ(again.out.find("a message"), std::string::npos) << "the others are not explored";
}

TEST(command, a_program_without_it_replays_by_the_environment) {
  check::options how;
  how.name = "it's wrong";
  auto const text_of = [&how](auto order) {
    std::ostringstream text;
    text << check::explore(how, order);
    return text.str();
  };
  auto const first = text_of(message<relaxed>);
  auto const last = lines(first).back();
  std::string const replay = R"(WEFT_REPLAY='it'\''s wrong:)";
  ASSERT_TRUE(last.starts_with(replay)) << last;
  auto const schedule = last.substr(replay.size(), last.find("' ", replay.size()) - replay.size());

  ASSERT_EQ(::setenv("WEFT_REPLAY", ("it's wrong:" + schedule).c_str(), 1), 0);
  EXPECT_EQ(story(text_of(message<relaxed>)), story(first));
  how.name = "another";
  EXPECT_TRUE(text_of(message<release>).starts_with("another: exhausted: 2 executions"));
  how.name = "it's wrong";
  EXPECT_EQ(text_of(message<release>), "it's wrong: not exhausted: 1 executions, 0 failures")
      << "the mistake is gone";
  ASSERT_EQ(::setenv("WEFT_REPLAY", "it's wrong:Cz", 1), 0);
  EXPECT_NE(text_of(message<relaxed>).find("does not fit this scenario"), std::string::npos);
  ASSERT_EQ(::setenv("WEFT_REPLAY", "it's wrong:no schedule", 1), 0);
  EXPECT_NE(text_of(message<relaxed>).find("not a schedule: ' ' at character 3"),
            std::string::npos);
  ::unsetenv("WEFT_REPLAY");
}

TEST(command, names_and_chooses_scenarios) {
  EXPECT_EQ(run(one_is_wrong, {"--list"}).out, "a message\nit's wrong\na note\n");
  EXPECT_EQ(run(one_is_wrong, {"--list", "--filter", "^a"}).out, "a message\na note\n");
  EXPECT_EQ(run(one_is_wrong, {"--filter", "^a"}).code, 0);
}

TEST(command, samples_instead_of_exhausting) {
  for (auto const* how : {"--random", "--pct"}) {
    auto const s = run(all_is_well, {how, "500", "--seed", "7"});
    EXPECT_EQ(s.code, 0);
    EXPECT_NE(s.out.find("a message: sampled: 500 executions, 0 failures\n"), s.out.npos) << s.out;
    EXPECT_EQ(run(one_is_wrong, {how, "500"}).code, 3) << how;
    EXPECT_EQ(run(all_is_well, {how, "500", "--seed", "7"}).out, s.out) << "one seed, one sample";
  }
}

TEST(command, bounds_and_counts) {
  auto const s = run(all_is_well, {"--preemptions", "0", "--stats", "--filter", "message"});
  EXPECT_NE(s.out.find("executions (preemption bound 0), 0 failures\n"), s.out.npos) << s.out;
  EXPECT_NE(s.out.find(" cut short, "), s.out.npos) << s.out;
  auto const few = run(all_is_well, {"--executions", "1"});
  EXPECT_NE(few.out.find("a message: not exhausted: 1 executions, 0 failures\n"), few.out.npos)
      << few.out;
}

TEST(command, audits) {
  auto const s = run(all_is_well, {"--audit"});
  EXPECT_EQ(s.code, 0) << s.out;
  EXPECT_NE(s.out.find("sent.load(acquire)"), s.out.npos) << s.out;
  EXPECT_EQ(run(one_is_wrong, {"--audit"}).code, 3) << "what fails by itself cannot be audited";
}

TEST(command, says_what_is_wrong_with_the_command_line) {
  struct {
    std::vector<std::string> arguments;
    std::string text;
  } const cases[] = {
      {{"--sing"}, "--sing"},
      {{"message"}, "message"},
      {{"--random", "many"}, "many"},
      {{"--random", "5", "--pct", "5"}, "--random"},
      {{"--replay", "a message:A", "--audit"}, "--audit"},
      {{"--filter", "("}, "\"(\" is no regular expression"},
      {{"--filter", "nobody"}, "no scenario matches \"nobody\": --list names them"},
      {{"--replay", "nobody:A"}, "no scenario is called \"nobody\": --list names them"},
      {{"--replay", "a message"}, "--replay wants NAME:SCHEDULE, not \"a message\""},
      {{"--replay", "a message:A?"}, "not a schedule: '?' at character 2"},
      {{"--replay", "a message:z9"}, "does not fit this scenario"},
  };
  for (auto const& c : cases) {
    auto const s = run(all_is_well, c.arguments);
    EXPECT_EQ(s.code, 2) << c.arguments[0];
    EXPECT_EQ(s.out, "") << c.arguments[0];
    EXPECT_TRUE(s.err.starts_with("./the program: ")) << s.err;
    EXPECT_NE(s.err.find(c.text), std::string::npos) << s.err;
  }
  EXPECT_EQ(run({{"twice", message<release>}, {"twice", message<release>}}, {}).code, 2);
  EXPECT_EQ(run(all_is_well, {"--help"}).code, 0);
}

}  // namespace
