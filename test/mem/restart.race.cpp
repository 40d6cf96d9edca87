// SPDX-License-Identifier: Apache-2.0
// Threads in read phases, signalled while they do steps, while foreign handlers run on top of them,
// and while they come and go.
#include "reading.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <ctime>
#include <deque>
#include <ostream>
#include <vector>

namespace {

using namespace std::chrono_literals;
using weft::neutralization;
using weft_test::neutralizer, weft_test::reading_thread, weft_test::restart_point;
using weft_test::signalling;

TEST(restart, a_signalled_read_phase_begins_anew) {
  reading_thread reader;
  auto const seen = reader.wait_until_reading();
  auto const how = reader.neutralize();
  EXPECT_TRUE(how == signalling::sent || how == signalling::awaited);
  while (reading_thread::run_of(reader.steps()) == reading_thread::run_of(seen)) {
    std::this_thread::yield();
  }
  reader.join();
  EXPECT_EQ(reader.point.restarts.load(), 1u);
}

// What is seen of a run when confirm() has returned is the last of it.
void expect_left(reading_thread const& reader, std::uint64_t seen) {
  auto const last = reader.steps();
  if (reading_thread::run_of(last) != reading_thread::run_of(seen)) return;
  for (int i = 0; i < 200; ++i) {
    auto const now = reader.steps();
    if (reading_thread::run_of(now) != reading_thread::run_of(last)) return;
    ASSERT_EQ(now, last) << "a step after the barrier";
  }
}

TEST(restart, no_step_of_the_read_phase_comes_after_the_barrier) {
  reading_thread reader;
  unsigned sent = 0;
  auto const end = std::chrono::steady_clock::now() + 500ms;
  while (std::chrono::steady_clock::now() < end) {
    auto const seen = reader.wait_until_reading();
    auto const how = reader.neutralize();
    if (how == signalling::not_deliverable) continue;  // in the handler, which blocks it
    ASSERT_NE(how, signalling::gone);
    if (how == signalling::sent) expect_left(reader, seen);
    ++sent;
  }
  EXPECT_GT(sent, 10u);
}

TEST(restart, outside_of_a_read_phase_the_signal_does_nothing) {
  restart_point point;
  neutralizer::prepare(point);
  std::uint64_t sum = 0;
  std::atomic<bool> done{false};
  std::thread sender([&] {
    while (!done) (void)neutralizer::send(point);
  });
  for (int i = 0; i < 1'000'000; ++i) sum += static_cast<std::uint64_t>(i);
  done = true;
  sender.join();
  EXPECT_EQ(sum, 499'999'500'000u);
  EXPECT_EQ(point.restarts.load(), 0u);
}

// Each way in which a handler of somebody else may run on top of a read phase.
struct foreign {
  char const* name;
  int flags;
  bool own_stack;  // an alternate stack for handlers
  bool disarming;  // which the system takes away while a handler runs
  bool unblocks;   // the handler lets our signal in again
};

void PrintTo(foreign const& f, std::ostream* out) { *out << f.name; }

constexpr foreign ways[] = {
    {"on_the_same_stack", SA_RESTART, false, false, false},
    {"nested", SA_RESTART | SA_NODEFER, false, false, false},
    {"on_an_alternate_stack", SA_RESTART | SA_ONSTACK, true, false, false},
    {"on_the_same_stack_with_an_alternate_one", SA_RESTART, true, false, false},
    {"on_a_disarming_stack", SA_RESTART | SA_ONSTACK, true, true, false},
    {"lets_the_signal_in", SA_RESTART, false, false, true},
};

class storm : public testing::TestWithParam<foreign> {};

std::atomic<std::uint64_t> entries{0}, exits{0}, sends{0};
std::atomic<int> inside{0};
std::atomic<bool> lets_in{false};

void slow_handler(int) {
  int const error = errno;
  entries.fetch_add(1);
  inside.fetch_add(1);
  if (lets_in) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, neutralizer::signal());
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
  auto const before = sends.load();  // stays until somebody has sent, or not for long
  int const most = inside.load() > 4 ? 0 : 20;
  for (int i = 0; i < most && sends.load() == before; ++i) ::sched_yield();
  inside.fetch_sub(1);
  exits.fetch_add(1);
  errno = error;
}

// A timer that interrupts the thread that makes it: by its own time, so that it gets on however
// slow the handlers are.
class ticking {
 public:
  ticking() {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGPROF;
#if !defined(sigev_notify_thread_id)
    event._sigev_un._tid = static_cast<pid_t>(::syscall(SYS_gettid));
#else
    event.sigev_notify_thread_id = static_cast<pid_t>(::syscall(SYS_gettid));
#endif
    EXPECT_EQ(::timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_), 0);
    itimerspec const often{{0, 1'000'000}, {0, 1'000'000}};
    EXPECT_EQ(::timer_settime(timer_, 0, &often, nullptr), 0);
  }
  void stop() { ::timer_delete(timer_); }

 private:
  timer_t timer_{};
};

constexpr std::size_t stack_size = 64 * 1024;
constexpr unsigned disarms = 1u << 31;

TEST_P(storm, cuts_no_foreign_handler_short_and_misses_no_neutralization) {
  if (weft::detail::saves_mask) {
    GTEST_SKIP() << "the thread sanitizer calls handlers later, at points of its own; when one is "
                    "left by a jump it forgets the others that it has put off";
  }
  auto const way = GetParam();
  entries = exits = 0;
  lets_in = way.unblocks;
  struct sigaction ours{}, before{};
  ours.sa_handler = slow_handler;
  ours.sa_flags = way.flags;
  ASSERT_EQ(::sigaction(SIGPROF, &ours, &before), 0);

  struct of_thread {
    std::vector<char> stack;
    ticking* timer = nullptr;
    bool still_armed = true;
  };
  std::array<of_thread, 2> own;
  std::deque<reading_thread> readers;
  for (auto& mine : own) {
    readers.emplace_back(
        [&mine, way] {
          if (way.own_stack) {
            mine.stack.resize(stack_size);
            stack_t s{};
            s.ss_sp = mine.stack.data();
            s.ss_size = mine.stack.size();
            if (way.disarming) s.ss_flags = static_cast<int>(disarms);
            EXPECT_EQ(::sigaltstack(&s, nullptr), 0);
          }
          mine.timer = new ticking;
        },
        [&mine, way] {
          mine.timer->stop();
          delete mine.timer;
          if (!way.own_stack) return;
          stack_t now{};
          ::sigaltstack(nullptr, &now);
          mine.still_armed = now.ss_sp == mine.stack.data() && (now.ss_flags & SS_DISABLE) == 0;
          stack_t none{};
          none.ss_flags = SS_DISABLE;
          ::sigaltstack(&none, nullptr);
        });
  }
  unsigned effective = 0, on_top = 0, refused = 0;
  while (effective < 60 || on_top + refused < 20 || entries.load() < 40) {
    for (auto& reader : readers) {
      auto const seen = reader.wait_until_reading();
      for (int i = 0; i < 20 && inside.load() == 0; ++i) std::this_thread::yield();
      bool const busy = inside.load() != 0;
      auto const how = reader.neutralize();
      sends.fetch_add(1);
      if (how == signalling::not_deliverable) {  // a foreign handler runs with it blocked
        ++refused;
        continue;
      }
      ASSERT_NE(how, signalling::gone);
      if (how == signalling::sent) expect_left(reader, seen);
      ++effective;
      on_top += busy ? 1 : 0;
    }
  }
  for (auto& reader : readers) {
    // The last signal may still wait behind a foreign handler; then the thread ends at last.
    reader.join();
    EXPECT_GT(reader.point.restarts.load(), 0u);
  }
  for (auto const& mine : own) EXPECT_TRUE(mine.still_armed);
  EXPECT_EQ(::sigaction(SIGPROF, &before, nullptr), 0);
  EXPECT_EQ(entries.load(), exits.load()) << "a foreign handler was cut short";
}

INSTANTIATE_TEST_SUITE_P(of_timers, storm, testing::ValuesIn(ways),
                         [](auto const& of) { return of.param.name; });

// Restart points outlive their threads; numbers of threads are used again.
TEST(restart, threads_may_be_signalled_while_they_end) {
  constexpr int threads = 3000;
  std::deque<restart_point> points(8);
  std::atomic<bool> done{false};
  std::array<std::atomic<std::uint64_t>, 4> results{};
  std::thread sender([&] {
    while (!done) {
      for (auto& p : points) results[static_cast<std::size_t>(neutralizer::send(p))].fetch_add(1);
    }
  });
  std::atomic<int> sum{0};
  for (int i = 0; i < threads; i += 4) {
    std::vector<std::thread> some;
    for (int k = 0; k < 4; ++k) {
      some.emplace_back([&, k] {
        auto& p = points[static_cast<std::size_t>(k)];
        neutralizer::prepare(p);
        for (int n = 0; n < 20; ++n) {
          sum += weft::detail::restartable(p, [&p]() noexcept {
            p.phase.store(weft::detail::phase_reading, std::memory_order_relaxed);
            int const one = static_cast<int>(p.phase.load(std::memory_order_relaxed));
            p.phase.store(weft::detail::phase_idle, std::memory_order_release);
            return one != 0 ? 1 : 0;
          });
        }
      });
    }
    for (auto& t : some) t.join();
  }
  done = true;
  sender.join();
  EXPECT_EQ(sum.load(), threads * 20);
  EXPECT_GT(results[static_cast<std::size_t>(signalling::not_deliverable)].load(), 0u);
}

}  // namespace
