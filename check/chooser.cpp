// SPDX-License-Identifier: Apache-2.0
#include "chooser.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace weft::check::detail {

std::string encode(std::vector<std::uint8_t> const& decisions) {
  std::string text;
  for (std::size_t i = 0; i < decisions.size();) {
    auto const d = decisions[i];
    std::size_t same = 1;
    while (i + same < decisions.size() && decisions[i + same] == d) ++same;
    text += static_cast<char>((d & of_value) != 0 ? 'a' + (d & 0x7f) : 'A' + d);
    if (same > 1) text += std::to_string(same);
    i += same;
  }
  return text;
}

std::vector<std::uint8_t> decode(std::string_view text) {
  std::vector<std::uint8_t> decisions;
  for (std::size_t i = 0; i < text.size();) {
    auto const c = text[i++];
    std::uint8_t d = 0;
    if (c >= 'A' && c < static_cast<char>('A' + max_threads)) {
      d = static_cast<std::uint8_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      d = static_cast<std::uint8_t>(of_value | (c - 'a'));
    } else {
      throw std::invalid_argument("not a schedule: '" + std::string(1, c) + "' at character " +
                                  std::to_string(i) + " of \"" + std::string(text) + '"');
    }
    std::size_t times = 0;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') {
      auto const digit = static_cast<std::size_t>(text[i++] - '0');
      times = std::min<std::size_t>(times * 10 + digit, 100'000);
    }
    decisions.insert(decisions.end(), times == 0 ? 1 : times, d);
  }
  return decisions;
}

chooser::chooser(options const& o)
    : options_(o),
      search_({o.search == strategy::exhaustive,
               o.preemptions ? static_cast<int>(*o.preemptions) : -1, o.late_timeouts}),
      how_(o.search),
      exhaustive_(o.search == strategy::exhaustive || o.search == strategy::brute_force),
      chance_(o.seed),
      left_(o.executions) {
  if (how_ == strategy::replay) schedule_ = decode(o.schedule);
}

void chooser::replay(std::vector<std::uint8_t> schedule) {
  how_ = strategy::replay;
  exhaustive_ = false;
  schedule_ = std::move(schedule);
}

void chooser::begin_execution() {
  decisions_.clear();
  position_ = 0;
  strayed_ = false;
  if (exhaustive_) search_.begin_execution();
  if (how_ != strategy::pct) return;
  longest_ = std::max(longest_, steps_);
  steps_ = 0;
  // Priorities above those that a change gives, in random order.
  for (unsigned i = 0; i < max_threads; ++i) priority_[i] = options_.depth + 1 + i;
  std::shuffle(priority_.begin(), priority_.end(), chance_);
  changes_.clear();
  for (unsigned i = 0; i < options_.depth; ++i) {
    changes_.push_back(static_cast<unsigned>(chance_() % longest_));
  }
}

int chooser::choose_thread(thread_set able, int last,
                           std::array<operation, max_threads> const& next) {
  if (exhaustive_) {
    auto const chosen = search_.choose_thread(able, last, next);
    if (chosen >= 0 && !std::has_single_bit(able)) {
      decisions_.push_back(static_cast<std::uint8_t>(chosen));
    }
    return chosen;
  }
  if (std::has_single_bit(able)) {
    ++steps_;
    return std::countr_zero(able);
  }
  int chosen = 0;
  if (how_ == strategy::replay) {
    chosen = has(able, static_cast<unsigned>(last)) ? last : std::countr_zero(able);
    if (position_ < schedule_.size()) {
      auto const d = schedule_[position_++];
      if (d >= max_threads || !has(able, d)) {
        strayed_ = true;
        return -1;
      }
      chosen = d;
    }
  } else {
    chosen = how_ == strategy::pct ? by_priority(able) : by_chance(able, last);
  }
  decisions_.push_back(static_cast<std::uint8_t>(chosen));
  return chosen;
}

int chooser::by_chance(thread_set able, int) {
  auto skip = chance_() % static_cast<unsigned>(std::popcount(able));
  for (;; --skip) {
    auto const first = std::countr_zero(able);
    if (skip == 0) return first;
    able = static_cast<thread_set>(able & (able - 1));
  }
}

int chooser::by_priority(thread_set able) {
  auto const best = [&] {
    unsigned b = static_cast<unsigned>(std::countr_zero(able));
    for (unsigned i = 0; i < max_threads; ++i) {
      if (has(able, i) && priority_[i] > priority_[b]) b = i;
    }
    return b;
  };
  for (unsigned i = 0; i < changes_.size(); ++i) {
    if (changes_[i] == steps_) priority_[best()] = i;
  }
  ++steps_;
  return static_cast<int>(best());
}

// A letter each, the last one for "none of these".
unsigned chooser::choose_value(unsigned count, unsigned all) {
  unsigned passed = 0;
  while (all - passed > letters) {
    auto const letter = choose_letter(std::min(count - passed, letters), letters);
    if (letter + 1 < letters) return passed + letter;
    passed += letter;
  }
  return passed + choose_letter(count - passed, all - passed);
}

unsigned chooser::choose_letter(unsigned count, unsigned all) {
  if (all < 2) return 0;
  unsigned chosen = 0;
  if (exhaustive_) {
    if (count > 1) chosen = search_.choose_value(count);
  } else if (how_ == strategy::replay) {
    if (position_ < schedule_.size()) {
      auto const d = schedule_[position_++];
      if ((d & of_value) == 0 || (d & 0x7fu) >= count) {
        strayed_ = true;
        return 0;
      }
      chosen = d & 0x7fu;
    }
  } else if (chance_() % 3 == 0) {  // mostly the newest: what hardware does
    chosen = static_cast<unsigned>(chance_() % count);
  }
  decisions_.push_back(static_cast<std::uint8_t>(of_value | chosen));
  return chosen;
}

bool chooser::next() {
  if (how_ == strategy::replay) return false;
  if (exhaustive_) return search_.next();
  return --left_ > 0;
}

}  // namespace weft::check::detail
