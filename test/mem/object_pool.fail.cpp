// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>
#include <weft/mem/object_pool.hpp>

#pragma GCC diagnostic error "-Wunused-result"

struct node {
  int value = 0;
};

// What is right.
inline void right(weft::object_pool<node>& pool, weft::domain& domain) {
  pool.release(pool.acquire());
  auto own = pool.make();
  auto guard = domain.pin();
  guard.retire(pool.acquire(), pool.deleter());
}

#ifdef FAIL_an_object_that_nobody_keeps
// error: nodiscard|unused
void dropped(weft::object_pool<node>& pool) { pool.acquire(); }
#endif

#ifdef FAIL_a_copied_pool
// error: deleted
auto copied(weft::object_pool<node>& pool) { return weft::object_pool<node>{pool}; }
#endif

#ifdef FAIL_an_object_of_another_type
// error: release
void wrong(weft::object_pool<node>& pool, int* p) { pool.release(p); }
#endif

#ifdef FAIL_a_pool_of_arrays
// error: a pool is of objects that can be made and destroyed
weft::object_pool<int[4]> arrays;
#endif

#ifdef FAIL_a_destructor_that_throws
// error: what a pool destroys must not throw
struct loud {
  ~loud() noexcept(false) {}
};
weft::object_pool<loud> throwing;
#endif

#ifdef FAIL_retiring_without_a_pin
// error: retire
void unpinned(weft::domain& domain, node* n) { domain.retire(n); }
#endif

#ifdef FAIL_a_pin_that_nobody_keeps
// error: nodiscard|unused
void no_guard(weft::domain& domain) { domain.pin(); }
#endif

#ifdef FAIL_a_copied_guard
// error: deleted
void shared(weft::domain& domain) {
  auto guard = domain.pin();
  auto other = guard;
}
#endif

#ifdef FAIL_unpinning_a_guard_that_may_be_used_again
// error: unpin
void unpinned_twice(weft::domain& domain) {
  auto guard = domain.pin();
  guard.unpin();
}
#endif
