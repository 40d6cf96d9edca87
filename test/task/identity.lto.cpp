// SPDX-License-Identifier: Apache-2.0
#include <weft/base/thread.hpp>
#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <vector>

// Compilers take the identity of the thread for a constant of a function, and a coroutine is one
// function to them, though it goes on in another thread. Linked together with the library, where
// nothing is opaque, a resumed task must see the thread that it runs on.

namespace {

struct mark_tag;
using mark = weft::native::thread_slot<int, mark_tag>;

struct seen {
  unsigned slot;
  void* room;
  int mark;
  int tid;
  bool on_first;
  bool on_second;
  weft::runtime* current;
};

weft::runtime* first = nullptr;
weft::runtime* second = nullptr;

// Everything in the library that depends on the thread, asked inline as a task would.
inline seen look() {
  auto* const r = weft::this_thread();
  return {r->slot(),          r->get(weft::room::exec), mark::get(), r->tid(),
          first->on_worker(), second->on_worker(),      &weft::current_runtime()};
}

weft::task<int> hops(int times) {
  int wrong = 0;
  co_await weft::resume_on(*first);
  auto const a = look();
  mark::set(1);
  co_await weft::resume_on(*second);
  auto const b = look();
  mark::set(2);
  wrong += a.slot == b.slot;
  wrong += a.room == b.room;
  wrong += a.tid == b.tid;
  wrong += !a.on_first || a.on_second || a.current != first;
  wrong += b.on_first || !b.on_second || b.current != second;
  for (int i = 0; i < times; ++i) {
    co_await weft::resume_on(*first);
    auto const c = look();
    wrong += c.slot != a.slot || c.room != a.room || c.tid != a.tid || c.mark != 1;
    wrong += c.current != first;
    co_await weft::resume_on(*second);
    auto const d = look();
    wrong += d.slot != b.slot || d.room != b.room || d.tid != b.tid || d.mark != 2;
    wrong += d.current != second;
  }
  co_return wrong;
}

TEST(identity, a_task_resumed_on_another_thread_sees_that_thread) {
  weft::runtime one{{.workers = 1}};
  weft::runtime two{{.workers = 1}};
  first = &one;
  second = &two;
  EXPECT_EQ(weft::sync_wait(hops(1000), one), 0);
}

// Frames allocated and freed, scopes entered and contexts looked up on both sides of a move.
weft::task<int> works(int depth) {
  if (depth == 0) co_return 1;
  if (weft::is_cancelled()) co_return 0;
  auto* const where = depth % 2 != 0 ? first : second;
  co_await weft::resume_on(*where);
  bool const here = where->on_worker();
  int const below = co_await works(depth - 1);
  co_return below + (here ? 1 : 0);
}

TEST(identity, what_the_library_keeps_for_each_thread_follows_the_task) {
  weft::runtime one{{.workers = 2}};
  weft::runtime two{{.workers = 2}};
  first = &one;
  second = &two;
  weft::group g{one};
  std::vector<weft::future<int>> all;
  for (int i = 0; i < 50; ++i) all.push_back(g.spawn(&works, 100));
  for (auto& f : all) EXPECT_EQ(f.get().wait(), 101);
  g.join().wait();
}

}  // namespace
