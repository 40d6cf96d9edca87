// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

#pragma GCC diagnostic error "-Wunused-result"

using namespace std::chrono_literals;

// What is right.
weft::task<int> child() { co_return 1; }
weft::task<> right(weft::gate& g, weft::mutex& m) {
  auto op = g.opened();
  co_await std::move(op);
  auto t = child();
  (void)co_await std::move(t);
  co_await (g.opened() | weft::timeout(1s));
  auto guard = co_await m.acquire();
}

#ifdef FAIL_a_named_operation
// error: deleted
weft::task<> named(weft::gate& g) {
  auto op = g.opened();
  co_await op;
}
#endif

#ifdef FAIL_a_named_task
// error: deleted
weft::task<> named_task() {
  auto t = child();
  (void)co_await t;
}
#endif

#ifdef FAIL_a_named_operation_in_a_select
// error: select
auto selected(weft::gate& g) {
  auto op = g.opened();
  return weft::select(op, weft::after(1s));
}
#endif

#ifdef FAIL_a_named_operation_that_is_composed
// error: operator\||operator ?\|
auto composed(weft::gate& g) {
  auto op = g.opened();
  return op | weft::timeout(1s);
}
#endif

#ifdef FAIL_a_named_operation_waited_for
// error: wait
void waited(weft::gate& g) {
  auto op = g.opened();
  op.wait();
}
#endif

#ifdef FAIL_a_copied_operation
// error: deleted
auto copied(weft::gate& g) {
  auto op = g.opened();
  auto again = op;
  return again;
}
#endif

#ifdef FAIL_a_dropped_operation
// error: nodiscard|unused
void dropped(weft::mutex& m) { m.acquire(); }
#endif

#ifdef FAIL_a_dropped_composition
// error: nodiscard|unused
void dropped_select(weft::gate& g) { weft::select(g.opened(), weft::after(1s)); }
#endif

#ifdef FAIL_a_dropped_guard
// error: nodiscard|unused
void dropped_guard(weft::mutex& m) { m.acquire().wait(); }
#endif

#ifdef FAIL_a_dropped_task
// error: nodiscard|unused
void dropped_task() { child(); }
#endif
