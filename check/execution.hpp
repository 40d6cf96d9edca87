// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chooser.hpp"
#include "fiber.hpp"
#include "heap.hpp"
#include "memory.hpp"
#include "plain.hpp"
#include "story.hpp"

#include <weft/check/explore.hpp>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

// One execution of a scenario, and the state of its threads.
//
// Each thread is a fiber. Before a step that others may notice it calls point(): its step is
// entered as pending, and dispatch() chooses whose pending step is done next; the fiber of that
// thread goes on from point() and does it. Between two points a thread runs nothing that others
// can notice, so nothing else needs to be interleaved.
namespace weft::check::detail {

enum class standing : std::uint8_t {
  absent,
  starting,  // or woken: runs on to its next point as soon as anybody looks
  ready,     // its pending step can be done
  pausing,   // in a spin loop: goes on when something it has read has changed
  joining,
  leaving,  // its body has ended: waits for the others' to end before it goes
  asleep,   // until woken, or until its deadline if it has one
  ended,
};

/// A load of a spin loop: which store of which place.
struct glance {
  std::uint32_t place = none;
  std::uint32_t index = 0;
  friend bool operator==(glance const&, glance const&) = default;
};

/// A signal on its way: the handler, and what its sender knew.
struct signalled {
  std::function<void()>* handler;
  view sent;
};

struct runner {
  fiber context;
  std::function<void()> body;
  void (*call)(void*) = nullptr;
  void* with = nullptr;

  knowledge knows;
  standing is = standing::absent;
  operation next;
  site since;           // where it waits
  std::string told_at;  // the same in a story

  // asleep
  std::uint32_t bed = none;  // the place whose wake-ups reach it
  bool timed = false, woken = false;
  std::int64_t deadline = 0;
  // joining
  std::uint32_t waits_for = 0;  // set of threads
  // spinning
  std::vector<glance> glances, last_glances;
  bool twice = false;   // the last place was looked at twice in a row
  glance beyond;        // the next load of this place reads a later store than this
  bool again = false;   // a compare-exchange failed for no reason: try again at once
  bool fresh = false;   // loads read the newest: nothing else runs
  unsigned rounds = 0;  // of the spin loop since anything changed anywhere

  unsigned spurious = 0;  // failures left
  unsigned stale = 0;     // loads left that mutation::read_stale lets go back
  std::vector<word> slots;
  std::vector<std::pair<void (*)(void*), void*>> at_exit;
  std::vector<signalled> signals;
  bool in_signal = false, interrupted = false;
  std::function<void()>* handler = nullptr;  // the one that runs, if any
  unsigned due = 0;                          // the first so many signals come before its next step
  bool preparing = false;                    // before any thread has begun: see threads::prepare

  void look_at(std::uint32_t place, std::uint32_t index);
  void begin(unsigned spurious_failures);
  void stands_at(site where, story const& told) {
    since = where;
    if (told.telling()) told_at = told.show(where);
  }
};

/// What not_repeatable means and what to do; what differed comes behind it.
inline constexpr std::string_view not_the_same =
    "the scenario did not do again what it did before: does it read a clock or a random number, or "
    "depend on what an earlier execution left in a static variable? Make its world anew each "
    "time; ";

/// How an execution ended.
enum class ending : std::uint8_t { complete, cut, failed };

class execution {
 public:
  explicit execution(options const& o) : options_(o) {}
  execution(execution const&) = delete;
  execution& operator=(execution const&) = delete;

  /// Runs the scenario once, as the chooser says; tells the story if it is wanted.
  ending run(std::function<void(threads&)> const& scenario, chooser& by, bool tell);

  /// The one that runs in this OS thread, or null.
  static execution* current() noexcept;

  // What the headers ask for; see engine.hpp.
  void make(handle const& h, site where);
  void unmake(handle const& h, site where);
  word load(handle const& h, order o, site where);
  void store(handle const& h, word v, order o, site where);
  word update(handle const& h, order o, word (*change)(word, void*), void* with, site where);
  bool compare_exchange(handle const& h, word& expected, word desired, order done, order failed,
                        bool weak, site where);
  void fence(order o, site where);
  void heavy(bool settles, site where);
  void pause(site where);
  bool park(handle const& h, word expected, bool timed, std::int64_t deadline, site where);
  void unpark(void const* address, bool all, site where);
  std::int64_t now(site where);
  void lock(handle const& h, site where);
  bool try_lock(handle const& h, site where);
  void unlock(handle const& h, site where);
  bool wait_condition(handle const& condition, handle const& mutex, bool timed,
                      std::int64_t deadline, site where);
  void notify_condition(handle const& condition, bool all, site where);
  void plain(void const* at, std::size_t size, bool write, site where);
  void* allocate(std::size_t size, std::size_t align, bool for_ever, site where);
  void* global(std::uint32_t number, std::size_t size, std::size_t align, void (*make)(void*));
  void at_thread_exit(void (*f)(void*), void* arg);
  unsigned any(unsigned below);
  void deallocate(void* p, site where);
  word& slot(std::uint32_t number);

  /// Before start(): the calls of start() that follow are one step.
  void number_threads(site where);
  unsigned start(std::function<void()> body, void (*call)(void*), void* with, site where);
  void join(std::uint32_t set, site where);
  void prepare(std::function<void()> f) { prepare_ = keep(std::move(f)); }
  [[nodiscard]] unsigned self() const noexcept { return self_; }
  [[nodiscard]] bool making_global() const noexcept { return always_there_; }
  [[nodiscard]] bool owns(void const* p) const noexcept { return heap_.owns(p); }
  void send_signal(unsigned thread, std::function<void()> handler, site where);
  [[noreturn]] void leave_handler(sigjmp_buf& to, site where);

  [[noreturn]] void fail(verdict v, std::string message);
  void note(std::string_view outcome);

  // What was found.
  verdict found = verdict::passed;
  std::string message;
  std::uint64_t steps = 0;
  std::map<std::string, std::uint64_t> noted;
  std::vector<met> accesses;
  story told;
  bool tracked = false;  // a thread of the scenario runs, not the checker: its heap is ours

 private:
  [[nodiscard]] runner& me() noexcept { return threads_[self_]; }
  /// True if no other thread could notice in which order this one does its steps.
  [[nodiscard]] bool unnoticed() const noexcept { return live_ == 1 || threads_[self_].preparing; }
  [[nodiscard]] std::uint32_t place_of(handle const& h, site where);
  [[nodiscard]] std::uint32_t bed_of(void const* address);
  place& use(std::uint32_t id, site where);

  // scheduling: schedule.cpp
  void point(operation const& op);
  void dispatch();
  void change_to(unsigned thread);
  [[nodiscard]] int someone_to_advance();
  [[nodiscard]] bool changed_since(runner& t, unsigned thread);
  [[nodiscard]] thread_set able() noexcept;
  [[nodiscard]] bool rouse() noexcept;
  [[noreturn]] void conclude();
  [[noreturn]] void finish(ending how);
  [[nodiscard]] bool sleep(std::uint32_t bed, bool timed, std::int64_t deadline, site where);
  thread_set wake(std::uint32_t bed, bool all);
  void deliver_signals(bool at_once);
  void settle();
  static void life(void* self);
  void run_body(runner& t);
  std::array<operation, max_threads> pending() const noexcept;
  [[nodiscard]] std::string who_waits();

  // the effect of a step
  void begin_step() noexcept { memory::begin(self_, me().knows); }
  void done(operation const& op, std::uint32_t read_from = none);
  stored& write(place& p, std::uint32_t id, word v, order o, stored const* carried, site where);
  unsigned choose_store(place& p, std::uint32_t id, order o, bool any, site where);
  struct compared {
    unsigned stale = 0;  // how much older than the newest what is read is
    bool spurious = false;
  };
  [[nodiscard]] compared choose_compared(place& p, std::uint32_t id, word const& expected,
                                         order failed, bool weak);
  [[nodiscard]] order effective(order o, site where, met::kind what);
  [[nodiscard]] bool mutated(mutation::kind what, site where) const noexcept;
  void check_freed(void const* at, site where, std::string_view does = "uses",
                   std::string_view done = "used at");
  [[nodiscard]] std::string name_of(void const* plain, bool write, site where);
  [[nodiscard]] std::string heap_story(block const& b);
  [[nodiscard]] std::string use_story(std::string_view done, std::uint32_t line) const;
  [[noreturn]] void race(void const* address, bool write, unsigned other, char const* did,
                         std::string const& there, site here);
  [[nodiscard]] std::string there(site where, std::uint32_t line) const;
  [[nodiscard]] std::string at(site where) const;
  void check_end();
  /// In the scenario's heap, and gone with it if the execution ends before anybody has called it.
  [[nodiscard]] std::function<void()>* keep(std::function<void()> f);

  options const& options_;
  chooser* by_ = nullptr;
  memory memory_;
  heap heap_;
  cells cells_;
  std::array<runner, max_threads> threads_;
  fiber driver_;
  std::function<void()>* prepare_ = nullptr;
  std::function<void(threads&)> const* scenario_ = nullptr;
  std::vector<std::pair<void const*, std::uint32_t>> beds_;
  std::vector<void*> globals_;
  bool always_there_ = false;    // what is made now counts as made before the start
  std::uint32_t number_ = 0;     // of this execution
  std::uint32_t clock_ = none;   // the place that stands for time
  std::uint32_t roster_ = none;  // and for the numbers of threads
  std::int64_t now_ = 0;
  unsigned self_ = 0;
  int last_ = 0;
  unsigned live_ = 0;
  unsigned steps_now_ = 0, plain_now_ = 0;
  ending end_ = ending::complete;
  std::vector<signed char> cases_;  // of a compare-exchange
};

}  // namespace weft::check::detail
