// SPDX-License-Identifier: Apache-2.0
#include <weft/base/error.hpp>
#include <weft/mem/restart.hpp>

#include "mem/read_signal.hpp"
#include "mem/thread_status.hpp"
#include "probe/standard_error.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace weft::inline WEFT_ON::detail {
namespace {

struct decision {
  neutralization mode;
  char const* because;
};

// Valgrind answers this sequence of instructions, which do nothing on a processor.
bool under_valgrind() noexcept {
  std::array<std::uint64_t, 6> const request{0x1001};
  std::uint64_t answer = 0;
#if defined(__x86_64__)
  // tidy: allow direct: the request is a sequence of instructions
  asm volatile(
      "rolq $3, %%rdi; rolq $13, %%rdi; rolq $61, %%rdi; rolq $51, %%rdi; xchgq %%rbx, %%rbx"
      : "=d"(answer)
      : "a"(request.data()), "0"(answer)
      : "cc", "memory");
#elif defined(__aarch64__)
  // tidy: allow direct: the request is a sequence of instructions
  asm volatile(
      "mov x3, %1; mov x4, %2; ror x12, x12, #3; ror x12, x12, #13; ror x12, x12, #51; "
      "ror x12, x12, #61; orr x10, x10, x10; mov %0, x3"
      : "=r"(answer)
      : "r"(answer), "r"(request.data())
      : "cc", "memory", "x3", "x4");
#endif
  return answer != 0;
}

// An emulator answers for the first of these names and forgets the second.
bool under_emulator() noexcept {
  char one[256], other[256];
  auto const a = ::readlink("/proc/self/exe", one, sizeof one);
  auto const b = ::readlink("/proc/thread-self/exe", other, sizeof other);
  if (a < 0 || b < 0) return false;
  return a != b || std::memcmp(one, other, static_cast<std::size_t>(a)) != 0;
}

bool under_gvisor() noexcept {
  utsname system{};
  if (::uname(&system) != 0) return false;
  return std::strstr(system.release, "gvisor") != nullptr ||
         std::strcmp(system.version, "#1 SMP Sun Jan 10 15:06:54 PST 2016") == 0;
}

// Why a signal and a barrier are not enough here; null if they are.
char const* why_not_ordered() noexcept {
  if (saves_mask) return "the thread sanitizer does not see what the kernel orders";
  if (under_valgrind()) return "valgrind delivers signals when it likes";
  if (under_emulator()) return "the program runs in an emulator, which delivers signals itself";
  if (under_gvisor()) return "gVisor makes no promise of how signals and membarrier are ordered";
  if (!native::asymmetric()) {
    return "the kernel refuses membarrier (a seccomp policy, or Linux before 4.14)";
  }
  auto const me = status_of(native::thread_number(), read_signal::number());
  if (!me.known) return "/proc/self/task cannot be read, so nobody knows who blocks the signal";
  if (me.traced) return "a debugger traces the process and may hold signals back";
  return nullptr;
}

decision decide() noexcept {
  using enum neutralization;
  char const* const asked = std::getenv("WEFT_NEUTRALIZE");
  bool const any = asked != nullptr && *asked != '\0';
  if (any && std::strcmp(asked, "off") == 0) return {off, "WEFT_NEUTRALIZE=off asks for it"};
  bool const wants_ordered = any && std::strcmp(asked, "ordered") == 0;
  bool const wants_acknowledged = any && std::strcmp(asked, "acknowledged") == 0;
  if (any && !wants_ordered && !wants_acknowledged) {
    write_standard_error(
        "weft: WEFT_NEUTRALIZE is none of ordered, acknowledged, off; it is ignored\n");
  }
  if (!read_signal::install()) return {off, "the system refuses a handler for the signal"};
  if (wants_acknowledged) return {acknowledged, "WEFT_NEUTRALIZE=acknowledged asks for it"};
  if (auto const* const reason = why_not_ordered()) return {acknowledged, reason};
  if (wants_ordered) return {ordered, "WEFT_NEUTRALIZE=ordered asks for it, and it is sound here"};
  return {ordered, "the kernel has membarrier and shows who blocks the signal"};
}

decision const& decided() noexcept {
  static decision const once = decide();
  return once;
}

constexpr std::uint64_t owner_word(long process, long thread) noexcept {
  return static_cast<std::uint64_t>(process) << 32 | static_cast<std::uint32_t>(thread);
}

}  // namespace

neutralization neutralizer<native>::mode() noexcept { return decided().mode; }

std::string neutralizer<native>::why() {
  auto text = std::string(decided().because);
  if (mode() != neutralization::off && !read_signal::in_place()) {
    text += "; but another handler of the signal was installed since, so none is sent";
  }
  return text;
}

int neutralizer<native>::signal() noexcept { return read_signal::number(); }

void neutralizer<native>::set_signal(int number) {
  bool const plain = number == SIGURG || number == SIGUSR1 || number == SIGUSR2 ||
                     number == SIGIO || number == SIGWINCH;
  bool const real_time = number >= SIGRTMIN && number <= SIGRTMAX;
  if (!plain && !real_time) {
    throw misuse_error("signal " + std::to_string(number) +
                       " cannot end read phases: the system, the C library or weft needs it, or "
                       "there is none of that number; take SIGURG, SIGUSR1, SIGUSR2, SIGIO, "
                       "SIGWINCH or one from SIGRTMIN to SIGRTMAX");
  }
  if (number != read_signal::number() && !read_signal::take(number)) {
    throw misuse_error("the signal that ends read phases is set too late: the handler of signal " +
                       std::to_string(read_signal::number()) +
                       " is installed; set it at the beginning of main, before any domain is used");
  }
}

void neutralizer<native>::prepare(restart_point<native>& p) noexcept {
  p.owner.store(owner_word(::syscall(SYS_getpid), native::thread_number()),
                relaxed);  // rlx ordered: by the announcement
  if (mode() == neutralization::off) return;
  auto const set = read_signal::alone();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool neutralizer<native>::prepared(restart_point<native> const& p) noexcept {
  auto const owner = p.owner.load(relaxed);  // rlx ordered: by the announcement
  return owner >> 32 == static_cast<std::uint64_t>(::syscall(SYS_getpid));
}

signalling neutralizer<native>::send(restart_point<native> const& p) noexcept {
  auto const owner = p.owner.load(relaxed);  // rlx ordered: by the announcement
  auto const process = ::syscall(SYS_getpid);
  auto const thread = static_cast<int>(owner & 0xffffffff);
  auto const how = mode();
  if (how == neutralization::off || owner >> 32 != static_cast<std::uint64_t>(process) ||
      !read_signal::in_place()) {
    return signalling::not_deliverable;
  }
  int const error = errno;
  bool ordered = how == neutralization::ordered;
  if (ordered) {
    auto const target = status_of(thread, read_signal::number());
    if (target.known && target.blocked) return signalling::not_deliverable;
    ordered = target.known && !target.traced;
  }
  auto result = ordered ? signalling::sent : signalling::awaited;
  if (::syscall(SYS_tgkill, process, thread, read_signal::number()) != 0) {
    result = errno == ESRCH ? signalling::gone : signalling::not_deliverable;
  }
  errno = error;
  return result;
}

bool neutralizer<native>::confirm() noexcept {
  if (mode() != neutralization::ordered) return false;
  int const error = errno;
  bool const done = ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
  errno = error;
  return done && read_signal::in_place();
}

}  // namespace weft::inline WEFT_ON::detail
