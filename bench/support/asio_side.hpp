// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/sampler.hpp"

// What Boost.Asio does in the rows. It is compiled in one place because its headers cost more than
// all rows together. One thread: io_context with the concurrency hint 1, run by the thread that
// measures, so without a lock and without a wake-up. Two threads: thread_pool. Asio's cheaper form
// is taken wherever it has one: try_send and try_receive before the awaits, deferred operations
// in a parallel group instead of the operators that start a coroutine a side.
namespace bench::asio_side {

/// ns per coroutine that is spawned, ends at once and is joined with the others of its batch.
sample spawn(unsigned threads, std::uint64_t batch);
/// ns per await of a coroutine that gives its value at once.
sample await_leaf();
/// ns per round: a receive from either of two channels, the send that ends it, an acknowledgement.
sample select_two();
/// ns per round, as select_two(): a receive, or a timer of 10 s.
sample receive_or_timeout();
/// ns per message through a channel of this capacity.
sample messages(unsigned threads, unsigned senders, unsigned receivers, std::size_t capacity);
/// ns for adding and cancelling one timer beside `pending` others.
sample timers(std::uint64_t pending);
/// Bytes for each of so many coroutines that sleep.
sample sleeping_bytes(std::uint64_t coroutines);

}  // namespace bench::asio_side
