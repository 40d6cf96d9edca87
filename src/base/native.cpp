// SPDX-License-Identifier: Apache-2.0
#include <weft/base/atoms.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cxxabi.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <memory>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <system_error>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEFT_UNDER_TSAN 1
#endif
#elif defined(__SANITIZE_THREAD__)
#define WEFT_UNDER_TSAN 1
#endif

extern "C" [[gnu::visibility("hidden")]] void* __dso_handle;

namespace weft {
namespace {

long membarrier(int command) noexcept { return ::syscall(SYS_membarrier, command, 0, 0); }

bool register_membarrier() noexcept {
#if defined(WEFT_UNDER_TSAN)
  return false;  // the sanitizer does not see what the kernel orders
#else
  return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
#endif
}

// Decided before main() and before any thread of weft: a plain bool is enough.
bool const has_membarrier = register_membarrier();

long futex(void const* word, int op, std::uint32_t value, timespec const* until) noexcept {
  return ::syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, until, nullptr,
                   FUTEX_BITSET_MATCH_ANY);
}

struct thread_body {
  void (*run)(void*) noexcept;
  void* arg;
};

extern "C" void* weft_run_thread(void* p) {
  std::unique_ptr<thread_body> const own{static_cast<thread_body*>(p)};
  own->run(own->arg);
  return nullptr;
}

}  // namespace

void native::fence() noexcept {
#if defined(WEFT_UNDER_TSAN)
  // The sanitizer ignores fences but understands a read-modify-write of a shared word.
  static std::atomic<int> everybody{0};
  everybody.fetch_add(0, seq_cst);
#elif defined(__x86_64__)
  asm volatile("lock; orl $0, (%%rsp)" ::: "memory", "cc");
#else
  std::atomic_thread_fence(seq_cst);
#endif
}

void native::light() noexcept {
  if (has_membarrier) {
    asm volatile("" ::: "memory");
  } else {
    fence();
  }
}

void native::heavy() noexcept {
  if (!has_membarrier) return fence();
  if (membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0) return;
  // The light sides that count on it have already gone by without a fence.
  die("the kernel refuses membarrier(2), which it allowed when the program began",
      "put the filter of system calls in place before the program begins, or let membarrier pass",
      std::source_location::current());
}

bool native::asymmetric() noexcept { return has_membarrier; }

void native::yield() noexcept { ::sched_yield(); }

bool native::park(atomic<std::uint32_t> const& word, std::uint32_t expected,
                  time_point deadline) noexcept {
  timespec until{};
  timespec* limit = nullptr;
  if (deadline != never) {
    auto const ns = std::chrono::duration_cast<duration>(deadline.time_since_epoch()).count();
    if (ns <= 0) return false;
    until.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
    until.tv_nsec = static_cast<long>(ns % 1'000'000'000);
    limit = &until;
  }
  // FUTEX_WAIT_BITSET takes an absolute time of the monotonic clock: no drift over early returns.
  return futex(&word, FUTEX_WAIT_BITSET, expected, limit) == 0 || errno != ETIMEDOUT;
}

time_point native::coarse_now() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
  return time_point(std::chrono::seconds(t.tv_sec) + duration(t.tv_nsec));
}

std::uint32_t native::any_number() noexcept {
  thread_local constinit std::uint32_t state = 0;
  // The first number of a thread comes from the clock; then xorshift (Marsaglia 2003).
  auto x = state;
  if (x == 0) x = static_cast<std::uint32_t>(now().time_since_epoch().count()) | 1;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return state = x;
}

void native::die(std::string_view what, std::string_view cure,
                 std::source_location const& where) noexcept {
  std::fprintf(stderr, "weft: %.*s\n  at %s:%u\n  %.*s\n", static_cast<int>(what.size()),
               what.data(), where.file_name(), where.line(), static_cast<int>(cure.size()),
               cure.data());
  std::abort();
}

native::thread native::start(void (*body)(void*) noexcept, void* arg) {
  auto own = std::make_unique<thread_body>(thread_body{body, arg});
  pthread_t made{};
  if (int const e = ::pthread_create(&made, nullptr, weft_run_thread, own.get()))
    throw std::system_error(e, std::generic_category(), "no thread can be made");
  own.release();
  return static_cast<thread>(made);
}

void native::join(thread t) noexcept { ::pthread_join(static_cast<pthread_t>(t), nullptr); }

void native::let_go(thread t) noexcept { ::pthread_detach(static_cast<pthread_t>(t)); }

int native::thread_number() noexcept { return static_cast<int>(::syscall(SYS_gettid)); }

void native::name_thread(char const* text) noexcept {
  ::pthread_setname_np(::pthread_self(), text);
}

void native::at_thread_exit(void (*f)(void*), void* arg) noexcept {
  abi::__cxa_thread_atexit(f, arg, &__dso_handle);
}

void native::unpark_one(atomic<std::uint32_t> const* word) noexcept {
  futex(word, FUTEX_WAKE, 1, nullptr);
}

void native::unpark_all(atomic<std::uint32_t> const* word) noexcept {
  futex(word, FUTEX_WAKE, 0x7fffffff, nullptr);
}

}  // namespace weft
