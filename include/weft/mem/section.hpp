// SPDX-License-Identifier: Apache-2.0
#pragma once

// Restartable sections: a read phase that a reclaimer may cut short, and the write phase behind it
// (Singh, Brown, Mashtizadeh, "NBR", PPoPP 2021; Brown, PODC 2015). Continues the proof of
// mem/domain.hpp.
//
// S1  A read phase has no effect on others, so it may be left at any instruction and begun anew.
// S2  announce() notes what it has announced after its fence: left before that, the phase that
//     begins anew announces again.
// S3  An advancer that finds a laggard X in phase `reading` signals it, and passes heavy(). By R4
//     of mem/restart.hpp X has then left that read phase, or has stored a later phase. It withdraws
//     X's word as E1 does; if X began again meanwhile it loaded the epoch behind H and announced
//     it, so that the compare-exchange fails.
// S4  Signals sent, and heard of, by others count for nothing: they may be under way.
// S5  What X reserves it stores before its phase becomes `writing`, with release. Who withdraws its
//     word then has acquired the phase, or passed the heavy() of S3; the epoch carries that on to
//     whoever frees. So whoever frees sees the reservation, or that X's write phase has ended and
//     what it did. The node was reachable in the read phase, so by E4 and E5 it was not free then.
// S6  A plain pin is never passed: it blocks until it ends.
// Tests: section.*, section_model.*

#include <weft/mem/domain.hpp>

#include <variant>

namespace weft {

/// What the code of a read phase reads and reserves with.
///
/// threads   its own
/// lifetime  the read phase
template <class Atoms, unsigned BagSize>
template <unsigned N>
class basic_domain<Atoms, BagSize>::reader {
 public:
  reader(reader const&) = delete;
  reader& operator=(reader const&) = delete;

  /// Reads an atomic; what a pointer points to stays valid until the read phase ends.
  template <class T>
  // tidy: allow direct: the caller's own order, by the standard's type
  [[nodiscard]] auto load(T const& from, std::memory_order order = acquire) const noexcept ->
      typename T::value_type {
    return from.load(order);
  }
  /// Keeps the I-th of N objects for the write phase, or none if it is null.
  template <unsigned I = 0>
  void reserve(void* object) noexcept {
    static_assert(I < N, "read<N>(f) reserves objects 0 to N-1: ask for more by its N");
    slot_.reserved[I].store(object, relaxed);  // rlx ordered: by the phase, S5
  }

 private:
  friend basic_domain;
  explicit reader(slot& s) noexcept : slot_(s) {}
  slot& slot_;
};

/// A read phase was cut short: nothing was done, and the thread may go on once it has said so.
///
/// threads   its own
class [[nodiscard]] neutralized {
 public:
  neutralized(neutralized&& other) noexcept : open_(std::exchange(other.open_, false)) {}
  neutralized& operator=(neutralized&&) = delete;
  ~neutralized() {
    if (open_) {
      detail::die("a read phase that was cut short is dropped without acknowledge()",
                  "call std::move(n).acknowledge(), then try again: nothing was done");
    }
  }
  void acknowledge() && noexcept { open_ = false; }

 private:
  template <class Atoms, unsigned BagSize>
  friend class basic_domain;
  neutralized() noexcept = default;
  bool open_ = true;
};

/// What a read phase found, and the write phase that follows: only what was reserved may be used.
///
/// threads   its own
/// lifetime  ends the section
template <class Atoms, unsigned BagSize>
template <unsigned N, class R>
class [[nodiscard]] basic_domain<Atoms, BagSize>::writing {
 public:
  writing(writing const&) = delete;
  writing& operator=(writing const&) = delete;
  ~writing() { basic_domain::template end_writing<N>(slot_); }

  /// What the read phase returned.
  [[nodiscard]] R const& found() const noexcept { return found_; }
  [[nodiscard]] R const& operator*() const noexcept { return found_; }
  [[nodiscard]] R const* operator->() const noexcept { return &found_; }

  /// As a guard's retire().
  template <class T, class D = std::default_delete<T>>
    requires(std::is_empty_v<D> && std::is_default_constructible_v<D> && std::is_object_v<T> &&
             !std::is_const_v<T>)
  void retire(T* object, D = {}) noexcept {
    if (!object) return;
    slot_.home->retire(slot_, {object, [](void* p) { D{}(static_cast<T*>(p)); }, sizeof(T)});
  }
  void retire(void* object, void (*free)(void*), std::size_t bytes = 0) noexcept {
    if (object) slot_.home->retire(slot_, {object, free, bytes});
  }
  /// As a guard's retire_on_cas().
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
  writing(slot& s, R const& found) noexcept : slot_(s), found_(found) {}
  slot& slot_;
  R found_;
};

namespace detail {

/// What f returns in a read phase, after looking at what it may be.
template <class Reader, class F>
struct read_phase_of {
  static_assert(std::is_invocable_v<F const&, Reader&>,
                "read(f): f takes the reader by reference, as in [&](auto& reader) noexcept {...}");
  static_assert(std::is_nothrow_invocable_v<F const&, Reader&>,
                "read(f): f must be noexcept: a read phase that is cut short unwinds nothing");
  using type = std::invoke_result_t<F const&, Reader&>;
  static_assert(std::is_trivially_copyable_v<type> && std::is_trivially_destructible_v<type>,
                "read(f): what f returns is trivially copyable: a read phase that is cut short "
                "destroys nothing; return pointers and numbers, and copy strings in a pin");
  static_assert(std::is_trivially_destructible_v<F>,
                "read(f): f captures by reference or by trivial copies: a read phase that is cut "
                "short destroys nothing");
};

}  // namespace detail

template <class Atoms, unsigned BagSize>
template <unsigned N, class F>
[[gnu::always_inline]] inline auto basic_domain<Atoms, BagSize>::run_phase(slot& s,
                                                                           F const& f) noexcept {
  using result = typename detail::read_phase_of<reader<N>, F>::type;
  auto const once = [&s, &f]() noexcept -> result {
    s.home->begin(s, detail::phase_reading);
    reader<N> r{s};
    result const found = f(r);
    // tidy: allow direct: what was read is read before the phase ends
    asm volatile("" ::: "memory");
    if constexpr (N != 0) {
      s.phase.store(detail::phase_writing, release);  // pub domain.section -> withdraw
    } else {
      end(s);
    }
    return found;
  };
  if constexpr (signals) {
    if (s.restarts_here) [[likely]]
      return detail::restartable(s, once);
  }
  return once();
}

template <class Atoms, unsigned BagSize>
auto basic_domain<Atoms, BagSize>::slot_to_read(site where) -> slot& {
  slot& s = slot_here(where);
  auto const p = s.phase.load(relaxed);  // rlx owner
  if (p == detail::phase_reading || p == detail::phase_writing) [[unlikely]] {
    Atoms::die(p == detail::phase_reading ? "a read phase in a read phase"
                                          : "a read phase in the write phase of a section",
               "end the section first, or hold a pin around both: a read in a pin is an "
               "ordinary call",
               where);
  }
  return s;
}

template <class Atoms, unsigned BagSize>
template <unsigned N, class F>
inline auto basic_domain<Atoms, BagSize>::read(F const& f, site where) {
  static_assert(N <= most_reserved, "read<N>(f): a section reserves at most 3 objects");
  using result = typename detail::read_phase_of<reader<N>, F>::type;
  link* const l = links::first();
  bool const alone = l && l->domain.load(relaxed) == this &&  // rlx ordered: by the caller, E9
                     l->phase.load(relaxed) == detail::phase_idle;  // rlx owner
  slot& s = alone ? static_cast<slot&>(*l) : slot_to_read(where);
  auto const found = [&]() noexcept -> result {
    if (alone || s.phase.load(relaxed) == detail::phase_idle)
      return run_phase<N>(s, f);  // rlx owner
    reader<N> r{s};
    return f(r);
  }();
  if constexpr (N == 0) {
    return found;
  } else {
    return writing<N, result>{s, found};
  }
}

template <class Atoms, unsigned BagSize>
template <unsigned N>
void basic_domain<Atoms, BagSize>::end_writing(slot& s) noexcept {
  for (unsigned i = 0; i < N; ++i)
    s.reserved[i].store(nullptr, release);  // pub domain.reserved -> any_reserved
  if (s.phase.load(relaxed) != detail::phase_writing) return;  // rlx owner: in a pin
  end(s);
  if (s.owed != 0) [[unlikely]]
    s.home->free_some(s, std::exchange(s.owed, 0u));
}

template <class Atoms, unsigned BagSize>
template <class F>
auto basic_domain<Atoms, BagSize>::try_read(F const& f, site where) {
  using result = typename detail::read_phase_of<reader<0>, F>::type;
  static_assert(std::is_default_constructible_v<result>,
                "try_read(f): what f returns has a default, for when it did not come to its end");
  struct outcome {
    result found;
    bool cut;
  };
  slot& s = slot_to_read(where);
  auto const before = s.restarts.load(relaxed);  // rlx owner
  auto const once = [&](reader<0>& r) noexcept -> outcome {
    if (s.restarts.load(relaxed) != before) return {result{}, true};  // rlx owner
    return {f(r), false};
  };
  outcome const o = read(once, where);
  using either = std::variant<result, neutralized>;
  if (o.cut) return either{std::in_place_index<1>, neutralized{}};
  return either{std::in_place_index<0>, o.found};
}

// True if f is true of any object that is reserved.
template <class Atoms, unsigned BagSize>
template <class F>
bool basic_domain<Atoms, BagSize>::any_reserved(F f) const noexcept {
  bool found = false;
  each_slot([&](slot& s) {
    for (auto& r : s.reserved) {
      void* const object = r.load(acquire);  // sub domain.reserved
      if (object && f(object)) found = true;
    }
  });
  return found;
}

}  // namespace weft
