// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace weft_test {

/// Counts those alive, so that a test sees what was not destroyed.
class witness {
 public:
  witness() noexcept { ++alive_; }
  witness(witness const&) noexcept { ++alive_; }
  witness& operator=(witness const&) noexcept { return *this; }
  ~witness() { --alive_; }
  [[nodiscard]] static int alive() noexcept { return alive_; }

 private:
  inline static std::atomic<int> alive_{0};
};

/// What happened, in order.
class diary {
 public:
  void write(std::string what) {
    std::scoped_lock hold{lock_};
    lines_.push_back(std::move(what));
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::scoped_lock hold{lock_};
    return lines_;
  }

 private:
  mutable std::mutex lock_;
  std::vector<std::string> lines_;
};

/// Writes its name when it is destroyed.
class farewell {
 public:
  farewell(diary& to, std::string name) : to_(to), name_(std::move(name)) {}
  farewell(farewell const&) = delete;
  farewell& operator=(farewell const&) = delete;
  ~farewell() { to_.write(name_); }

 private:
  diary& to_;
  std::string name_;
};

}  // namespace weft_test
