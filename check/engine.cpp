// SPDX-License-Identifier: Apache-2.0
// What the headers call: each call leaves the heap of the scenario while the checker works.
#include "execution.hpp"

#include <weft/check/thread.hpp>

#include <cstdio>
#include <cstdlib>

namespace weft::check::detail {

namespace {

class working {
 public:
  explicit working(execution& e) noexcept : execution_(e), before_(e.tracked) { e.tracked = false; }
  working(working const&) = delete;
  working& operator=(working const&) = delete;
  ~working() { execution_.tracked = before_; }

 private:
  execution& execution_;
  bool before_;
};

execution& running(site where) {
  auto* const e = execution::current();
  if (e == nullptr) {
    std::fprintf(stderr,
                 "weft::check: %s:%u: an object of the model is used outside a scenario.\n"
                 "  Put it inside the function that is given to explore(); on real threads use "
                 "weft::native.\n",
                 where.file_name(), static_cast<unsigned>(where.line()));
    std::abort();
  }
  return *e;
}

// Runs f as the checker, in the execution there is.
template <class F>
auto in(site where, F f) {
  auto& e = running(where);
  working const w{e};
  return f(e);
}

std::uint32_t numbers = 0;

}  // namespace

bool inside() noexcept { return execution::current() != nullptr; }

void make(handle const& h, site where) {
  if (inside()) in(where, [&](execution& e) { e.make(h, where); });
}
void unmake(handle const& h, site where) noexcept {
  if (inside()) in(where, [&](execution& e) { e.unmake(h, where); });
}
word load(handle const& h, order o, site where) {
  return in(where, [&](execution& e) { return e.load(h, o, where); });
}
void store(handle const& h, word v, order o, site where) {
  in(where, [&](execution& e) { e.store(h, v, o, where); });
}
word update(handle const& h, order o, word (*change)(word, void*), void* with, site where) {
  return in(where, [&](execution& e) { return e.update(h, o, change, with, where); });
}
bool compare_exchange(handle const& h, word& expected, word desired, order done, order failed,
                      bool weak, site where) {
  return in(where, [&](execution& e) {
    return e.compare_exchange(h, expected, desired, done, failed, weak, where);
  });
}
void fence(order o, site where) {
  in(where, [&](execution& e) { e.fence(o, where); });
}
void heavy(bool settles, site where) {
  in(where, [&](execution& e) { e.heavy(settles, where); });
}
void pause(site where) {
  in(where, [&](execution& e) { e.pause(where); });
}

// [atomics.wait]: a load, and a sleep only if the value is still the old one.
void wait(handle const& h, word old, order o, site where) {
  in(where, [&](execution& e) {
    while (e.load(h, o, where) == old) e.park(h, old, false, 0, where);
  });
}
void notify(handle const& h, bool all, site where) {
  in(where, [&](execution& e) { e.unpark(&h, all, where); });
}
bool park(handle const& h, word expected, bool timed, std::int64_t deadline, site where) {
  return in(where, [&](execution& e) { return e.park(h, expected, timed, deadline, where); });
}
void unpark(handle const* h, bool all, site where) {
  in(where, [&](execution& e) { e.unpark(h, all, where); });
}
std::int64_t now(site where) {
  return in(where, [&](execution& e) { return e.now(where); });
}
void lock(handle const& mutex, site where) {
  in(where, [&](execution& e) { e.lock(mutex, where); });
}
bool try_lock(handle const& mutex, site where) {
  return in(where, [&](execution& e) { return e.try_lock(mutex, where); });
}
void unlock(handle const& mutex, site where) {
  in(where, [&](execution& e) { e.unlock(mutex, where); });
}
bool wait_condition(handle const& condition, handle const& mutex, bool timed, std::int64_t deadline,
                    site where) {
  return in(where, [&](execution& e) {
    return e.wait_condition(condition, mutex, timed, deadline, where);
  });
}
void notify_condition(handle const& condition, bool all, site where) {
  in(where, [&](execution& e) { e.notify_condition(condition, all, where); });
}
void plain_read(void const* at, std::size_t size, site where) {
  if (inside()) in(where, [&](execution& e) { e.plain(at, size, false, where); });
}
void plain_write(void const* at, std::size_t size, site where) {
  if (inside()) in(where, [&](execution& e) { e.plain(at, size, true, where); });
}
void* allocate(std::size_t size, std::size_t align, bool for_ever, site where) {
  return in(where, [&](execution& e) { return e.allocate(size, align, for_ever, where); });
}
void deallocate(void* p, site where) noexcept {
  in(where, [&](execution& e) { e.deallocate(p, where); });
}
void at_thread_exit(void (*f)(void*), void* arg) noexcept {
  in({}, [&](execution& e) { e.at_thread_exit(f, arg); });
}
std::uint32_t any(std::uint32_t below, site where) noexcept {
  return in(where, [&](execution& e) { return e.any(below); });
}
void die(std::string_view what, std::string_view cure, site where) noexcept {
  in(where, [&](execution& e) {
    e.fail(verdict::died, "the program ends itself at " + show(where) + ": " + std::string(what) +
                              "\n  " + std::string(cure));
  });
  __builtin_unreachable();
}
std::uint32_t new_number() noexcept { return numbers++; }
void* global(std::uint32_t number, std::size_t size, std::size_t align,
             void (*make)(void*)) noexcept {
  return in({}, [&](execution& e) { return e.global(number, size, align, make); });
}
word slot(std::uint32_t number) noexcept {
  return in({}, [&](execution& e) { return e.slot(number); });
}
void set_slot(std::uint32_t number, word v) noexcept {
  in({}, [&](execution& e) { e.slot(number) = v; });
}
std::uint32_t start_thread(std::function<void()> body, site where) {
  return in(where, [&](execution& e) {
    e.number_threads(where);
    return e.start(std::move(body), nullptr, nullptr, where);
  });
}
void join_thread(std::uint32_t thread, site where) {
  in(where, [&](execution& e) {
    if (thread == 0 || thread == e.self()) {
      e.fail(verdict::misuse, "join() at " + show(where) +
                                  (thread == 0 ? " of an object that has no thread: it was joined "
                                                 "before, or moved from"
                                               : " of the thread itself"));
    }
    e.join(1u << thread, where);
  });
}
std::uint32_t this_thread(site where) {
  return in(where, [](execution& e) { return e.self(); });
}
void signal(std::uint32_t thread, std::function<void()> handler, site where) {
  in(where, [&](execution& e) { e.send_signal(thread, std::move(handler), where); });
}

void leave_handler(sigjmp_buf& to, site where) {
  in(where, [&](execution& e) { e.leave_handler(to, where); });
  __builtin_unreachable();
}

void forgotten_thread(std::uint32_t thread) {
  in({}, [&](execution& e) {
    e.fail(verdict::misuse, "the object of " + thread_name(thread) +
                                " is destroyed, and it was neither joined nor moved from: join it");
  });
}

outside_guard::outside_guard() noexcept {
  auto* const e = execution::current();
  before_ = e != nullptr && e->tracked;
  if (e != nullptr) e->tracked = false;
}
outside_guard::~outside_guard() {
  if (auto* const e = execution::current()) e->tracked = before_;
}

void expect_equal(bool equal, std::string (*text)(void const*, void const*), void const* a,
                  void const* b, site where) {
  if (equal) return;
  in(where, [&](execution& e) { e.fail(verdict::wrong, text(a, b) + " at " + show(where)); });
}

}  // namespace weft::check::detail

namespace weft::check {

void thread::must_be_joined() const noexcept {
  if (joinable()) detail::forgotten_thread(id_);
}

void threads::prepare(std::function<void()> f) {
  detail::in({}, [&](detail::execution& e) { e.prepare(std::move(f)); });
}

void threads::run(body const* bodies, std::size_t count) {
  auto const where = std::source_location{};
  detail::in(where, [&](detail::execution& e) {
    std::uint32_t set = 0;
    e.number_threads(where);
    for (std::size_t i = 0; i < count; ++i) {
      set |= 1u << e.start({}, bodies[i].call, bodies[i].with, where);
    }
    if (set != 0) e.join(set, where);
  });
}

void expect(bool holds, std::string_view what, std::source_location where) {
  if (!holds) {
    fail(what.empty() ? "an expectation does not hold" : what, where);
  }
}

void fail(std::string_view what, std::source_location where) {
  detail::in(where, [&](detail::execution& e) {
    e.fail(verdict::wrong, std::string(what) + ", at " + detail::show(where));
  });
  __builtin_unreachable();
}

void note(std::string_view outcome) {
  detail::in({}, [&](detail::execution& e) { e.note(outcome); });
}

}  // namespace weft::check
