// SPDX-License-Identifier: Apache-2.0
// The mode of the process, its signal, and what the handler leaves to others. What is decided once
// for a process is tried in processes of its own.
#include "reading.hpp"

#include <weft/base/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <string>

namespace {

using testing::ExitedWithCode, testing::HasSubstr;
using weft::neutralization;
using weft_test::neutralizer, weft_test::reading_thread, weft_test::restart_point;
using weft_test::signalling;

// Each death test runs in a process that has decided nothing yet.
class a_process : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

  [[noreturn]] static void end(bool good) { std::_Exit(good ? 0 : 1); }
  static void ask_for(char const* mode) { ::setenv("WEFT_NEUTRALIZE", mode, 1); }
  static bool because(char const* text) {
    return neutralizer::why().find(text) != std::string::npos;
  }
};
using neutralizer_of = a_process;

TEST_F(neutralizer_of, a_process_that_asks_for_off_sends_nothing) {
  EXPECT_EXIT(
      {
        ask_for("off");
        reading_thread reader;
        reader.wait_until_reading();
        end(neutralizer::mode() == neutralization::off && because("asks for it") &&
            neutralizer::send(reader.point) == signalling::not_deliverable &&
            !neutralizer::confirm());
      },
      ExitedWithCode(0), "");
}

TEST_F(neutralizer_of, a_process_that_asks_for_acknowledgements_gets_them) {
  EXPECT_EXIT(
      {
        ask_for("acknowledged");
        reading_thread reader;
        reader.wait_until_reading();
        bool const awaited = reader.neutralize() == signalling::awaited;
        end(awaited && !neutralizer::confirm());
      },
      ExitedWithCode(0), "");
}

TEST_F(neutralizer_of, a_process_that_asks_for_nonsense_is_told) {
  EXPECT_EXIT(
      {
        ask_for("maybe");
        end(neutralizer::mode() != neutralization::off);
      },
      ExitedWithCode(0), "WEFT_NEUTRALIZE is none of ordered, acknowledged, off");
}

TEST_F(neutralizer_of, a_process_gives_its_reason) {
  EXPECT_EXIT(
      {
        ::unsetenv("WEFT_NEUTRALIZE");
        auto const ordered = neutralizer::mode() == neutralization::ordered;
        end(ordered == because("the kernel has membarrier") && !neutralizer::why().empty());
      },
      ExitedWithCode(0), "");
}

TEST(neutralizer, takes_no_signal_that_others_need) {
  for (int const number : {0, -1, SIGKILL, SIGSEGV, SIGINT, SIGCHLD, 32, SIGRTMAX + 1}) {
    try {
      neutralizer::set_signal(number);
      FAIL() << number;
    } catch (weft::misuse_error const& e) {
      EXPECT_THAT(e.what(), HasSubstr("signal " + std::to_string(number)));
      EXPECT_THAT(e.what(), HasSubstr("take SIGURG"));
    }
  }
}

TEST(neutralizer, takes_no_other_signal_once_a_thread_is_prepared) {
  restart_point point;
  neutralizer::prepare(point);
  if (neutralizer::mode() == neutralization::off) GTEST_SKIP() << neutralizer::why();
  neutralizer::set_signal(neutralizer::signal());
  try {
    neutralizer::set_signal(SIGUSR2);
    FAIL();
  } catch (weft::misuse_error const& e) {
    EXPECT_THAT(e.what(), HasSubstr("too late"));
  }
  EXPECT_EQ(neutralizer::signal(), SIGURG);
}

TEST_F(neutralizer_of, another_signal_works_as_well) {
  for (int const number : {SIGUSR1, SIGRTMIN + 3}) {
    EXPECT_EXIT(
        {
          neutralizer::set_signal(number);
          reading_thread reader;
          auto const seen = reader.wait_until_reading();
          bool ok = reader.neutralize() != signalling::not_deliverable;
          while (reader.run_of(reader.steps()) == reader.run_of(seen)) std::this_thread::yield();
          reader.join();
          // One of ours that comes late ends nobody, though the default is to end the process.
          ok = ok && ::syscall(SYS_tgkill, ::getpid(), ::syscall(SYS_gettid), number) == 0;
          end(ok);
        },
        ExitedWithCode(0), "");
  }
}

TEST_F(neutralizer_of, a_foreign_signal_does_what_it_did_before) {
  EXPECT_EXIT(
      {
        neutralizer::set_signal(SIGUSR1);
        restart_point point;
        neutralizer::prepare(point);
        ::kill(::getpid(), SIGUSR1);
        end(false);
      },
      testing::KilledBySignal(SIGUSR1), "");
}

std::atomic<int> last_value{0}, in_mask{0}, calls{0};
void with_value(int, siginfo_t* info, void* context) {
  last_value = info->si_value.sival_int;
  sigset_t now;
  pthread_sigmask(SIG_BLOCK, nullptr, &now);
  in_mask = sigismember(&now, SIGUSR2) + 2 * sigismember(&now, SIGURG);
  calls += context != nullptr ? 1 : 0;
}
void plain_call(int number) { last_value = number; }

TEST_F(neutralizer_of, a_foreign_signal_goes_to_the_handler_that_was_there) {
  EXPECT_EXIT(
      {
        struct sigaction old{};
        old.sa_sigaction = with_value;
        old.sa_flags = SA_SIGINFO;
        sigaddset(&old.sa_mask, SIGUSR2);
        ::sigaction(SIGURG, &old, nullptr);
        restart_point point;
        neutralizer::prepare(point);
        sigval value{};
        value.sival_int = 42;
        ::sigqueue(::getpid(), SIGURG, value);
        sigset_t after;
        pthread_sigmask(SIG_BLOCK, nullptr, &after);
        end(last_value == 42 && in_mask == 3 && calls == 1 && !sigismember(&after, SIGUSR2) &&
            !sigismember(&after, SIGURG));
      },
      ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        ::signal(SIGURG, plain_call);
        restart_point point;
        neutralizer::prepare(point);
        ::raise(SIGURG);
        end(last_value == SIGURG);
      },
      ExitedWithCode(0), "");
  EXPECT_EXIT(
      {
        ::signal(SIGURG, SIG_IGN);
        restart_point point;
        neutralizer::prepare(point);
        ::raise(SIGURG);
        end(true);
      },
      ExitedWithCode(0), "");
}

// One from outside and one of ours may become one while they are pending: the old handler is called
// for both, and the read phase is left all the same.
TEST_F(neutralizer_of, the_old_handler_is_called_in_a_read_phase_too) {
  EXPECT_EXIT(
      {
        ::signal(SIGURG, plain_call);
        reading_thread reader;
        auto const seen = reader.wait_until_reading();
        bool const ok = reader.neutralize() != signalling::not_deliverable;
        while (reader.run_of(reader.steps()) == reader.run_of(seen)) std::this_thread::yield();
        reader.join();
        end(ok && last_value == SIGURG);
      },
      ExitedWithCode(0), "");
}

TEST_F(neutralizer_of, a_read_phase_in_another_one_is_refused) {
  auto const nest = [] {
    restart_point outer;
    restart_point inner;
    neutralizer::prepare(outer);
    weft::detail::restartable(outer, [&inner]() noexcept {
      return weft::detail::restartable(inner, []() noexcept { return 0; });
    });
  };
  EXPECT_DEATH(nest(), "a read phase in a read phase of another domain");
}

TEST_F(neutralizer_of, a_replaced_handler_stops_the_sending) {
  EXPECT_EXIT(
      {
        reading_thread reader;
        reader.wait_until_reading();
        ::signal(SIGURG, plain_call);
        end(neutralizer::send(reader.point) == signalling::not_deliverable &&
            !neutralizer::confirm() && because("another handler"));
      },
      ExitedWithCode(0), "");
}

TEST(neutralizer, does_not_pass_a_thread_that_blocks_the_signal) {
  if (neutralizer::mode() != neutralization::ordered) GTEST_SKIP() << neutralizer::why();
  restart_point point;
  std::atomic<int> stage{0};
  std::thread blocking([&] {
    neutralizer::prepare(point);
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    stage = 1;
    while (stage == 1) std::this_thread::yield();
    pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
    stage = 3;
    while (stage == 3) std::this_thread::yield();
  });
  while (stage != 1) std::this_thread::yield();
  EXPECT_EQ(neutralizer::send(point), signalling::not_deliverable);
  stage = 2;
  while (stage != 3) std::this_thread::yield();
  EXPECT_EQ(neutralizer::send(point), signalling::sent);
  stage = 4;
  blocking.join();
  // The number stays taken until the system has seen the thread off.
  while (neutralizer::send(point) != signalling::gone) std::this_thread::yield();
}

TEST(neutralizer, sends_nothing_to_a_thread_of_the_parent) {
  restart_point point;
  neutralizer::prepare(point);
  EXPECT_TRUE(neutralizer::prepared(point));
  auto const child = ::fork();
  if (child == 0) {
    bool const before =
        !neutralizer::prepared(point) && neutralizer::send(point) == signalling::not_deliverable;
    neutralizer::prepare(point);
    std::_Exit(before && neutralizer::prepared(point) ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

// A late signal interrupts no system call for good.
TEST(neutralizer, leaves_a_read_of_the_system_alone) {
  restart_point point;
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  std::atomic<bool> ready{false};
  long got = 0;
  std::thread waiting([&] {
    neutralizer::prepare(point);
    ready = true;
    char c = 0;
    got = ::read(pipe[0], &c, 1);
  });
  while (!ready) std::this_thread::yield();
  for (int i = 0; i < 200; ++i) (void)neutralizer::send(point);
  EXPECT_EQ(::write(pipe[1], "x", 1), 1);
  waiting.join();
  EXPECT_EQ(got, 1);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

// The kernel refuses membarrier from before the program's start.
void refuse_membarrier() {
  sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_membarrier, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog const program{4, rules};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) {
    std::_Exit(77);
  }
}

TEST(neutralizer, waits_for_acknowledgements_where_membarrier_is_refused) {
  auto const child = ::fork();
  if (child == 0) {
    refuse_membarrier();
    ::setenv("WEFT_TEST_REFUSED", "1", 1);
    ::unsetenv("WEFT_NEUTRALIZE");
    ::execl("/proc/self/exe", "unit_mem", "--gtest_filter=neutralizer_refused.*", nullptr);
    std::_Exit(78);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 77) GTEST_SKIP() << "no seccomp here";
  EXPECT_EQ(status, 0);
}

TEST(neutralizer, a_membarrier_that_is_refused_later_ends_the_program) {
  if (!weft::native::asymmetric()) GTEST_SKIP() << "refused from the start";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        refuse_membarrier();
        weft::native::heavy();
      },
      "the kernel refuses membarrier.*put the filter of system calls in place before");
}

TEST(neutralizer_refused, is_acknowledged) {
  if (std::getenv("WEFT_TEST_REFUSED") == nullptr) GTEST_SKIP() << "run by the test above";
  EXPECT_EQ(neutralizer::mode(), neutralization::acknowledged);
  if (!weft::detail::saves_mask) {
    EXPECT_THAT(neutralizer::why(), HasSubstr("refuses membarrier"));
  }
  reading_thread reader;
  reader.wait_until_reading();
  EXPECT_EQ(reader.neutralize(), signalling::awaited);
  EXPECT_GT(reader.point.restarts.load(), 0u);
}

}  // namespace
