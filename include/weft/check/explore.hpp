// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <weft/check/engine.hpp>

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace weft::check {

/// How the executions are chosen.
enum class strategy : std::uint8_t {
  exhaustive,   ///< every one that differs from the others (source-DPOR with sleep sets)
  brute_force,  ///< every one: the measure of the above
  random,       ///< uniform choices
  pct,          ///< random priorities with `depth` changes: finds a bug of depth d soon
  replay,       ///< the one that `schedule` names
};

/// One access of the program, by where it stands.
struct place_in_source {
  std::string file;
  std::uint32_t line = 0, column = 0;
  std::string function;
  friend bool operator==(place_in_source const&, place_in_source const&) = default;
  friend auto operator<=>(place_in_source const&, place_in_source const&) = default;
};

/// A mistake put into the program while it runs, to see whether a scenario notices.
struct mutation {
  enum kind : std::uint8_t {
    weaken,       ///< the order of the access becomes relaxed; a fence or heavy() is left out
    read_stale,   ///< a load may read any store there ever was, whatever the thread has seen; twice
                  ///< in each thread
    tear,         ///< a read-modify-write becomes a load and a store
    skip,         ///< a store, unlock, unpark or notify does nothing; a compare-exchange just fails
    sleep_blind,  ///< park() sleeps without looking at the word
  } what = weaken;
  place_in_source where;
};

/// What to explore, and how far.
struct options {
  strategy search = strategy::exhaustive;
  std::string name{};                     ///< of the scenario, for the texts and to replay it;
                                          ///< empty: where explore() is called
  std::optional<unsigned> preemptions{};  ///< at most so many switches away from a thread that can
                                          ///< go on; unset: any number
  std::uint64_t executions = 10'000'000;  ///< at most; random strategies: exactly
  unsigned seconds = 0;                   ///< stops after so long; 0: never
  std::uint64_t at_least = 1;             ///< fewer complete executions is a failure
  unsigned steps = 5'000;                 ///< most steps of one execution, up to 30'000
  bool late_timeouts = false;             ///< a deadline passes only when no thread can go on: it
                                          ///< cannot come to the rescue of a lost wake-up
  unsigned spurious = 1;                  ///< spurious failures and wake-ups a thread may meet
  unsigned depth = 3;                     ///< pct: changes of priority
  std::uint64_t seed = 1;                 ///< random, pct
  bool leaks = true;                      ///< memory that is left at the end is a failure
  std::string schedule{};                 ///< replay
  std::vector<mutation> mutations{};      ///< see audit.hpp
  bool tell = true;                       ///< the story of a failure; it costs a second run of it
  bool list_accesses = false;             ///< fills result::accesses; slower
};

/// What was wrong with an execution.
enum class verdict : std::uint8_t {
  passed,
  wrong,  ///< an expectation of the scenario failed
  data_race,
  use_after_free,
  double_free,
  leak,
  deadlock,
  livelock,
  too_long,        ///< more steps than `options::steps`: a loop without pause()?
  exception,       ///< left a thread
  died,            ///< the program found a mistake of its user and would have ended itself
  misuse,          ///< of the checker: more threads than it has, an access outside a scenario
  not_repeatable,  ///< the scenario depends on something that is not its own
  too_few,         ///< fewer executions than `options::at_least`
};

[[nodiscard]] std::string_view to_string(verdict v) noexcept;

/// An access that was met, and how often.
struct met {
  place_in_source where;
  std::memory_order order{};
  enum kind : std::uint8_t { load, store, update, fence, heavy, park, unpark } what = load;
  std::uint64_t times = 0;
};

/// What came of it.
struct result {
  verdict found = verdict::passed;
  std::string message;           ///< what went wrong, in a line or two
  std::string story;             ///< the execution that failed, step by step
  std::string schedule{};        ///< replays it
  std::uint64_t executions = 0;  ///< complete ones
  std::uint64_t cut = 0;         ///< given up because they were like another
  std::uint64_t steps = 0;
  bool exhausted = false;  ///< nothing is left to explore, within the bound if there is one
  options asked;
  std::map<std::string, std::uint64_t> outcomes;  ///< what the scenario noted, and how often
  std::vector<met> accesses;  ///< the accesses of atomics, in the order they were met

  [[nodiscard]] bool ok() const noexcept { return found == verdict::passed; }
  explicit operator bool() const noexcept { return ok(); }
};

/// One line for a scenario that passed; for one that failed message, story and, as the last line,
/// the command that replays it.
std::ostream& operator<<(std::ostream& to, result const& r);

/// Runs bodies beside each other, as threads of the scenario.
class threads {
 public:
  /// Every thread that is started from now on calls f first, one after the other, before any of
  /// them begins its body. What f does is no step of the schedule: it costs no executions.
  ///
  /// For what threads do once in their lives and the scenario is not about.
  void prepare(std::function<void()> f);

  /// Returns when all have ended. Whatever they wrote is visible then.
  ///
  /// throws    nothing; more than the bound (7, with those that run already) fails the scenario
  template <class... Bodies>
  void operator()(Bodies&&... bodies) {
    body const all[] = {body{&call<std::remove_reference_t<Bodies>>,
                             address<std::remove_reference_t<Bodies>>(bodies)}...};
    run(all, sizeof...(Bodies));
  }

 private:
  struct body {
    void (*call)(void*);
    void* with;
  };
  template <class F>
  static void* address(F& f) noexcept {
    if constexpr (std::is_function_v<F>) {
      return reinterpret_cast<void*>(&f);  // as dlsym() has it: a function fits a pointer to data
    } else {
      return const_cast<void*>(static_cast<void const*>(std::addressof(f)));
    }
  }
  template <class F>
  static void call(void* f) {
    if constexpr (std::is_function_v<F>) {
      reinterpret_cast<F*>(f)();
    } else {
      (*static_cast<F*>(f))();
    }
  }
  static void run(body const* bodies, std::size_t count);
};

/// Runs the scenario for every schedule and every value a load may read, or a sample of them.
///
/// The scenario makes its world anew each time: what it shares between its threads it owns. What
/// it allocates it gives back. Nothing in it may depend on a clock, a random number or what an
/// earlier execution left behind.
///
/// threads   one exploration an OS thread
/// cost      some hundred thousand short executions a second; their number is exponential in the
///           steps of a scenario: two threads of four operations are plenty
///
/// WEFT_REPLAY=NAME:SCHEDULE in the environment makes the one of that name run that schedule only.
result explore(options const& o, std::function<void(threads&)> scenario,
               std::source_location where = std::source_location::current());
inline result explore(std::function<void(threads&)> scenario,
                      std::source_location where = std::source_location::current()) {
  return explore(options{}, std::move(scenario), where);
}

/// In a scenario: fails the execution unless `holds`.
void expect(bool holds, std::string_view what = {},
            std::source_location where = std::source_location::current());

/// In a scenario: fails the execution with a text.
[[noreturn]] void fail(std::string_view what,
                       std::source_location where = std::source_location::current());

namespace detail {
void expect_equal(bool equal, std::string (*text)(void const*, void const*), void const* a,
                  void const* b, site where);
template <class T>
std::string show(T const& v);
}  // namespace detail

/// In a scenario: fails the execution unless the two are equal; the text says what each was.
template <class A, class B>
void expect_equal(A const& got, B const& expected,
                  std::source_location where = std::source_location::current()) {
  auto const text = [](void const* a, void const* b) {
    return "expected " + detail::show(*static_cast<B const*>(b)) + ", got " +
           detail::show(*static_cast<A const*>(a));
  };
  detail::expect_equal(got == expected, text, &got, &expected, where);
}

/// In a scenario: counts an outcome; see result::outcomes.
void note(std::string_view outcome);

/// In a scenario: runs f with the real heap, for what is to outlive the execution.
template <class F>
void outside(F&& f);

namespace detail {
class outside_guard {
 public:
  outside_guard() noexcept;
  outside_guard(outside_guard const&) = delete;
  outside_guard& operator=(outside_guard const&) = delete;
  ~outside_guard();

 private:
  bool before_;
};

template <class T>
std::string show(T const& v) {
  if constexpr (std::is_same_v<T, bool>) {
    return v ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(v);
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(v));
  } else if constexpr (std::is_convertible_v<T const&, std::string_view>) {
    return '"' + std::string(std::string_view(v)) + '"';
  } else if constexpr (requires { bool(v), show(*v); }) {
    return v ? show(*v) : "nothing";
  } else {
    return "another value";
  }
}
}  // namespace detail

template <class F>
void outside(F&& f) {
  detail::outside_guard guard;
  static_cast<F&&>(f)();
}

}  // namespace weft::check
