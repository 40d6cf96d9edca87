// SPDX-License-Identifier: Apache-2.0
// moodycamel::ReaderWriterQueue as Debian installs it: one producer, one consumer, blocks of two
// slots that are reused. Its fences and its weak_atomic are what <atomic> means here.
#include <weft/check/std.hpp>

#include <readerwriterqueue/readerwriterqueue.h>

#include <weft/check/std_end.hpp>

#include "foreign.hpp"

namespace {

using weft_test::element, weft_test::taken;
using queue = moodycamel::ReaderWriterQueue<element, 2>;

TEST(foreign_readerwriterqueue, hands_over_in_order_while_it_grows) {
  weft_test::exhaust(weft_test::named("grow", 40), [](weft::check::threads& run) {
    queue q(1);
    taken got;
    element e;
    run(
        [&] {
          for (int i = 1; i <= 3; ++i) q.enqueue(i);
        },
        [&] {
          for (int i = 1; i <= 3; ++i)
            if (q.try_dequeue(e)) got.add(e);
        });
    while (q.try_dequeue(e)) got.add(e);
    got.expect_all_in_order(3);
  });
}

TEST(foreign_readerwriterqueue, reuses_its_slots) {
  weft_test::exhaust(weft_test::named("reuse", 40), [](weft::check::threads& run) {
    queue q(2);
    taken got;
    element e;
    int put = 0;
    run(
        [&] {
          for (int i = 0; i < 5; ++i)
            if (q.try_enqueue(put + 1)) ++put;
        },
        [&] {
          for (int i = 0; i < 4; ++i)
            if (q.try_dequeue(e)) got.add(e);
        });
    while (q.try_dequeue(e)) got.add(e);
    got.expect_all_in_order(put);
  });
}

// The consumer looks a thousand times before it sleeps.
TEST(foreign_readerwriterqueue, a_consumer_sleeps_until_there_is_an_item) {
  weft_test::exhaust(weft_test::named("sleep", 1'000), [](weft::check::threads& run) {
    moodycamel::BlockingReaderWriterQueue<element, 2> q(1);
    element e;
    run([&] { q.enqueue(1); }, [&] { q.wait_dequeue(e); });
    weft::check::expect_equal(e.value(), 1);
  });
}

}  // namespace
