// SPDX-License-Identifier: Apache-2.0
// boost::lockfree::spsc_queue as installed: a ring of two between one producer and one consumer.
#include <weft/check/std.hpp>

#include <boost/lockfree/spsc_queue.hpp>

#include <weft/check/std_end.hpp>

#include "foreign.hpp"

namespace {

using weft_test::element, weft_test::taken;
using queue = boost::lockfree::spsc_queue<element, boost::lockfree::capacity<2>>;

TEST(foreign_spsc_queue, hands_over_in_order) {
  weft_test::exhaust(weft_test::named("ring", 40), [](weft::check::threads& run) {
    queue q;
    taken got;
    element e;
    int put = 0;
    run(
        [&] {
          for (int i = 0; i < 4; ++i)
            if (q.push(put + 1)) ++put;
        },
        [&] {
          for (int i = 0; i < 3; ++i)
            if (q.pop(e)) got.add(e);
        });
    while (q.pop(e)) got.add(e);
    got.expect_all_in_order(put);
  });
}

}  // namespace
