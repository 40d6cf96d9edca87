// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

namespace weft::check {

/// What a check of a history may say.
enum class answer : std::uint8_t {
  yes,
  no,
  undecided,  // it gave up: the test must be designed otherwise
};

/// The outcome of a check of a history, in a word and in a text for people.
///
///     auto j = check::linearizable(h);
///     EXPECT_TRUE(j) << j.text();
///
/// True only for answer::yes: a check that gave up is a test that fails.
///
/// threads   as a string
class [[nodiscard]] judgement {
 public:
  judgement(answer a, std::string text, std::uint64_t steps = 0)
      : text_(std::move(text)), steps_(steps), answer_(a) {}

  [[nodiscard]] explicit operator bool() const noexcept { return answer_ == answer::yes; }
  [[nodiscard]] answer said() const noexcept { return answer_; }

  /// Why, with the calls it depends on drawn as a timeline; of a `yes` one line.
  [[nodiscard]] std::string const& text() const noexcept { return text_; }

  /// How many calls were placed, wrongly placed ones included; 0 from a monitor.
  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }

  friend std::ostream& operator<<(std::ostream& out, judgement const& j) { return out << j.text(); }

 private:
  std::string text_;
  std::uint64_t steps_;
  answer answer_;
};

}  // namespace weft::check
