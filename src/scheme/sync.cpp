// SPDX-License-Identifier: Apache-2.0
#include "sync.hpp"

#include "boxed.hpp"

#include <weft/sync/barrier.hpp>
#include <weft/sync/condition.hpp>
#include <weft/sync/gate.hpp>
#include <weft/sync/mutex.hpp>
#include <weft/sync/semaphore.hpp>

#include <cstring>

// Locks and their like for Scheme: the C++ ones, as objects of Scheme's heap.

namespace weft::inline WEFT_ON::scheme::detail {
namespace {

using boxed_mutex = boxed<mutex>;
using boxed_condition = boxed<condition>;
using boxed_semaphore = boxed<semaphore>;
using boxed_barrier = boxed<barrier>;
using boxed_gate = boxed<gate>;

// A name lives as long as the object that points to it.
char const* name_argument(char const* who, SCM name) {
  if (SCM_UNBNDP(name) || scm_is_false(name)) return nullptr;
  if (scm_is_symbol(name)) name = scm_symbol_to_string(name);
  if (!scm_is_string(name)) scm_wrong_type_arg_msg(who, 1, name, "symbol or string");
  char* const text = scm_to_utf8_string(name);
  auto const size = std::strlen(text) + 1;
  auto* const copy = static_cast<char*>(GC_MALLOC_ATOMIC(size));
  std::memcpy(copy, text, size);
  std::free(text);
  return copy;
}

// ---- the waits

task<> wait_for_mutex(record& r, mutex& m) {
  auto how = co_await as_result(m.acquire());
  if (!answered(r, how)) co_return;
  static_cast<void>((*how).disown());
  r.answer_with(SCM_UNSPECIFIED);
}

// The mutex stays the task's, whatever happens.
task<> wait_for_condition(record& r, condition& c, mutex& m) {
  mutex_guard lock;
  try {
    lock = m.adopt();
    auto how = co_await as_result(c.wait(lock));
    if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
  } catch (...) {
    r.answer_raising(condition_of(std::current_exception()));
  }
  static_cast<void>(lock.disown());
}

task<> wait_for_permits(record& r, semaphore& s, std::size_t n) {
  auto how = co_await as_result(s.acquire(n));
  if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
}

task<> wait_for_gate(record& r, gate& g) {
  auto how = co_await as_result(g.opened());
  if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
}

task<> wait_for_phase(record& r, barrier& b, barrier_token arrived) {
  try {
    auto how = co_await as_result(b.wait(arrived));
    if (answered(r, how)) r.answer_with(SCM_UNSPECIFIED);
  } catch (...) {
    r.answer_raising(condition_of(std::current_exception()));
  }
}

// ---- mutex

SCM make_mutex(SCM name) { return boxed_mutex::make(name_argument("make-mutex", name)); }
SCM is_mutex(SCM x) { return scm_from_bool(boxed_mutex::is(x)); }

void must_hold(char const* who, mutex const& m, SCM x) {
  auto const owner = m.held_by().id;
  if (owner == 0) scm_misc_error(who, "the mutex is not locked: ~S", scm_list_1(x));
  if (owner != current_context().id())
    scm_misc_error(who, "another task holds the mutex: ~S", scm_list_1(x));
}

SCM lock(SCM x) {
  constexpr auto who = "mutex-lock!";
  auto& r = waiting(who);
  auto& m = boxed_mutex::argument(who, 1, x);
  if (m.try_lock()) return SCM_UNSPECIFIED;
  return waits(who, r, x, [&] { return wait_for_mutex(r, m); });
}

SCM try_lock(SCM x) {
  return scm_from_bool(boxed_mutex::argument("mutex-try-lock!", 1, x).try_lock());
}

SCM unlock(SCM x) {
  constexpr auto who = "mutex-unlock!";
  auto& m = boxed_mutex::argument(who, 1, x);
  must_hold(who, m, x);
  m.unlock();
  return SCM_UNSPECIFIED;
}

SCM is_locked(SCM x) {
  return scm_from_bool(boxed_mutex::argument("mutex-locked?", 1, x).held_by().id != 0);
}

// ---- condition variable

SCM make_condition(SCM name) {
  return boxed_condition::make(name_argument("make-condition-variable", name));
}
SCM is_condition(SCM x) { return scm_from_bool(boxed_condition::is(x)); }

SCM wait_condition(SCM x, SCM with) {
  constexpr auto who = "condition-wait!";
  auto& r = waiting(who);
  auto& c = boxed_condition::argument(who, 1, x);
  auto& m = boxed_mutex::argument(who, 2, with);
  must_hold(who, m, with);
  return waits(who, r, scm_cons(x, with), [&] { return wait_for_condition(r, c, m); });
}

SCM notify(SCM x) {
  boxed_condition::argument("condition-notify!", 1, x).notify_one();
  return SCM_UNSPECIFIED;
}
SCM broadcast(SCM x) {
  boxed_condition::argument("condition-broadcast!", 1, x).notify_all();
  return SCM_UNSPECIFIED;
}

// ---- semaphore

std::size_t count_argument(char const* who, int at, SCM n, std::size_t least) {
  if (SCM_UNBNDP(n)) return 1;
  if (!scm_is_exact_integer(n)) scm_wrong_type_arg_msg(who, at, n, "exact integer");
  if (!scm_is_unsigned_integer(n, least, UINT32_MAX))
    scm_out_of_range_pos(who, n, scm_from_int(at));
  return scm_to_size_t(n);
}

SCM make_semaphore(SCM permits) {
  return boxed_semaphore::make(count_argument("make-semaphore", 1, permits, 0));
}
SCM is_semaphore(SCM x) { return scm_from_bool(boxed_semaphore::is(x)); }

SCM acquire_permits(SCM x, SCM permits) {
  constexpr auto who = "semaphore-acquire!";
  auto& r = waiting(who);
  auto& s = boxed_semaphore::argument(who, 1, x);
  auto const n = count_argument(who, 2, permits, 1);
  if (s.try_acquire(n)) return SCM_UNSPECIFIED;
  return waits(who, r, x, [&] { return wait_for_permits(r, s, n); });
}

SCM try_acquire_permits(SCM x, SCM permits) {
  constexpr auto who = "semaphore-try-acquire!";
  auto& s = boxed_semaphore::argument(who, 1, x);
  return scm_from_bool(s.try_acquire(count_argument(who, 2, permits, 1)));
}

SCM release_permits(SCM x, SCM permits) {
  constexpr auto who = "semaphore-release!";
  auto& s = boxed_semaphore::argument(who, 1, x);
  s.release(count_argument(who, 2, permits, 1));
  return SCM_UNSPECIFIED;
}

SCM available(SCM x) {
  return scm_from_size_t(boxed_semaphore::argument("semaphore-available", 1, x).available());
}

// ---- barrier

// One that is broken holds the error that broke it.
void drop_barrier(void* object, void*) { reinterpret_cast<boxed_barrier*>(object)->it.~barrier(); }

SCM make_barrier(SCM parties) {
  SCM const made = boxed_barrier::make(count_argument("make-barrier", 1, parties, 1));
  GC_register_finalizer_no_order(SCM_UNPACK_POINTER(made), drop_barrier, nullptr, nullptr, nullptr);
  return made;
}
SCM is_barrier(SCM x) { return scm_from_bool(boxed_barrier::is(x)); }

SCM wait_at_barrier(SCM x) {
  constexpr auto who = "barrier-wait!";
  auto& r = waiting(who);
  auto& b = boxed_barrier::argument(who, 1, x);
  return waits(who, r, x, [&] { return wait_for_phase(r, b, b.arrive()); });
}

SCM reset_barrier(SCM x) {
  boxed_barrier::argument("barrier-reset!", 1, x).reset();
  return SCM_UNSPECIFIED;
}

// ---- gate: opens once

SCM make_gate() { return boxed_gate::make(); }
SCM pass_gate(SCM x) {
  constexpr auto who = "pass-gate";
  auto& r = waiting(who);
  auto& g = boxed_gate::argument(who, 1, x);
  if (g.is_open()) return SCM_UNSPECIFIED;
  return waits(who, r, x, [&] { return wait_for_gate(r, g); });
}
SCM open_gate(SCM x) {
  boxed_gate::argument("open-gate!", 1, x).open();
  return SCM_UNSPECIFIED;
}

}  // namespace

void define_sync() {
  boxed_mutex::define_type("mutex");
  boxed_condition::define_type("condition-variable");
  boxed_semaphore::define_type("semaphore");
  boxed_barrier::define_type("barrier");
  boxed_gate::define_type("gate");
  define("%make-mutex", 0, 1, make_mutex);
  define("%mutex?", 1, 0, is_mutex);
  define("%mutex-lock!", 1, 0, lock);
  define("%mutex-try-lock!", 1, 0, try_lock);
  define("%mutex-unlock!", 1, 0, unlock);
  define("%mutex-locked?", 1, 0, is_locked);
  define("%make-condition-variable", 0, 1, make_condition);
  define("%condition-variable?", 1, 0, is_condition);
  define("%condition-wait!", 2, 0, wait_condition);
  define("%condition-notify!", 1, 0, notify);
  define("%condition-broadcast!", 1, 0, broadcast);
  define("%make-semaphore", 1, 0, make_semaphore);
  define("%semaphore?", 1, 0, is_semaphore);
  define("%semaphore-acquire!", 1, 1, acquire_permits);
  define("%semaphore-try-acquire!", 1, 1, try_acquire_permits);
  define("%semaphore-release!", 1, 1, release_permits);
  define("%semaphore-available", 1, 0, available);
  define("%make-barrier", 1, 0, make_barrier);
  define("%barrier?", 1, 0, is_barrier);
  define("%barrier-wait!", 1, 0, wait_at_barrier);
  define("%barrier-reset!", 1, 0, reset_barrier);
  define("%make-gate", 0, 0, make_gate);
  define("%pass-gate", 1, 0, pass_gate);
  define("%open-gate!", 1, 0, open_gate);
}

}  // namespace weft::inline WEFT_ON::scheme::detail
