// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using testing::HasSubstr;
using registration = weft::domain::registration;

static_assert(!std::is_copy_constructible_v<registration>);
static_assert(!std::is_copy_constructible_v<weft::domain::pinned>);
static_assert(!std::is_default_constructible_v<weft::domain::pinned>);

template <class F>
void in_a_thread(F f) {
  std::thread(f).join();
}

// So many threads, registered until told to go.
class members {
 public:
  members(weft::domain& d, int n) : there_(n), go_(1) {
    for (int i = 0; i < n; ++i) {
      threads_.emplace_back([&] {
        (void)d.attach();
        there_.count_down();
        go_.wait();
      });
    }
    there_.wait();
  }
  ~members() { end(); }
  void end() {
    if (threads_.empty()) return;
    go_.count_down();
    for (auto& t : threads_) t.join();
    threads_.clear();
  }

 private:
  std::latch there_, go_;
  std::vector<std::thread> threads_;
};

std::string refusal(weft::domain& d) {
  try {
    (void)d.attach();
  } catch (weft::registration_error const& e) {
    EXPECT_EQ(e.code(), weft::errc::registration);
    return e.what();
  }
  return "registered";
}

TEST(registration, one_more_than_the_bound_is_refused_and_nothing_else_changes) {
  weft::domain d{{.most_threads = 3}};
  {
    members three(d, 3);
    auto const text = refusal(d);
    EXPECT_THAT(text, HasSubstr("maximum threads already registered"));
    EXPECT_THAT(text, HasSubstr("domain is 3, and 3 threads are registered"));
    EXPECT_THAT(text, HasSubstr("registration.cpp:"));
    EXPECT_THAT(text, HasSubstr("call leave() in it"));
    EXPECT_THAT(text, HasSubstr("most_threads"));
    EXPECT_THROW((void)d.pin(), weft::registration_error);
    EXPECT_EQ(d.reclaim(), 0u) << "who has no slot has nothing to reclaim";
    EXPECT_EQ(d.slot_count(), 3u);
    EXPECT_EQ(d.thread_count(), 3u);
    three.end();
    EXPECT_EQ(d.thread_count(), 0u);
  }
  (void)d.pin();
  EXPECT_EQ(d.thread_count(), 1u);
}

TEST(registration, four_at_once_get_four_slots) {
  weft::domain d;
  members four(d, 4);
  EXPECT_EQ(d.slot_count(), 4u);
  EXPECT_EQ(d.thread_count(), 4u);
}

TEST(registration, a_thousand_threads_one_after_the_other_use_eight_slots) {
  weft::domain d{{.most_threads = 8}};
  for (int i = 0; i < 125; ++i) members eight(d, 8);
  EXPECT_LE(d.slot_count(), 9u);  // one that leaves counts down just before its slot is free
}

TEST(registration, a_second_one_of_a_thread_is_the_same_slot) {
  weft::domain d{{.most_threads = 1}};
  auto one = d.attach();
  auto two = d.attach();
  auto const pin = d.pin();
  auto const again = two.pin();
  EXPECT_EQ(d.slot_count(), 1u);
  (void)one.pin();
}

TEST(registration, leaving_twice_does_nothing_and_the_slot_is_used_again) {
  weft::domain d;
  auto mine = d.attach();
  std::move(mine).leave();
  EXPECT_EQ(d.thread_count(), 0u);
  d.leave();
  d.leave();
  in_a_thread([&] {
    (void)d.attach();
    EXPECT_EQ(d.slot_count(), 1u);
  });
}

TEST(registration, every_fourth_call_advances) {
  weft::domain d{{.automatic = false}};
  auto mine = d.attach();
  auto const before = d.epoch();
  int advances = 0;
  for (int i = 0; i < 12; ++i) advances += mine.advance_every<4>();
  EXPECT_EQ(advances, 3);
  EXPECT_EQ(d.epoch(), before + 3);
}

TEST(registration, its_count_is_its_own) {
  weft::domain d;
  auto mine = d.attach();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(mine.advance_every<4>());
  auto another = d.attach();
  EXPECT_FALSE(another.advance_every<4>());
  EXPECT_TRUE(mine.advance_every<4>());
}

TEST(registration, a_pin_elsewhere_keeps_the_epoch_back) {
  weft::domain d;
  auto mine = d.attach();
  std::latch pinned(1), done(1);
  std::thread other([&] {
    auto const guard = d.pin();
    pinned.count_down();
    done.wait();
  });
  pinned.wait();
  EXPECT_TRUE(mine.try_advance()) << "the pin has seen this epoch";
  EXPECT_FALSE(mine.try_advance());
  EXPECT_FALSE(mine.try_advance());
  done.count_down();
  other.join();
  EXPECT_TRUE(mine.try_advance());
}

TEST(registration, without_automatic_reclamation_only_reclaim_frees) {
  static int freed = 0;
  freed = 0;
  weft::basic_domain<weft::native, 4> d{{.automatic = false}};
  auto mine = d.attach();
  int x = 0;
  for (int i = 0; i < 100; ++i) mine.pin().retire(&x, [](int*) { ++freed; });
  EXPECT_EQ(freed, 0);
  EXPECT_EQ(d.limbo_count(), 100u);
  EXPECT_EQ(d.limbo_bytes(), 100 * sizeof(int));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(mine.reclaim_every<4>(), 0u);
  EXPECT_EQ(mine.reclaim_every<4>(), 100u);
  EXPECT_EQ(freed, 100);
  EXPECT_EQ(d.limbo_bytes(), 0u);
}

TEST(registration_death, a_stale_one_is_refused) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::domain d;
        auto mine = d.attach();
        d.leave();
        (void)d.attach();
        (void)mine.pin();
      },
      "after its slot was given back");
}

TEST(registration_death, one_of_another_thread_is_refused) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::domain d;
        auto mine = d.attach();
        in_a_thread([&] { (void)mine.pin(); });
      },
      "in a thread whose it is not\n  at .*registration.cpp");
}

TEST(registration_death, leaving_with_a_pin_is_refused) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::domain d;
        auto const guard = d.pin();
        d.leave();
      },
      "gives back its slot of a reclamation domain that it is using");
}

}  // namespace
