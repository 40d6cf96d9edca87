// SPDX-License-Identifier: Apache-2.0
// moodycamel::ConcurrentQueue and its blocking form as Debian installs them, with blocks of two.
//
// Producers bring tokens. Without one the queue asks for the address of a __thread variable, which
// all threads of a scenario share; those members are switched off by the traits.
#include <weft/check/std.hpp>
#undef __thread

#include <concurrentqueue/blockingconcurrentqueue.h>

#include <weft/check/std_end.hpp>

#include "foreign.hpp"

namespace {

using weft_test::element, weft_test::taken;

struct tiny : moodycamel::ConcurrentQueueDefaultTraits {
  static constexpr size_t BLOCK_SIZE = 2;
  static constexpr size_t EXPLICIT_INITIAL_INDEX_SIZE = 2;
  static constexpr size_t INITIAL_IMPLICIT_PRODUCER_HASH_SIZE = 0;
  static constexpr int MAX_SEMA_SPINS = 0;
};

TEST(foreign_concurrentqueue, two_consumers_share_what_one_producer_makes) {
  weft_test::exhaust(weft_test::named("share", 500), [](weft::check::threads& run) {
    moodycamel::ConcurrentQueue<element, tiny> q(2);
    moodycamel::ProducerToken const from(q);
    taken got[3];
    auto const take = [&](taken& mine) {
      element e;
      if (q.try_dequeue_from_producer(from, e)) mine.add(e);
    };
    run(
        [&] {
          for (int i = 1; i <= 3; ++i) q.enqueue(from, i);
        },
        [&] { take(got[0]); }, [&] { take(got[1]); });
    for (int i = 0; i < 3; ++i) take(got[2]);
    for (int i = 1; i <= 3; ++i) {
      weft::check::expect_equal(got[0].times(i) + got[1].times(i) + got[2].times(i), 1);
    }
    weft::check::expect(got[2].rising(), "one producer's items come out in its order");
  });
}

TEST(foreign_concurrentqueue, reuses_its_blocks) {
  weft_test::exhaust(weft_test::named("blocks", 40), [](weft::check::threads& run) {
    moodycamel::ConcurrentQueue<element, tiny> q(4);
    moodycamel::ProducerToken const from(q);
    taken got;
    element e;
    run(
        [&] {
          for (int i = 1; i <= 5; ++i) q.enqueue(from, i);
        },
        [&] {
          for (int i = 1; i <= 2; ++i)
            if (q.try_dequeue_from_producer(from, e)) got.add(e);
        });
    while (q.try_dequeue_from_producer(from, e)) got.add(e);
    got.expect_all_in_order(5);
  });
}

TEST(foreign_concurrentqueue, a_consumer_sleeps_until_there_is_an_item) {
  weft_test::exhaust(weft_test::named("sleep", 100), [](weft::check::threads& run) {
    moodycamel::BlockingConcurrentQueue<element, tiny> q(2);
    moodycamel::ProducerToken const from(q);
    taken got;
    run(
        [&] {
          for (int i = 1; i <= 2; ++i) q.enqueue(from, i);
        },
        [&] {
          element e;
          for (int i = 1; i <= 2; ++i) {
            q.wait_dequeue(e);
            got.add(e);
          }
        });
    got.expect_all_in_order(2);
  });
}

}  // namespace
