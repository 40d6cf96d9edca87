// SPDX-License-Identifier: Apache-2.0
#pragma once

// Epoch-based reclamation: Fraser, "Practical lock-freedom" (2004), with bags stamped when they are
// sealed (Brown, "Reclaiming memory for lock-free data structures", PODC 2015).
//
// A reader R announces the epoch a it saw, passes a fence F_R, and reads. A thread T unlinks,
// passes a fence F_T when it seals the bag, and stamps the bag with the epoch s it sees then. An
// advancer A loads the epoch g, passes a fence F_A, looks at every announcement, and moves the
// epoch from g to g+1 only if each is idle or g. A bag is freed when the epoch is at least s+2. All
// fences are seq_cst: they stand in one order, and what was stored, or read, before the earlier one
// is seen after the later one.
//
// I1  If R can still reach an object that T retired, F_R comes before F_T: otherwise R's reads see
//     that it was unlinked.
// I2  R announced a <= s, for a was read before F_R and s after F_T.
// I3  An advance with F_A after F_R sees R's announcement while R is pinned, so g = a, and it
//     leaves the epoch at a+1 <= s+1.
// I4  An advance with F_A before F_R, hence before F_T, has g <= s, and leaves the epoch at s+1 at
//     most.
// I5  From I3 and I4: the epoch is at most s+1 while R is pinned; nothing R can reach is freed.
// I6  What R read happens before the free: the advance past s+1 saw an announcement that R made
//     after the section (idle or a later one; both are release stores, the look acquires), then
//     changed the epoch with release; later advances are read-modify-writes of the same word and
//     keep that release; who frees has acquired the epoch.
// I7  A slot is in the list before its first announcement and stays there while the domain lives;
//     so A, after F_A, looks at every slot whose F_R came before.
// I8  A slot's bags belong to the thread that moved its state to `attached`. Its leaving and the
//     domain's end each move `attached` to `busy` first, so they take turns.
// I9  A slot that says it is of this domain is: the domain that was at this place before has taken
//     the words back, and whoever lets others use this one was told so.
// Tests: domain.*, domain_model.*, domain_race.*, domain_jitter.*

#include <weft/base/atoms.hpp>
#include <weft/base/backoff.hpp>
#include <weft/base/cache_line.hpp>
#include <weft/base/error.hpp>
#include <weft/mem/bag.hpp>
#include <weft/mem/domain_link.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
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
/// retired is freed by the others. There is no limit to the number of threads. Objects are freed in
/// bags of `BagSize` by the thread that retired them, in a later retire() of its own or in
/// reclaim(). While any thread holds a pin nothing retired since is freed: keep pins short, and
/// never hold one where a task may suspend.
///
/// threads   pin(), reclaim() and the counts from any thread
/// blocks    never
/// cost      pin and unpin 11 ns together, most of it the fence; nested 1 ns; retire() and freeing
///           4 to 6 ns plus the deleter; every BagSize-th retire() looks at a word of each thread
/// throws    std::bad_alloc from a thread's first pin() only
/// lifetime  no guard is alive when it ends, else the program dies; it frees what is left
template <class Atoms = native, unsigned BagSize = 128>
class basic_domain {
  template <class T>
  using atomic = typename Atoms::template atomic<T>;
  using bag = detail::bag<BagSize, Atoms>;
  using link = detail::domain_link<Atoms>;
  using links = detail::domain_links<Atoms>;
  struct slot;

 public:
  class guard;

  basic_domain() noexcept = default;
  basic_domain(basic_domain const&) = delete;
  basic_domain& operator=(basic_domain const&) = delete;
  ~basic_domain();

  /// Keeps what the guard loads valid until the guard ends. Pins nest.
  [[nodiscard]] guard pin() { return guard{*this, slot_here()}; }

  /// Tries to move the epoch on and frees what has become free of this thread's objects and of
  /// those that ended threads left. Returns how many were freed.
  ///
  /// With no pin held anywhere one call frees all of them.
  std::size_t reclaim() noexcept;

  /// How many objects are retired and not yet freed; exact while nobody retires.
  [[nodiscard]] std::uint64_t limbo_count() const noexcept;

  /// How many retired objects were given up because there was no memory to note them.
  [[nodiscard]] std::uint64_t leaked_count() const noexcept;

  /// How many slots there are: the most threads that ever used the domain at one time.
  [[nodiscard]] std::size_t slot_count() const noexcept;

  /// Gives back the calling thread's slot before the thread ends; a later pin() takes one again.
  void leave() noexcept;

 private:
  static constexpr std::uint64_t idle = 0;  // announced by who holds no pin
  static constexpr std::uint64_t step = 2;  // epochs are odd, so none of them is idle
  static constexpr unsigned most_spares = 2;
  enum class slot_state : unsigned { free, attached, busy, dead };

  slot& slot_here() {
    link* l = links::first();
    if (l && l->domain.load(relaxed) == this) [[likely]] {  // rlx ordered: by the caller, I9
      return static_cast<slot&>(*l);
    }
    return find_or_attach();
  }
  slot& find_or_attach();
  slot& take_slot();
  void pin(slot& s) noexcept {
    if (s.pins++ != 0) return;
    auto const now = epoch_.load(relaxed);             // rlx hint: an old one delays, I2
    s.announced.store(now, release);                   // pub domain.section -> advance
    Atoms::fence();                                    // dek domain.pin
  }
  static void unpin(slot& s) noexcept {
    if (--s.pins != 0) return;
    s.announced.store(idle, release);                  // pub domain.section -> advance
  }
  void retire(slot& s, detail::retired r) noexcept;
  void seal(slot& s) noexcept;
  void adopt(slot& s) noexcept;
  bool advance() noexcept;
  std::size_t collect(slot& s) noexcept;
  static bag* take_bag(slot& s) noexcept;
  static void recycle(slot& s, bag* b) noexcept;
  static void give_back(link& l) noexcept;
  static void set_free(slot& s) noexcept;
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

  alignas(cache_line) atomic<std::uint64_t> epoch_{1};
  alignas(cache_line) atomic<slot*> slots_{nullptr};
  atomic<bag*> orphans_{nullptr};  // bags of ended threads, for anybody to adopt
};

template <class Atoms, unsigned BagSize>
struct alignas(cache_line) basic_domain<Atoms, BagSize>::slot : link {
  // The first line: written by the owner at each pin, read by advance().
  atomic<std::uint64_t> announced{idle};
  typename Atoms::template var<slot*> next{};
  basic_domain* home = nullptr;
  atomic<slot_state> state{slot_state::attached};

  // The owner's alone, but for the counts.
  alignas(cache_line) typename Atoms::template var<bag*> open{};
  detail::bag_queue<BagSize, Atoms> sealed;
  bag* spare = nullptr;
  unsigned spares = 0;
  bool freeing = false;
  atomic<std::uint64_t> retired{0};
  atomic<std::uint64_t> freed{0};
  atomic<std::uint64_t> leaked{0};

  static void raise(atomic<std::uint64_t>& count, std::uint64_t n) noexcept {
    count.store(count.load(relaxed) + n, relaxed);  // rlx owner
  }
};

/// Holds a pin on a domain. Ends on the thread that made it.
///
/// threads   its own only
template <class Atoms, unsigned BagSize>
class [[nodiscard]] basic_domain<Atoms, BagSize>::guard {
 public:
  guard(guard&& other) noexcept
      : domain_(other.domain_), slot_(std::exchange(other.slot_, nullptr)) {}
  guard& operator=(guard&&) = delete;
  ~guard() {
    if (slot_) basic_domain::unpin(*slot_);
  }

  /// Reads a pointer; what it points to stays valid until the guard ends.
  template <class T>
    requires std::is_pointer_v<typename T::value_type>
  // tidy: allow direct: the caller's own order, by the standard's type
  [[nodiscard]] auto load(T const& from, std::memory_order order = acquire) const noexcept ->
      typename T::value_type {
    return from.load(order);
  }

  /// Hands over an object that no new reader can find: it is freed, by delete or by D{}(object),
  /// when no pin is left from before. A null pointer is ignored.
  ///
  /// `D` is a type without state, such as a lambda's without captures; it must not throw. It may
  /// run in any thread that uses the domain, and may pin and retire itself.
  template <class T, class D = std::default_delete<T>>
    requires(std::is_empty_v<D> && std::is_default_constructible_v<D> && std::is_object_v<T> &&
             !std::is_const_v<T>)
  void retire(T* object, D = {}) noexcept {
    if (!object) return;
    domain_->retire(*slot_, {object, [](void* p) { D{}(static_cast<T*>(p)); }});
  }
  /// The same with a function that takes the pointer as void*.
  void retire(void* object, void (*free)(void*)) noexcept {
    if (object) domain_->retire(*slot_, {object, free});
  }

  /// Replaces `expected` by `desired` in `at`, and on success retires the object that was there.
  /// On failure `expected` is what was found, protected by this guard if `order` acquires.
  template <class A, class T>
  bool retire_on_cas(A& at, T*& expected, std::type_identity_t<T>* desired,
                     // tidy: allow direct: the caller's own order, by the standard's type
                     std::memory_order order = acq_rel) noexcept {
    T* const old = expected;
    if (!at.compare_exchange_strong(expected, desired, order)) return false;
    retire(old);
    return true;
  }

 private:
  friend basic_domain;
  guard(basic_domain& d, slot& s) noexcept : domain_(&d), slot_(&s) { d.pin(s); }

  basic_domain* domain_;
  slot* slot_;
};

}  // namespace weft

#include <weft/mem/domain_body.hpp>

namespace weft::inline WEFT_ON {

using domain = basic_domain<atoms>;

/// The domain that weft's own structures use unless they are given another. Never destroyed.
[[nodiscard]] inline domain& default_domain() noexcept {
  return atoms::global<domain>();
}

/// True if the calling thread holds a pin on any domain: then it must not suspend a task.
///
/// cost      a call and two loads in a thread that uses no domain
[[nodiscard]] inline bool pin_held() noexcept { return detail::domain_links<atoms>::any_pin(); }

}  // namespace weft::inline WEFT_ON
