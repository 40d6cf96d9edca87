// SPDX-License-Identifier: Apache-2.0
#undef _FORTIFY_SOURCE  // its siglongjmp knows no alternate stack that the system has disarmed
#include "mem/read_signal.hpp"

#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

// What runs in the handler calls nothing but system calls and the handler that was there before: no
// lock, no allocation, no thread-local that is made on first use.
namespace weft::inline WEFT_ON::detail {

// tidy: allow direct: the handler reads it, see restart.hpp
constinit thread_local restart_point<native>* current_read
    __attribute__((tls_model("initial-exec"))) = nullptr;

namespace {

constexpr std::size_t mask_size = 8;      // of the system's signal sets
constexpr unsigned disarms = 1u << 31;    // SS_AUTODISARM
constexpr std::uintptr_t red_zone = 128;  // the system leaves it alone below the stack pointer

constinit atoms::atomic<int> the_number{SIGURG};
constinit atoms::atomic<bool> installed{false};

// The handler before ours. Two of them: what was found by asking, and by replacing.
constinit struct sigaction found[2]{};
constinit struct sigaction const by_default{};
constinit atoms::atomic<struct sigaction const*> before{&by_default};

void set_mask(int how, sigset_t const& set, sigset_t* old = nullptr) noexcept {
  ::syscall(SYS_rt_sigprocmask, how, &set, old, mask_size);
}

long send_here(int number) noexcept {
  return ::syscall(SYS_tgkill, ::syscall(SYS_getpid), ::syscall(SYS_gettid), number);
}

[[noreturn]] void die_here(std::string_view what) noexcept {
  [[maybe_unused]] auto const written = ::write(STDERR_FILENO, what.data(), what.size());
  std::abort();
}

std::uintptr_t stack_of(ucontext_t const& c) noexcept {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(c.uc_mcontext.gregs[REG_RSP]);
#elif defined(__aarch64__)
  return c.uc_mcontext.sp;
#else
#error "weft: say here where the stack pointer of an interrupted context stands"
#endif
}

// How far below the read phase's start the stack pointer of code that interrupted it must be: the
// least that the system puts on the stack for a handler. Where it says how much it put there for
// this one, that much: for read phases that are not optimised. Capped at what every handler of the
// thread gets, for the tile registers are saved only once they are in use.
std::uintptr_t least_frame([[maybe_unused]] ucontext_t const& c) noexcept {
#if defined(__x86_64__)
  struct saved_state {  // what the system notes in the unused bytes of an fxsave area
    std::uint32_t magic, bytes;
  };
  constexpr std::uint32_t magic = 0x46505853;
  constexpr std::uintptr_t context = 440, without_tiles = 2696;
  if (c.uc_mcontext.fpregs == nullptr) return deepest_read;
  auto const* const area = reinterpret_cast<char const*>(c.uc_mcontext.fpregs);
  auto const* const note = reinterpret_cast<saved_state const*>(area + 464);
  if (note->magic != magic) return deepest_read;
  auto const state = std::min<std::uintptr_t>(note->bytes, without_tiles);
  return std::max(deepest_read, red_zone + context + state);
#else
  return deepest_read;
#endif
}

// Whether the read phase itself was interrupted, and not code that had interrupted it: R2.
bool interrupted_itself(restart_point<native> const& p, ucontext_t const& c) noexcept {
  if constexpr (saves_mask) return true;  // the sanitizer calls handlers at points of its own
  auto const sp = stack_of(c);
  return sp <= p.top && p.top - sp < least_frame(c);
}

// R3. What was interrupted goes on with the signal blocked; behind it the signal comes again.
void postpone(int number, ucontext_t& c) noexcept {
  set_mask(SIG_BLOCK, read_signal::alone());
  ::sigaddset(&c.uc_sigmask, number);
  if (send_here(number) != 0) {
    die_here(
        "weft: the signal that ends read phases cannot be sent again: the queue of pending "
        "signals is full\n  raise RLIMIT_SIGPENDING, or use SIGURG, which needs no queue\n");
  }
}

bool ignored_by_default(int number) noexcept { return number == SIGURG || number == SIGWINCH; }

// What the signal would have done without weft. One from outside may have been merged with one of
// ours while both were pending, so a handler gets each.
void pass_on(int number, siginfo_t* info, void* context) noexcept {
  auto const* const old = before.load(acquire);  // sub read_signal.before
  if ((old->sa_flags & SA_SIGINFO) == 0) {
    if (old->sa_handler == SIG_IGN) return;
    if (old->sa_handler == SIG_DFL) {
      bool const ours = info->si_code == SI_TKILL && info->si_pid == ::syscall(SYS_getpid);
      if (ours || ignored_by_default(number)) return;
      ::sigaction(number, &by_default, nullptr);
      send_here(number);
      return set_mask(SIG_UNBLOCK, read_signal::alone());
    }
  }
  auto mask = old->sa_mask;
  if ((old->sa_flags & SA_NODEFER) == 0) ::sigaddset(&mask, number);
  sigset_t here;
  set_mask(SIG_BLOCK, mask, &here);
  if ((old->sa_flags & SA_SIGINFO) != 0) {
    old->sa_sigaction(number, info, context);
  } else {
    old->sa_handler(number);
  }
  set_mask(SIG_SETMASK, here);
}

extern "C" void weft_on_read_signal(int number, siginfo_t* info, void* context) {
  int const error = errno;
  auto& c = *static_cast<ucontext_t*>(context);
  auto* p = current_read;
  if (p != nullptr && !interrupted_itself(*p, c)) {
    if (p->phase.load(relaxed) == phase_reading) postpone(number, c);  // rlx owner
    p = nullptr;
  } else {
    p = take_read<native>();
  }
  if (p != nullptr) current_read = nullptr;
  pass_on(number, info, context);
  if (p != nullptr) {
    // What the system would do on return. An alternate stack that it took away for us it would use
    // from the top once it is back, though we stand on it: nothing may come in until we have left.
    p->mask = c.uc_sigmask;
    if ((static_cast<unsigned>(c.uc_stack.ss_flags) & disarms) != 0) {
      sigset_t all;
      ::sigfillset(&all);
      set_mask(SIG_SETMASK, all);
      ::syscall(SYS_sigaltstack, &c.uc_stack, nullptr);
    }
    errno = error;
    siglongjmp(p->jump, 1);
  }
  errno = error;
}

}  // namespace

void restore_mask(restart_point<native> const& p) noexcept {
  if constexpr (!saves_mask) set_mask(SIG_SETMASK, p.mask);
}

namespace {

bool same(struct sigaction const& a, struct sigaction const& b) noexcept {
  return a.sa_flags == b.sa_flags && a.sa_handler == b.sa_handler;
}

bool install_now() noexcept {
  int const number = the_number.load(relaxed);  // rlx owner: set before
  struct sigaction ours{};
  ours.sa_sigaction = weft_on_read_signal;
  // Not SA_NODEFER, though the handler is left by a jump, which restores the mask itself: a foreign
  // handler that comes at our first instruction, again and again, and behind which our signal
  // waits, would put one frame of ours on the other until the stack is full.
  ours.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
  ::sigemptyset(&ours.sa_mask);
  if (::sigaction(number, nullptr, &found[0]) != 0) return false;
  before.store(&found[0], release);  // pub read_signal.before -> pass_on
  if (::sigaction(number, &ours, &found[1]) != 0) return false;
  if (!same(found[0], found[1])) {
    before.store(&found[1], release);  // pub read_signal.before -> pass_on
  }
  return true;
}

}  // namespace

int read_signal::number() noexcept {
  return the_number.load(relaxed);  // rlx ordered: set before threads
}

bool read_signal::take(int number) noexcept {
  if (installed.load(acquire)) return false;  // sub read_signal.installed
  the_number.store(number, relaxed);          // rlx ordered: set before threads
  return true;
}

bool read_signal::install() noexcept {
  static bool const done = [] {
    installed.store(true, release);  // pub read_signal.installed -> take
    return install_now();
  }();
  return done;
}

bool read_signal::in_place() noexcept {
  struct sigaction now{};
  return ::sigaction(number(), nullptr, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
         now.sa_sigaction == weft_on_read_signal;
}

sigset_t read_signal::alone() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, number());
  return set;
}

}  // namespace weft::inline WEFT_ON::detail
