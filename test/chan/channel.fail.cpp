// SPDX-License-Identifier: Apache-2.0
#include <weft/weft.hpp>

// Values move under the channel's lock, between a claim and its commit.
struct may_throw {
  may_throw() = default;
  may_throw(may_throw&&) noexcept(false) {}
  may_throw& operator=(may_throw&&) noexcept(false) { return *this; }
};

void sends(weft::sender<std::unique_ptr<may_throw>>& tx) {
  (void)tx.try_send(std::make_unique<may_throw>());
}

#ifdef FAIL_a_value_whose_move_may_throw
// error: a channel moves its values under its lock
auto throws_under_the_lock() { return weft::make_channel<may_throw>(1); }
#endif

#ifdef FAIL_a_value_that_cannot_be_moved
// error: a channel moves its values under its lock
struct stays {
  stays(stays&&) = delete;
};
auto cannot_move() { return weft::make_channel<stays>(1); }
#endif
