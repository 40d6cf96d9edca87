// SPDX-License-Identifier: Apache-2.0
#pragma once

// Getting a thread out of a read phase by a signal (Brown, "Reclaiming memory for lock-free data
// structures", PODC 2015; Singh, Brown & Mashtizadeh, "NBR", PPoPP 2021), made sound.
//
// A read phase is code that may be left at any instruction and begun anew: it writes nothing that
// others see, calls nothing that locks, allocates or throws, owns nothing, makes no system call.
// A reclaimer sends a signal to a thread that stays in one; the handler goes back to its start.
//
// R1  The handler decides by the state of the thread it runs in: it leaves the read phase only if
//     the thread's current restart point says `reading`, and only the owner and this handler write
//     that word. So a late, doubled or foreign signal, or one that reached the wrong thread for a
//     number was used again, restarts a read phase at most, which is harmless.
// R2  The handler runs on top of other code: of the read phase itself, or of a foreign handler that
//     interrupted it, or of this handler. The stack pointer it interrupted tells which. While the
//     read phase runs it is in (top - deepest_read, top]. A handler above the read phase starts
//     below its own signal frame, which takes more than deepest_read; on an alternate stack it is
//     outside as well. test/mem/read_phase.py measures the depth of read phases in the binaries.
// R3  If it interrupted other code, it blocks its signal in that code's mask, sends it again and
//     returns. Nothing foreign is cut short. The system keeps the signal pending until the last of
//     these handlers returns to the read phase with the read phase's own mask, in which the signal
//     is not blocked, and delivers it before the next instruction there.
// R4  Ordered: send() returned `sent`, and then confirm() true. The signal was pending in the
//     target before the barrier's interrupt, and not blocked (R5). A running thread passes through
//     the kernel in the barrier and cannot return to the read phase past the signal; one that does
//     not run meets the signal when it next runs; one in a foreign handler meets it by R3. So no
//     instruction of the read phase in which the reclaimer saw it comes after confirm(); or the
//     thread had left that read phase by itself, and the barrier made visible what it stored.
//     The return of the sending call alone proves nothing: the target may go on for microseconds.
// R5  The mask was looked at after a first barrier that followed the epoch's change, so either the
//     thread is still in the read phase that was seen, which makes no system call and leaves the
//     mask as it is, or its next entry announces the new epoch and the reclaimer's change of the
//     announcement fails.
// R6  Every reclaimer sends its own signal before its own barrier. That another one noted a signal
//     does not say that it was sent.
// R7  Acknowledged: the reclaimer waits until it sees the phase or the announcement changed, by an
//     acquiring load. Where the order of R4 cannot be had, nothing else is sound.
// R8  After fork() the child has one thread, with a number of its own: a restart point prepared in
//     the parent is not deliverable there until its thread has prepared it again.
// Tests: restart.*, restart_model.*, restart_race.*, neutralizer.*, mem.read_phase

#include <weft/base/atoms.hpp>

#include <csetjmp>
#include <csignal>
#include <cstdint>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

namespace weft {

/// How a reclaimer gets a thread out of a read phase in which it is stuck.
enum class neutralization : std::uint8_t {
  off,           // not at all: limbo grows while a thread is stuck
  acknowledged,  // a signal; the reclaimer goes on when the thread has run its handler
  ordered,       // a signal and a barrier; the reclaimer goes on at once
};

}  // namespace weft

namespace weft::inline WEFT_ON::detail {

/// What the owner of a slot is doing. Plain pins are counted above the two lowest bits.
enum phase : std::uint32_t { phase_idle = 0, phase_reading = 1, phase_writing = 2, phase_pin = 4 };

#if defined(__SANITIZE_THREAD__)
inline constexpr bool saves_mask = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool saves_mask = true;  // it runs handlers with all signals blocked
#else
inline constexpr bool saves_mask = false;
#endif
#else
inline constexpr bool saves_mask = false;
#endif

/// What the signal handler must know of one slot: what its owner does, and where to go back to.
///
/// threads   `phase` is written by its owner and by the handler in the owner's thread; `restarts`
///           by the owner; anybody reads them
/// lifetime  of its slot: it may be signalled at when its thread has ended
template <class Atoms = native>
struct restart_point {
  typename Atoms::template atomic<std::uint32_t> phase{phase_idle};
  typename Atoms::template atomic<std::uint32_t> restarts{0};
  /// Who owns it: the system's number of the thread, and above it the process'.
  typename Atoms::template atomic<std::uint64_t> owner{0};
  std::uintptr_t top = 0;  // the stack pointer of restartable()
  sigset_t mask{};         // the thread's, to be restored when the handler has been left
  sigjmp_buf jump;
};

/// The restart point of the read phase that the calling thread runs, or null.
///
/// For the handler: constant initialisation and no lazy allocation, so that it may be read there.
// tidy: allow direct: atoms::thread_slot may allocate at first use in a shared library
extern constinit thread_local restart_point<native>* current_read
    __attribute__((tls_model("initial-exec")));

template <class Atoms>
struct current_read_of {
  using point = restart_point<Atoms>*;
  static point get() noexcept { return slot::get(); }
  static void set(point p) noexcept { slot::set(p); }

 private:
  struct tag;
  using slot = typename Atoms::template thread_slot<point, tag>;
};
template <>
struct current_read_of<native> {
  static restart_point<native>* get() noexcept { return current_read; }
  static void set(restart_point<native>* p) noexcept {
    asm volatile("" ::: "memory");  // tidy: allow direct: the handler sees both sides in order
    current_read = p;
    asm volatile("" ::: "memory");  // tidy: allow direct: the handler sees both sides in order
  }
};

/// The most stack that a read phase takes below restartable(): less than what the system puts on
/// the stack for any handler, which holds the processor's state.
#if defined(__aarch64__)
inline constexpr std::uintptr_t deepest_read = 4096;  // of at least 4.5 KiB
#else
inline constexpr std::uintptr_t deepest_read = 1024;  // of at least 1088: 128 + 440 + 512 + 8
#endif

inline std::uintptr_t stack_pointer() noexcept {
  std::uintptr_t sp = 0;
#if defined(__x86_64__)
  asm volatile("mov %%rsp, %0" : "=r"(sp));  // tidy: allow direct: no builtin gives it
#elif defined(__aarch64__)
  asm volatile("mov %0, sp" : "=r"(sp));  // tidy: allow direct: no builtin gives it
#endif
  return sp;
}

/// Gives the calling thread the mask that it had when the handler left its read phase.
void restore_mask(restart_point<native> const& p) noexcept;

template <class Atoms>
[[noreturn, gnu::noinline, gnu::cold]] void refuse_nested_read() noexcept {
  Atoms::die("a read phase in a read phase of another domain",
             "end the outer one first: it could not be begun anew any more",
             std::source_location::current());
}

/// Runs body(), and again from its start each time the thread is signalled in it while the phase
/// says `reading`; returns what the last run returned.
///
/// body() sets the phase to `reading` itself, once it is ready to be left at any instruction, and
/// to `idle` or `writing` at its end. The handler has set it to `idle` when body() begins anew.
///
/// threads   the owner of `p`; not while another restart point is current
/// cost      2 to 5 ns: saving the registers, and two stores
template <class Atoms, class Body>
[[gnu::noinline]] auto restartable(restart_point<Atoms>& p, Body const& body) noexcept
    -> std::invoke_result_t<Body const&> {
  using result = std::invoke_result_t<Body const&>;
  static_assert(std::is_nothrow_invocable_v<Body const&>);
  static_assert(std::is_trivially_copyable_v<result> && std::is_trivially_destructible_v<result>);
  static_assert(std::is_trivially_destructible_v<Body>);
  if (current_read_of<Atoms>::get() != nullptr) [[unlikely]] {
    refuse_nested_read<Atoms>();
  }
  p.top = stack_pointer();
  if (sigsetjmp(p.jump, saves_mask) != 0) {
    if constexpr (std::is_same_v<Atoms, native>) restore_mask(p);
    auto const n = p.restarts.load(relaxed);  // rlx owner
    p.restarts.store(n + 1, relaxed);         // rlx owner
  }
  current_read_of<Atoms>::set(&p);
  result const r = body();
  current_read_of<Atoms>::set(nullptr);
  return r;
}

/// The restart point that the handler leaves for, or null: its phase says idle from then on.
///
/// threads   in the handler, on the thread that was signalled
template <class Atoms>
restart_point<Atoms>* take_read() noexcept {
  auto* const p = current_read_of<Atoms>::get();
  if (p == nullptr || p->phase.load(relaxed) != phase_reading) return nullptr;  // rlx owner
  p->phase.store(phase_idle, release);  // pub domain.section -> advance
  return p;
}

/// What has become of a signal to a thread that reads.
enum class signalling : std::uint8_t {
  sent,     // with confirm(): the read phase in which it was seen has been left
  awaited,  // sent, but only the change of phase or announcement shows that it has been left
  gone,     // there is no such thread: nobody reads
  not_deliverable,  // not sent: blocked there, the handler replaced, a parent's thread, or off
};

/// Sends the signal by which a thread is got out of a read phase.
template <class Atoms>
struct neutralizer;

/// On real threads: one handler and one mode for the process, decided when they are first needed.
///
/// threads   any, all members but prepare(): that is the owner's
template <>
struct neutralizer<native> {
  /// How this process does it. WEFT_NEUTRALIZE=ordered|acknowledged|off in the environment goes
  /// before what the system allows; what is not sound here is lowered, and why() says so.
  [[nodiscard]] static neutralization mode() noexcept;

  /// Why that mode: a sentence for people.
  [[nodiscard]] static std::string why();

  /// The number of the signal; SIGURG unless set.
  [[nodiscard]] static int signal() noexcept;

  /// Takes another signal: SIGURG, SIGUSR1, SIGUSR2, SIGIO, SIGWINCH, or a real-time one.
  ///
  /// throws    weft::misuse_error if the number is none of these, or once a thread was prepared
  static void set_signal(int number);

  /// Makes `p` the calling thread's: installs the handler if it is the first of the process, notes
  /// the thread's number, unblocks the signal.
  ///
  /// cost      some system calls; at attach, and in a fork's child
  static void prepare(restart_point<native>& p) noexcept;

  /// True if `p` was prepared in this process and not in its parent.
  [[nodiscard]] static bool prepared(restart_point<native> const& p) noexcept;

  /// Signals the owner of `p`, another thread. The caller has seen the phase `reading` after a
  /// barrier that followed the epoch's change.
  ///
  /// cost      some system calls, microseconds
  [[nodiscard]] static signalling send(restart_point<native> const& p) noexcept;

  /// The barrier behind any number of `sent` signals. False: treat them as `awaited`.
  ///
  /// cost      one membarrier
  [[nodiscard]] static bool confirm() noexcept;
};

/// In the checker: the handler runs before one of the target's next steps, and before the next one
/// if a heavy barrier came after the sending.
template <class Atoms>
struct neutralizer {
  using point = restart_point<Atoms>;

  [[nodiscard]] static neutralization mode() noexcept { return neutralization::ordered; }
  static void prepare(point& p) noexcept {
    p.owner.store(static_cast<std::uint64_t>(Atoms::thread_number()),
                  relaxed);  // rlx ordered: word
  }
  [[nodiscard]] static bool prepared(point const&) noexcept { return true; }
  [[nodiscard]] static signalling send(point const& p) noexcept {
    auto const to = static_cast<int>(p.owner.load(relaxed));  // rlx ordered: by the announcement
    Atoms::interrupt(
        to,
        [](void*) {
          if (auto* const r = take_read<Atoms>()) Atoms::leave_interrupt(r->jump);
        },
        nullptr);
    return signalling::sent;
  }
  [[nodiscard]] static bool confirm() noexcept {
    Atoms::settle();
    return true;
  }
};

}  // namespace weft::inline WEFT_ON::detail
