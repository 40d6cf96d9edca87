// SPDX-License-Identifier: Apache-2.0
#include "signals.hpp"

#include <weft/base/thread.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <pthread.h>
#include <unistd.h>

namespace weft::inline WEFT_ON::detail {
namespace {

constexpr auto patience = std::chrono::seconds(5);
// Some senders signal the process and then its group: that is one interruption, not two.
constexpr auto one_interruption = std::chrono::milliseconds(200);

[[noreturn]] void end_hard(char const* why) {
  std::fprintf(stderr, "weft: %s: the process ends now, without cleaning up\n", why);
  ::_exit(130);
}

// The next signal of the set, or -1 once `until` has passed. Stopping and continuing the process
// interrupts the call, which is neither.
int next_signal(sigset_t const& set, time_point until) noexcept {
  for (;;) {
    int s = 0;
    if (until == never) {
      s = ::sigwaitinfo(&set, nullptr);
    } else {
      auto const left = std::max(until - atoms::now(), duration::zero());
      auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
      timespec const limit{seconds.count(), static_cast<long>((left - seconds).count())};
      s = ::sigtimedwait(&set, nullptr, &limit);
    }
    if (s > 0 || errno != EINTR) return s;
  }
}

}  // namespace

signals::signals() {
  ::sigemptyset(&watched_);
  for (int s : {SIGINT, SIGTERM, SIGQUIT}) ::sigaddset(&watched_, s);
  ::pthread_sigmask(SIG_BLOCK, &watched_, &before_);
  ::signal(SIGPIPE, SIG_IGN);
}

signals::~signals() {
  if (thread_.joinable()) {
    done_.store(true, release);                              // pub signals.done -> watch
    ::pthread_kill(thread_.native_handle(), SIGQUIT);
    thread_.join();
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void signals::start(scope root, std::function<std::string()> dump) {
  thread_ = std::thread([this, root = std::move(root), dump = std::move(dump)] {
    this_thread()->set_name("weft-signals");
    watch(root, dump);
  });
}

void signals::watch(scope const& root, std::function<std::string()> const& dump) {
  time_point first = never;
  for (;;) {
    bool const ending = interrupted();
    int const s = next_signal(watched_, ending ? first + patience : never);
    if (done_.load(acquire)) return;                         // sub signals.done
    if (s == SIGQUIT) {
      std::fprintf(stderr, "%s", dump().c_str());
    } else if (s == SIGINT || s == SIGTERM) {
      if (ending && atoms::now() - first < one_interruption) continue;
      if (ending) end_hard("interrupted a second time");
      first = atoms::now();
      interrupted_.store(true, release);  // pub signals.interrupted -> interrupted
      scope(root).cancel(s == SIGINT ? "interrupted by SIGINT" : "interrupted by SIGTERM");
    } else if (ending) {
      end_hard("tasks did not end within 5 s of the interruption");
    }
  }
}

}  // namespace weft::inline WEFT_ON::detail
