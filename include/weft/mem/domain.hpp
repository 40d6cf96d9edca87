// SPDX-License-Identifier: Apache-2.0
#pragma once

// Epoch-based reclamation: Fraser, "Practical lock-freedom" (2004), with bags stamped when they are
// sealed and announcements that stay (Brown, "Reclaiming memory for lock-free data structures",
// PODC 2015), and a barrier in every thread (Dice, Herlihy, Kogan, ISMM 2016) where those need one.
//
// A section X stores its phase, passes light(), and loads the epoch a. If a is not what the thread
// announced last, X stores it in its slot's word and passes a fence. At its end X stores phase
// idle; the word stays, so most sections pass no fence. R_X is the fence behind the store of the
// word that X relies on: its own, or an earlier section's.
//
// A thread T unlinks, passes a fence F_T when it seals the bag, and stamps the bag with the epoch s
// that it sees then. A bag is freed when the epoch is at least s+2.
//
// An advancer A loads the epoch g, passes a fence F_A, and looks at every word. One that is neither
// g nor idle lags. If some lag, A passes heavy(), a fence H in every thread, and looks at each
// laggard's phase: if that is idle it withdraws the word, by a compare-exchange to idle; else A
// gives up. Then it moves the epoch from g to g+1. Fences are seq_cst and stand in one order: what
// was stored, or read, before the earlier one is seen after the later one.
//
// E1  If A read g > a before its heavy(), then H stands behind X's load of the epoch: before it, X
//     would have loaded g or later. So H is behind the store of X's phase, and A sees that store or
//     a later one. If it sees phase idle, X has ended, and A has acquired what X did.
// E2  The epochs that an owner stores in its word never fall, nor those of the slot's next owner,
//     who has acquired the slot. So a word that is still what A saw before it looked at the phase
//     has been there all the time.
// E3  X need not look whether its word was withdrawn: who withdraws a has read a later epoch before
//     its heavy(), so by E1 it sees X's phase, or X does not load a.
// E4  If X can reach an object that T retired, R_X comes before F_T: otherwise X's reads see that
//     it was unlinked. So s >= a, for a was loaded before R_X and s after F_T.
// E5  An advance from g to g+1 while such an X runs has g <= s. If F_A comes before R_X, hence
//     before F_T, that is so. Else A sees a or what came later in X's word: a == g <= s; or a
//     later epoch, then X has ended; or it lags, or is withdrawn, by one that has a smaller than
//     its g: then X has ended, by E1. So while X runs the epoch is at most s+1, and nothing that it
//     can reach is freed.
// E6  What X did happens before the free: the last advance saw a word or a phase stored after X
//     (each such store releases, each look acquires), or a word withdrawn by one who saw it; then
//     it changed the epoch with release; later advances are read-modify-writes of the same word
//     and keep that release; who frees has acquired the epoch.
// E7  A slot is in the list before its first announcement and stays there while the domain lives;
//     so A, after F_A, looks at every slot whose R_X came before.
// E8  A slot's bags belong to the thread that moved its state to `attached`. Its leaving and the
//     domain's end each move `attached` to `busy` first, so they take turns.
// E9  A slot that says it is of this domain is: the domain that was at this place before has taken
//     the words back, and whoever lets others use this one was told so.
// E10 Where there is no barrier in every thread light() and heavy() are fences: of the two one is
//     first, and E1 is the same.
// Tests: domain.*, domain_model.*, domain_race.*, domain_jitter.*

#include <weft/base/atoms.hpp>
#include <weft/base/backoff.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/error.hpp>
#include <weft/mem/bag.hpp>
#include <weft/mem/domain_link.hpp>
#include <weft/mem/domain_options.hpp>
#include <weft/mem/restart.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

namespace weft {

/// Frees objects of lock-free structures when no thread can be reading them any more.
///
///     auto guard = domain.pin();
///     node* n = guard.load(head);            // n stays valid while the guard lives
///     if (guard.retire_on_cas(head, n, n->next)) ...
///
/// A thread joins on its first pin and leaves when it ends; its slot is used again, and what it had
/// retired is freed by the others. Retiring frees what has become free, two objects at a time.
/// While any thread holds a pin nothing retired since is freed: keep pins short, and never hold one
/// where a task may suspend.
///
/// threads   pin(), reclaim() and the counts from any thread
/// blocks    never
/// cost      pin and unpin 2 ns together, 7 ns where the kernel has no membarrier; nested 1 ns;
///           retire() and freeing 5 ns plus the deleter; every BagSize-th retire() looks at a word
///           of each thread, and if one has been away for long makes a system call
/// throws    std::bad_alloc and registration_error from a thread's first pin() only, and
///           misuse_error after shutdown()
/// lifetime  no guard is alive when it ends, else the program dies; it frees what is left
template <class Atoms = native, unsigned BagSize = 128>
class basic_domain {
  template <class T>
  using atomic = typename Atoms::template atomic<T>;
  using bag = detail::bag<BagSize, Atoms>;
  using bag_queue = detail::bag_queue<BagSize, Atoms>;
  using link = detail::domain_link<Atoms>;
  using links = detail::domain_links<Atoms>;
  using site = std::source_location;
  using neutralizer = detail::neutralizer<Atoms>;
  struct slot;

 public:
  using options = domain_options;
  class pinned;
  class registration;
  class epochs;
  class ready;
  class scan_of_readers;
  class binding;
  template <unsigned N>
  class reader;
  template <unsigned N, class R>
  class writing;

  /// How many objects one section may reserve.
  static constexpr unsigned most_reserved = 3;

  constexpr basic_domain() noexcept = default;
  explicit constexpr basic_domain(options const& o) noexcept : options_(o) {}
  basic_domain(basic_domain const&) = delete;
  basic_domain& operator=(basic_domain const&) = delete;
  ~basic_domain();

  /// Keeps what the guard loads valid until the guard ends. Pins nest.
  [[nodiscard, gnu::always_inline]] pinned pin(site where = site::current()) {
    link* const l = links::first();
    if (l && l->domain.load(relaxed) == this &&  // rlx ordered: by the caller, E9
        l->phase.load(relaxed) == detail::phase_idle) [[likely]] {  // rlx owner
      begin(static_cast<slot&>(*l), detail::phase_pin);
      return pinned{static_cast<slot&>(*l)};
    }
    return pinned{pin_slowly(where)};
  }

  /// Runs f, a read phase: f(reader) reads and compares, and has no effect. A reclaimer that finds
  /// this thread stuck in it signals it; then f is cut short and runs again from its start. So
  /// whatever this thread does, it holds back no more than it has reserved.
  ///
  /// With N == 0 it returns what f returned, and protects nothing any more. With N > 0, objects
  /// that f reserved by its reader, it returns the write phase: what f returned, and what may
  /// retire; only what was reserved may be used there. Inside a pin it is an ordinary call.
  ///
  /// f is noexcept; it and its result are trivially copyable and own nothing. It may have no local
  /// with a destructor and call nothing that allocates, locks, throws or makes a system call.
  ///
  /// cost      2 to 3 ns more than a pin
  template <unsigned N = 0, class F>
  [[nodiscard, gnu::always_inline]] auto read(F const& f, site where = site::current());

  /// As read(), but without running f again: gives what f returned or says that it was cut short.
  template <class F>
  [[nodiscard]] auto try_read(F const& f, site where = site::current());

  /// Signals the threads that are stuck in a read phase begun `epochs` or more epochs ago. Returns
  /// how many.
  std::size_t neutralize(std::uint64_t epochs = 2) noexcept;

  /// The same in steps: start_scan(n).signal() gives how many.
  [[nodiscard]] scan_of_readers start_scan(std::uint64_t epochs = 2) noexcept;

  /// Keeps the domain from being destroyed, until what is returned ends.
  [[nodiscard]] binding bind() noexcept;

  /// Frees what can be freed and refuses further use. Returns how many objects it could not free:
  /// those are freed when the domain ends. No thread registers meanwhile.
  std::uint64_t shutdown() noexcept;

  /// Who holds the epoch back most; nobody if it could move on.
  [[nodiscard]] std::optional<held_back> oldest_pin() const noexcept;

  /// What the domain and each of its threads are doing, for people.
  [[nodiscard]] std::string dump() const;

  /// How many signals were sent to threads of this domain, and how often a read phase of its
  /// present or earlier threads began anew.
  [[nodiscard]] std::uint64_t signal_count() const noexcept;
  [[nodiscard]] std::uint64_t restart_count() const noexcept;

  /// Makes the calling thread known to the domain, as its first pin() would. A second call gives
  /// the same slot.
  [[nodiscard]] registration attach(site where = site::current());

  /// Gives back the calling thread's slot before the thread ends; a later pin() takes one again.
  /// Without one it does nothing.
  void leave(site where = site::current()) noexcept;

  /// Tries to move the epoch on and frees what has become free of this thread's objects and of
  /// those that ended threads left. Returns how many were freed.
  ///
  /// With no pin held anywhere one call frees all of them.
  std::size_t reclaim() noexcept;

  /// The epoch: it moves on when every thread that is in a section has seen it.
  [[nodiscard]] std::uint64_t epoch() const noexcept {
    return epoch_.load(relaxed) / step;  // rlx hint: shown to people
  }

  /// How many objects are retired and not yet freed, and their bytes as far as their types were
  /// known; exact while nobody retires.
  [[nodiscard]] std::uint64_t limbo_count() const noexcept;
  [[nodiscard]] std::uint64_t limbo_bytes() const noexcept;

  /// How many retired objects were given up because there was no memory to note them.
  [[nodiscard]] std::uint64_t leaked_count() const noexcept;

  /// How many slots there are: the most threads that ever used the domain at one time.
  [[nodiscard]] std::size_t slot_count() const noexcept;

  /// How many of them belong to a thread now.
  [[nodiscard]] std::size_t thread_count() const noexcept;

 private:
  static constexpr std::uint64_t idle = 0;  // announced by who is in no section and was withdrawn
  static constexpr std::uint64_t step = 2;  // epochs are odd, so none of them is idle
  static constexpr unsigned most_spares = 2;
  static constexpr unsigned patience = Atoms::tiny ? 1 : 3;  // bags sealed before heavy()
  static constexpr unsigned frees = 2;                       // for each object retired
  static constexpr std::int64_t dearest_scan = 20'000;       // ns, as far as it counts
  static constexpr std::int64_t between_signals = Atoms::tiny ? 0 : 100'000;  // ns, to one thread
  enum class slot_state : unsigned { free, attached, busy, dead };

  slot& slot_here(site where) {
    link* l = links::first();
    if (l && l->domain.load(relaxed) == this) return static_cast<slot&>(*l);  // rlx ordered: E9
    return find_or_attach(where);
  }
  slot& find_or_attach(site where);
  slot& take_slot(site where);
  void admit(site where);
  [[noreturn]] static void refuse_shut(site where);
  [[noreturn]] void refuse(site where) const;
  [[gnu::noinline]] slot& pin_slowly(site where) {
    slot& s = slot_here(where);
    pin(s, where);
    return s;
  }

  [[gnu::always_inline]] void begin(slot& s, std::uint32_t phase) noexcept {
    s.phase.store(phase, relaxed);  // dek domain.look light
    // tidy: allow direct: light() is a call; announce() has the fence where it is one
    asm volatile("" ::: "memory");
    bool const moved = epoch_.load(relaxed) != s.seen;  // rlx ordered: by light(), E1
    if (moved) [[unlikely]]
      announce(s);
  }
  static void pass_light(slot& s) noexcept {
    if (s.fenced) Atoms::fence();  // dek domain.look
  }
  [[gnu::noinline]] void announce(slot& s) noexcept {
    pass_light(s);
    auto const now = epoch_.load(relaxed);  // rlx ordered: by light() or the fence, E1
    if (s.word.load(relaxed) == now && s.fenced) return;  // rlx ordered: E3
    s.word.store(now, release);                           // pub domain.section -> look
    Atoms::fence();                                       // dek domain.pin
    if (!s.fenced) s.seen = now;
  }
  static void end(slot& s) noexcept {
    s.phase.store(detail::phase_idle, release);  // pub domain.section -> withdraw
  }
  void pin(slot& s, site where) noexcept {
    auto const p = s.phase.load(relaxed);  // rlx owner
    if (p == detail::phase_idle) return begin(s, detail::phase_pin);
    if (p < detail::phase_pin) misplaced(p, where);
    s.phase.store(p + detail::phase_pin, relaxed);  // rlx owner
  }
  static void unpin(slot& s) noexcept {
    auto const p = s.phase.load(relaxed) - detail::phase_pin;  // rlx owner
    if (p == detail::phase_idle) [[likely]]
      return end(s);
    s.phase.store(p, relaxed);  // rlx owner
  }
  [[noreturn, gnu::noinline, gnu::cold]] static void misplaced(std::uint32_t phase,
                                                               site where) noexcept;

  // Real threads have signals; an atoms policy has them if it can interrupt one.
  static constexpr bool signals =
      std::is_same_v<Atoms, native> || requires { Atoms::interrupt(0, [](void*) {}, nullptr); };
  template <unsigned N, class F>
  static auto run_phase(slot& s, F const& f) noexcept;
  template <unsigned N>
  static void end_writing(slot& s) noexcept;
  [[gnu::noinline]] slot& slot_to_read(site where);

  void retire(slot& s, detail::retired const& r) noexcept;
  void seal(slot& s) noexcept;
  void adopt(slot& s) noexcept;
  void collect(slot& s) noexcept;
  std::size_t free_some(slot& s, std::size_t most) noexcept;
  bag* bag_for(slot& s) noexcept;
  static bag* take_bag(slot& s) noexcept;
  static void recycle(slot& s, bag* b) noexcept;

  bool look(std::uint64_t g) const noexcept;
  bool withdraw(std::uint64_t g) noexcept;
  struct signalled;
  bool signal(slot& s, std::uint64_t word, signalled& all) noexcept;
  bool withdraw(signalled const& readers) noexcept;
  static bool take_back(slot& s, std::uint64_t word) noexcept;
  template <class F>
  [[nodiscard]] bool any_reserved(F f) const noexcept;
  void keep_reserved(slot& s, bag& b) noexcept;
  bool advance(bool patient, slot& s) noexcept;
  void age(slot& s) noexcept;
  static void note_late(slot& s, std::uint64_t word) noexcept;
  [[nodiscard]] std::uint64_t lag_of(slot const& s) const noexcept;
  bool withdraw_in_time(std::uint64_t g) noexcept;

  static void give_back(link& l) noexcept;
  void set_free(slot& s) noexcept;
  static bool close(slot& s) noexcept;
  void abandon(slot& s) noexcept;
  bool free_everything() noexcept;
  static void destroy(slot* s) noexcept {
    s->~slot();
    Atoms::deallocate(s, alignof(slot));
  }
  static void destroy(bag* b) noexcept {
    b->~bag();
    Atoms::deallocate(b, alignof(bag));
  }
  template <class F>
  void each_slot(F f) const {
    for (slot* s = slots_.load(acquire); s; s = s->next) f(*s);  // sub domain.slots
  }

  alignas(cache_line) atomic<std::uint64_t> epoch_{1};
  alignas(cache_line) atomic<slot*> slots_{nullptr};
  atomic<bag*> orphans_{nullptr};  // bags of ended threads, for anybody to adopt
  atomic<std::size_t> live_{0};    // slots that belong to a thread, where there is a bound
  atomic<std::int64_t> next_scan_{0};
  atomic<std::uint64_t> signals_{0};  // sent
  atomic<std::uint64_t> bound_{0};    // structures that use it
  atomic<bool> closed_{false};        // shut down
  options options_{};
};

}  // namespace weft

#include <weft/mem/neutralize.hpp>
#include <weft/mem/slot.hpp>

#include <weft/mem/domain_body.hpp>
#include <weft/mem/domain_epoch.hpp>
#include <weft/mem/domain_limbo.hpp>
#include <weft/mem/domain_report.hpp>
#include <weft/mem/pinned.hpp>
#include <weft/mem/registration.hpp>
#include <weft/mem/section.hpp>

namespace weft::inline WEFT_ON {

using domain = basic_domain<atoms>;

/// The domain that weft's own structures use unless they are given another. Never destroyed.
[[nodiscard]] inline domain& default_domain() noexcept { return atoms::global<domain>(); }

/// True if the calling thread is in a section of any domain: then it must not suspend a task.
///
/// cost      a call and two loads in a thread that uses no domain
[[nodiscard]] inline bool pin_held() noexcept {
  return detail::domain_links<atoms>::in_section() != nullptr;
}

}  // namespace weft::inline WEFT_ON
