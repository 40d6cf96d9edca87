// SPDX-License-Identifier: Apache-2.0
#include <weft/scheme/engine.hpp>
#include <weft/task/sync_wait.hpp>
#include <weft/wait/after.hpp>
#include <weft/wait/compose.hpp>
#include <weft/wait/select.hpp>

#include <gtest/gtest.h>
#include <stdexcept>

namespace {

using namespace std::chrono_literals;
using weft::scheme::engine;
using weft::scheme::scheme_error;
using weft::scheme::value;

class Engine : public testing::Test {
 protected:
  engine scm{{.workers = 2}};
  value eval(std::string text) { return weft::sync_wait(scm.eval(std::move(text))); }
};

TEST_F(Engine, GivesTheValueOfTheLastForm) {
  EXPECT_EQ(eval("(define x 20) (define y 22) (+ x y)").to<int>(), 42);
  EXPECT_EQ(eval("\"text\"").to<std::string>(), "text");
  EXPECT_DOUBLE_EQ(eval("(/ 1. 4)").to<double>(), 0.25);
  EXPECT_TRUE(eval("(= 1 1)").to<bool>());
  EXPECT_EQ(eval("'(1 \"two\" three)").written(), "(1 \"two\" three)");
}

TEST_F(Engine, KeepsWhatWasDefined) {
  eval("(define (twice x) (* 2 x))");
  EXPECT_EQ(eval("(twice 21)").to<long>(), 42);
}

TEST_F(Engine, HasTheLanguageOfWeft) {
  EXPECT_EQ(eval("(preduce + 0 (pmap square (range 1 1001)))").to<long>(), 333833500);
  EXPECT_EQ(eval("(await (future (begin (sleep 0.001) 7)))").to<int>(), 7);
}

TEST_F(Engine, CallsFunctionsOfCpp) {
  scm.define("host-square", [](long x) { return x * x; });
  scm.define("join", [](std::string const& a, std::string const& b) { return a + b; });
  scm.define("fail", [](bool) -> long { throw std::invalid_argument("not today"); });
  EXPECT_EQ(eval("(host-square 12)").to<long>(), 144);
  EXPECT_EQ(eval("(join \"a\" \"b\")").to<std::string>(), "ab");
  EXPECT_EQ(eval("(try (fail #t) (catch e (condition-message e)))").to<std::string>(), "not today");
}

TEST_F(Engine, RefusesBadArgumentsOfItsFunctions) {
  scm.define("host-square", [](long x) { return x * x; });
  try {
    eval("(host-square \"x\")");
    FAIL() << "a string was squared";
  } catch (scheme_error const& e) {
    EXPECT_STREQ(e.what(), "\"x\" is no integer of 64 bits");
  }
  EXPECT_THROW(eval("(host-square 1 2)"), scheme_error);
}

TEST_F(Engine, ThrowsWhatSchemeRaised) {
  try {
    eval("(vector-ref (vector 1 2) 9)");
    FAIL() << "nothing was thrown";
  } catch (scheme_error const& e) {
    EXPECT_EQ(e.told().kind, "out-of-range");
    EXPECT_EQ(e.told().irritants, "(9)");
    EXPECT_EQ(e.told().where, "eval:1:1");
    EXPECT_EQ(e.told().frames, std::vector<std::string>{"at the top level, eval:1:1"});
  }
}

TEST_F(Engine, RefusesAValueThatDoesNotFit) {
  EXPECT_THROW((void)eval("1000").to<signed char>(), weft::misuse_error);
  EXPECT_THROW((void)eval("'symbol").to<int>(), weft::misuse_error);
}

TEST_F(Engine, IsTimedOutInAnEndlessLoop) {
  auto const late = [this]() -> weft::task<bool> {
    try {
      co_await (scm.eval("(let loop () (loop))") | weft::timeout(50ms));
    } catch (weft::timeout_error const&) {
      co_return true;
    }
    co_return false;
  };
  EXPECT_TRUE(weft::sync_wait(late()));
  EXPECT_EQ(eval("1").to<int>(), 1);
}

// A thousand values in a C++ container outlive collections while a heap's worth is allocated.
TEST_F(Engine, ValuesHeldByCppSurviveCollections) {
  std::vector<value> held;
  for (int i = 0; i < 1000; ++i)
    held.push_back(eval("(list " + std::to_string(i) + " \"" + std::to_string(i) + "\")"));
  eval("(let loop ((i 0)) (when (< i 2000000) (cons i i) (loop (+ i 1)))) (gc)");
  for (int i = 0; i < 1000; ++i)
    ASSERT_EQ(held[static_cast<std::size_t>(i)].written(),
              "(" + std::to_string(i) + " \"" + std::to_string(i) + "\")");
}

// The caller goes on on its own runtime, and may destroy the engine there.
TEST(Engines, LivesInATask) {
  auto const body = []() -> weft::task<long> {
    engine scm{{.workers = 1}};
    auto const before = weft::current_runtime().workers();
    auto const v = co_await scm.eval("(+ 40 2)");
    EXPECT_EQ(weft::current_runtime().workers(), before);
    EXPECT_NE(&weft::current_runtime(), &scm.on());
    co_return v.to<long>();
  };
  weft::runtime on{{.workers = 2}};
  EXPECT_EQ(weft::sync_wait(body(), on), 42);
}

TEST(Engines, TwoHaveModulesOfTheirOwn) {
  engine one{{.workers = 1}}, other{{.workers = 1}};
  weft::sync_wait(one.eval("(define x 1)"));
  EXPECT_THROW((void)weft::sync_wait(other.eval("x")), scheme_error);
  EXPECT_EQ(weft::sync_wait(one.eval("x")).to<int>(), 1);
}

}  // namespace
