// SPDX-License-Identifier: Apache-2.0
#include <weft/wait/waiter.hpp>

#include <gtest/gtest.h>

namespace {

using claim = weft::waiter::claim;
using armed = weft::waiter::armed;

// A waiter whose owner is the test.
class probe : public weft::waiter {
 public:
  using waiter::arm;
  using waiter::asleep;
  using waiter::begin;
  using waiter::clear_nudge;
  using waiter::close;
  using waiter::end_self;
  int wakes = 0;

 private:
  void wake() noexcept override { ++wakes; }
};

struct open_wait : probe {
  explicit open_wait(bool shielded = false) { begin(shielded); }
};

struct node : weft::wait_node {
  node(weft::wait_list& l, weft::waiter& w, weft::case_id i) {
    who = &w;
    index = i;
    l.push_back(*this);
  }
};

TEST(waiter, that_does_not_wait_cannot_be_claimed) {
  probe w;
  EXPECT_EQ(w.try_claim(), claim::gone);
  EXPECT_EQ(w.try_claim_cancel(), claim::gone);
  w.nudge();
  w.begin(false);
  EXPECT_EQ(w.arm(), armed::suspended) << "a nudge before the wait is none";
}

TEST(waiter, is_claimed_by_one_and_ends_once) {
  open_wait w;
  EXPECT_EQ(w.try_claim(), claim::won);
  EXPECT_EQ(w.try_claim(), claim::busy);
  w.commit(3);
  EXPECT_EQ(w.try_claim(), claim::gone);
  EXPECT_FALSE(w.claim_or_gone());
  EXPECT_TRUE(w.ended());
  EXPECT_EQ(w.winner(), 3u);
}

TEST(waiter, that_ended_before_it_slept_is_not_woken) {
  open_wait w;
  ASSERT_TRUE(w.claim_or_gone());
  w.commit(0);
  EXPECT_EQ(w.arm(), armed::ended);
  EXPECT_EQ(w.wakes, 0);
}

TEST(waiter, that_sleeps_is_woken_once) {
  open_wait w;
  ASSERT_EQ(w.arm(), armed::suspended);
  std::uint32_t word = 0;
  EXPECT_TRUE(w.asleep(word));
  ASSERT_TRUE(w.claim_or_gone());
  EXPECT_EQ(w.wakes, 0);
  w.commit(1);
  EXPECT_EQ(w.wakes, 1);
  EXPECT_FALSE(w.asleep(word));
}

TEST(waiter, whose_claim_is_given_back_waits_on) {
  open_wait w;
  ASSERT_EQ(w.arm(), armed::suspended);
  ASSERT_TRUE(w.claim_or_gone());
  w.unclaim();
  EXPECT_EQ(w.wakes, 0);
  EXPECT_EQ(w.try_claim(), claim::won);
  w.commit(0);
  EXPECT_EQ(w.wakes, 1);
}

TEST(waiter, that_is_nudged_before_it_sleeps_tries_again_once) {
  open_wait w;
  w.nudge();
  w.nudge();
  EXPECT_EQ(w.arm(), armed::nudged);
  EXPECT_EQ(w.arm(), armed::suspended);
  EXPECT_EQ(w.wakes, 0);
}

TEST(waiter, that_is_nudged_asleep_is_woken_once_and_waits_on) {
  open_wait w;
  ASSERT_EQ(w.arm(), armed::suspended);
  w.nudge();
  w.nudge();
  EXPECT_EQ(w.wakes, 1);
  EXPECT_FALSE(w.ended());
  w.clear_nudge();
  EXPECT_EQ(w.arm(), armed::suspended);
  ASSERT_TRUE(w.claim_or_gone());
  w.commit(0);
  EXPECT_EQ(w.wakes, 2);
}

TEST(waiter, that_is_committed_after_a_nudge_woke_it_is_not_woken_again) {
  open_wait w;
  ASSERT_EQ(w.arm(), armed::suspended);
  w.nudge();
  ASSERT_TRUE(w.claim_or_gone());
  w.commit(0);
  EXPECT_EQ(w.wakes, 1);
  EXPECT_TRUE(w.ended());
}

TEST(waiter, nudged_while_it_is_claimed_is_told_when_the_claim_is_given_back) {
  open_wait w;
  ASSERT_EQ(w.arm(), armed::suspended);
  ASSERT_TRUE(w.claim_or_gone());
  w.nudge();
  EXPECT_EQ(w.wakes, 0);
  w.unclaim();
  EXPECT_EQ(w.wakes, 1);

  open_wait awake;
  ASSERT_TRUE(awake.claim_or_gone());
  awake.nudge();
  awake.unclaim();
  EXPECT_EQ(awake.arm(), armed::nudged);
}

TEST(waiter, nudged_while_it_is_claimed_is_woken_once_by_the_commit) {
  open_wait w;
  ASSERT_EQ(w.arm(), armed::suspended);
  ASSERT_TRUE(w.claim_or_gone());
  w.nudge();
  w.commit(0);
  EXPECT_EQ(w.wakes, 1);
}

TEST(waiter, that_is_shielded_is_passed_by_by_cancellation_only) {
  open_wait w{true};
  EXPECT_EQ(w.try_claim_cancel(), claim::gone);
  EXPECT_EQ(w.try_claim_or_nudge(), claim::won);
  w.commit(0);
}

TEST(waiter, that_is_busy_when_it_is_cancelled_looks_again) {
  open_wait w;
  ASSERT_TRUE(w.claim_or_gone());
  EXPECT_EQ(w.try_claim_cancel(), claim::busy);
  w.unclaim();
  EXPECT_EQ(w.arm(), armed::nudged);
}

TEST(waiter, that_is_busy_when_its_timer_expires_looks_again_even_shielded) {
  open_wait w{true};
  ASSERT_EQ(w.arm(), armed::suspended);
  ASSERT_TRUE(w.claim_or_gone());
  EXPECT_EQ(w.try_claim_or_nudge(), claim::busy);
  w.unclaim();
  EXPECT_EQ(w.wakes, 1);
}

TEST(waiter, can_wait_again) {
  open_wait w;
  w.end_self(2);
  EXPECT_TRUE(w.ended());
  w.close(2);
  EXPECT_EQ(w.try_claim(), claim::gone);
  w.begin(false);
  EXPECT_EQ(w.winner(), weft::no_case);
  EXPECT_EQ(w.try_claim(), claim::won);
  w.commit(4);
  EXPECT_EQ(w.winner(), 4u);
}

TEST(wait_list, serves_the_first_that_still_waits) {
  weft::wait_list l;
  open_wait gone, first, second;
  node a(l, gone, 0), b(l, first, 1), c(l, second, 2);
  gone.end_self(9);
  EXPECT_EQ(weft::claim_first(l), &b);
  EXPECT_FALSE(a.linked());
  EXPECT_FALSE(b.linked());
  EXPECT_TRUE(c.linked());
  EXPECT_EQ(weft::claim_first(l), &c);
  EXPECT_EQ(weft::claim_first(l), nullptr);
  first.commit(1);
  second.commit(2);
}

TEST(wait_list, a_node_knows_that_another_case_won) {
  weft::wait_list l;
  open_wait w;
  node a(l, w, 0), b(l, w, 1);
  weft::wait_node never_hung;
  auto* const won = weft::claim_first(l);
  won->who->commit(won->index);
  EXPECT_FALSE(a.lost());
  EXPECT_TRUE(b.lost());
  EXPECT_FALSE(never_hung.lost());
}

TEST(wait_list, claims_all_and_ends_a_wait_with_two_nodes_once) {
  weft::wait_list l, claimed;
  open_wait w, other;
  node a(l, w, 0), b(l, other, 0), c(l, w, 1);
  weft::claim_all(l, claimed);
  EXPECT_TRUE(l.empty());
  weft::commit_all(claimed);
  EXPECT_TRUE(claimed.empty());
  EXPECT_TRUE(w.ended());
  EXPECT_TRUE(other.ended());
  EXPECT_EQ(w.winner(), 0u);
}

TEST(wait_list, a_meeting_claims_both) {
  weft::wait_list l;
  open_wait own, peer;
  node mine(l, own, 0), theirs(l, peer, 0);
  auto const m = weft::meet_first(l, own);
  EXPECT_EQ(m.outcome, weft::meeting::met);
  EXPECT_EQ(m.other, &theirs);
  EXPECT_TRUE(mine.linked());
  EXPECT_EQ(own.try_claim(), claim::busy);
  EXPECT_EQ(peer.try_claim(), claim::busy);
  own.commit(0);
  peer.commit(0);
}

TEST(wait_list, a_meeting_leaves_no_claim_when_nobody_is_there) {
  weft::wait_list l;
  open_wait own, gone;
  node mine(l, own, 0), old(l, gone, 0);
  gone.end_self(1);
  EXPECT_EQ(weft::meet_first(l, own).outcome, weft::meeting::nobody);
  EXPECT_FALSE(old.linked());
  EXPECT_EQ(own.try_claim(), claim::won);
  own.commit(0);
}

TEST(wait_list, a_meeting_is_lost_when_the_own_wait_has_ended) {
  weft::wait_list l;
  open_wait own, peer;
  node theirs(l, peer, 0);
  own.end_self(5);
  EXPECT_EQ(weft::meet_first(l, own).outcome, weft::meeting::lost);
  EXPECT_EQ(peer.try_claim(), claim::won);
  peer.commit(0);
}

}  // namespace
