// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

namespace {

using testing::HasSubstr;

struct counted {
  explicit counted(int& n) : live(&n) { ++*live; }
  ~counted() { --*live; }
  int* live;
};

// A thread that holds a pin until told otherwise.
class holder {
 public:
  explicit holder(weft::domain& d) : pinned_(1), done_(1) {
    thread_ = std::thread([&] {
      auto const guard = d.pin();
      pinned_.count_down();
      done_.wait();
    });
    pinned_.wait();
  }
  ~holder() {
    done_.count_down();
    thread_.join();
  }

 private:
  std::latch pinned_, done_;
  std::thread thread_;
};

TEST(reclaim, of_a_fresh_domain_is_nothing) {
  weft::domain d;
  EXPECT_EQ(d.reclaim(), 0u);
  auto step = d.attach().start_reclaim().check();
  EXPECT_EQ(std::get<weft::domain::ready>(std::move(step)).reclaim(), 0u);
}

TEST(reclaim, frees_five_when_nobody_is_pinned) {
  weft::domain d;
  int live = 0;
  auto mine = d.attach();
  for (int i = 0; i < 5; ++i) mine.pin().retire(new counted(live));
  EXPECT_EQ(live, 5);
  auto step = mine.start_reclaim().check();
  EXPECT_EQ(std::get<weft::domain::ready>(std::move(step)).reclaim(), 5u);
  EXPECT_EQ(live, 0);
}

TEST(reclaim, is_blocked_by_a_pin_and_says_whose) {
  weft::domain d;
  int live = 0;
  auto mine = d.attach();
  {
    holder other(d);
    mine.pin().retire(new counted(live));
    for (int i = 0; i < 3; ++i) {
      auto step = mine.start_reclaim().check();
      auto const by = std::get<weft::blocked>(step).by;
      EXPECT_NE(by.thread, 0);
      EXPECT_NE(by.thread, weft::native::thread_number());
      EXPECT_EQ(by.epochs, 1u);
      EXPECT_GE(by.age.count(), 0);
    }
    EXPECT_EQ(d.oldest_pin()->epochs, 1u);
    EXPECT_THAT(d.dump(), HasSubstr("holds 1 pins, 1 epochs behind"));
    EXPECT_THAT(d.dump(), HasSubstr("1 objects in limbo, 8 bytes"));
    EXPECT_EQ(live, 1);
  }
  EXPECT_FALSE(d.oldest_pin());
  EXPECT_EQ(d.reclaim(), 1u);
}

TEST(reclaim, of_one_thread_leaves_alone_what_another_has_retired) {
  weft::domain d;
  int live = 0;
  std::latch retired(1), done(1);
  std::thread other([&] {
    d.pin().retire(new counted(live));
    retired.count_down();
    done.wait();
  });
  retired.wait();
  EXPECT_EQ(d.reclaim(), 0u);
  EXPECT_EQ(live, 1);
  done.count_down();
  other.join();
  EXPECT_EQ(d.reclaim(), 1u) << "and takes it when its thread has gone";
}

TEST(reclaim, advances_by_one_and_says_so) {
  weft::domain d;
  auto const step = d.attach().try_advance();
  ASSERT_TRUE(step);
  EXPECT_EQ(step->now, step->old + 1);
  EXPECT_EQ(d.epoch(), step->now);
}

TEST(reclaim, a_scan_of_nobody_signals_nobody) {
  weft::domain d;
  holder other(d);
  for (int i = 0; i < 4; ++i) (void)d.attach().try_advance();
  EXPECT_EQ(d.start_scan(1).signal().signals, 0u);
}

TEST(retire, a_batch_counts_what_is_not_null) {
  weft::domain d;
  int live = 0;
  std::vector<weft::unlinked<counted>> all;
  for (int i = 0; i < 16; ++i) all.push_back(weft::assume_unlinked(new counted(live)));
  all.push_back(weft::assume_unlinked<counted>(nullptr));
  EXPECT_EQ(d.pin().retire(std::span(all)), 16u);
  d.reclaim();
  EXPECT_EQ(live, 0);
}

TEST(retire, on_publish_retires_what_was_there) {
  weft::domain d;
  int live = 0;
  std::atomic<counted*> at{nullptr};
  for (int i = 0; i < 10; ++i) d.pin().retire_on_publish(at, new counted(live));
  EXPECT_EQ(d.limbo_count(), 9u);
  auto last = weft::unlink(at, nullptr);
  EXPECT_EQ(last->live, &live);
  d.pin().retire(std::move(last));
  d.reclaim();
  EXPECT_EQ(live, 0);
}

TEST(retire, a_guard_that_retires_nothing_allocates_nothing) {
  weft::domain d;
  for (int i = 0; i < 100; ++i) (void)d.pin();
  EXPECT_EQ(d.limbo_count(), 0u);
  EXPECT_EQ(d.limbo_bytes(), 0u);
}

TEST(shutdown, frees_what_it_can_and_refuses_further_use) {
  int live = 0;
  {
    weft::domain d;
    d.pin().retire(new counted(live));
    EXPECT_EQ(d.shutdown(), 0u);
    EXPECT_EQ(live, 0);
    try {
      (void)d.pin();
      ADD_FAILURE() << "pinned";
    } catch (weft::error const& e) {
      EXPECT_EQ(e.code(), weft::errc::shut_down);
      EXPECT_THAT(e.what(), HasSubstr("used after shutdown(), at "));
      EXPECT_THAT(e.what(), HasSubstr("reclaim.cpp:"));
    }
    EXPECT_THROW((void)d.attach(), weft::error);
    EXPECT_EQ(d.reclaim(), 0u);
    EXPECT_EQ(d.shutdown(), 0u);
  }
}

TEST(shutdown, says_what_it_could_not_free) {
  int live = 0;
  {
    weft::domain d;
    auto guard = d.pin();
    guard.retire(new counted(live));
    EXPECT_EQ(d.shutdown(), 1u);
    guard.retire(new counted(live));  // who is inside may end its work
    std::move(guard).unpin();
    EXPECT_EQ(live, 2);
  }
  EXPECT_EQ(live, 0);
}

TEST(shutdown_death, a_domain_that_is_bound_is_not_destroyed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  {
    weft::domain d;
    auto const ended = d.bind();
  }  // ends first
  EXPECT_DEATH(
      {
        auto d = std::make_unique<weft::domain>();
        auto const structure = d->bind();
        d.reset();
      },
      "destroyed while a structure is bound to it");
}

TEST(retire_death, what_is_unlinked_is_not_forgotten) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  int x = 0;
  EXPECT_DEATH({ auto const lost = weft::assume_unlinked(&x); }, "neither retired nor released");
}

}  // namespace
