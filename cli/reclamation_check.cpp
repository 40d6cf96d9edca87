// SPDX-License-Identifier: Apache-2.0
#include "doctor.hpp"

#include <fmt/format.h>
#include <atomic>
#include <cstring>
#include <thread>
#include <weft/mem/restart.hpp>

namespace weft::cli {
namespace {

using neutralizer = detail::neutralizer<native>;
using detail::signalling;

/// A thread that stays in a read phase until it has been got out of it once.
class stuck_reader {
 public:
  stuck_reader() {
    while (point_.phase.load() != detail::phase_reading) std::this_thread::yield();
  }
  stuck_reader(stuck_reader const&) = delete;
  stuck_reader& operator=(stuck_reader const&) = delete;
  ~stuck_reader() {
    done_ = true;
    thread_.join();
  }

  /// Signals it once, and says for how long that took; zero if it stayed.
  duration get_out() {
    auto const begin = clock::now();
    auto const how = neutralizer::send(point_);
    if (how == signalling::sent && neutralizer::confirm()) return clock::now() - begin;
    while (clock::now() - begin < std::chrono::seconds(5)) {
      if (point_.restarts.load() != 0) return clock::now() - begin;
      std::this_thread::yield();
    }
    return {};
  }

 private:
  void stay() {
    neutralizer::prepare(point_);
    detail::restartable(point_, [this]() noexcept {
      point_.phase.store(detail::phase_reading, relaxed);
      while (!done_.load(relaxed)) native::pause();
      point_.phase.store(detail::phase_idle, release);
      return 0;
    });
  }

  detail::restart_point<native> point_;
  std::atomic<bool> done_{false};
  std::thread thread_{[this] { stay(); }};
};

char const* name_of(neutralization how) noexcept {
  switch (how) {
    case neutralization::off:
      return "off";
    case neutralization::acknowledged:
      return "acknowledged";
    case neutralization::ordered:
      break;
  }
  return "ordered";
}

finding look_at_neutralization() {
  auto const how = neutralizer::mode();
  char const* const signal = ::sigabbrev_np(neutralizer::signal());
  auto text = fmt::format("{}: {}", name_of(how), neutralizer::why());
  if (how == neutralization::off) {
    return {health::note, "neutralization", text,
            "a thread that is stuck in a read phase holds up the freeing of memory"};
  }
  stuck_reader reader;
  auto const took = reader.get_out();
  if (took == duration{}) {
    return {health::broken, "neutralization", text + "\na stuck reader was not got out within 5 s",
            "set WEFT_NEUTRALIZE=off, and say what this machine is"};
  }
  text += fmt::format(
      "\na stuck reader was got out by {} in {:.0f} us",
      signal ? fmt::format("SIG{}", signal) : fmt::format("signal {}", neutralizer::signal()),
      std::chrono::duration<double, std::micro>(took).count());
  if (how == neutralization::ordered) return {health::good, "neutralization", text, ""};
  return {health::note, "neutralization", text,
          "a stuck reader that gets no processor holds up the freeing of memory"};
}

}  // namespace

chapter examine_reclamation() { return {"reclamation", {look_at_neutralization()}}; }

}  // namespace weft::cli
