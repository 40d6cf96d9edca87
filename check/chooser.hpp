// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "search.hpp"

#include <weft/check/explore.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace weft::check::detail {

/// A schedule as text: capital letters are threads, small ones the choice of a value, a number
/// repeats the letter before it.
[[nodiscard]] std::string encode(std::vector<std::uint8_t> const& decisions);
/// Throws std::invalid_argument with the offending character.
[[nodiscard]] std::vector<std::uint8_t> decode(std::string_view text);

inline constexpr std::uint8_t of_value = 0x80;  // a decision about a value, not a thread
inline constexpr unsigned letters = 26;

/// Who decides what comes next: the search, chance, or a schedule of before.
class chooser {
 public:
  explicit chooser(options const& o);

  void begin_execution();
  /// -1: this execution need not go on; see cause().
  [[nodiscard]] int choose_thread(thread_set able, int last,
                                  std::array<operation, max_threads> const& next);
  [[nodiscard]] unsigned choose_value(unsigned count) { return choose_value(count, count); }
  /// Chooses a number below `count`; of the `all` there are the others need not be tried.
  [[nodiscard]] unsigned choose_value(unsigned count, unsigned all);
  /// Goes on to the next execution; false if there is none.
  [[nodiscard]] bool next();

  [[nodiscard]] bool exhaustive() const noexcept { return exhaustive_; }
  [[nodiscard]] search& reduction() noexcept { return search_; }
  /// The decisions of this execution.
  [[nodiscard]] std::vector<std::uint8_t> const& decisions() const noexcept { return decisions_; }
  /// True if the schedule, or the way the search has gone before, does not fit the scenario.
  [[nodiscard]] bool strayed() const noexcept { return strayed_ || search_.strayed(); }
  /// True if the execution took every decision of the schedule that it replays.
  [[nodiscard]] bool used_up() const noexcept { return position_ >= schedule_.size(); }
  /// From now on `schedule` decides.
  void replay(std::vector<std::uint8_t> schedule);

 private:
  [[nodiscard]] unsigned choose_letter(unsigned count, unsigned all);
  [[nodiscard]] int by_chance(thread_set able, int last);
  [[nodiscard]] int by_priority(thread_set able);

  options const& options_;
  search search_;
  strategy how_;
  bool exhaustive_;
  bool strayed_ = false;
  std::vector<std::uint8_t> decisions_, schedule_;
  std::size_t position_ = 0;
  std::mt19937_64 chance_;
  std::uint64_t left_;
  // pct
  std::array<unsigned, max_threads> priority_{};
  std::vector<unsigned> changes_;
  unsigned steps_ = 0, longest_ = 20;
};

}  // namespace weft::check::detail
