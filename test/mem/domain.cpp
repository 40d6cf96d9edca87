// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

struct counted {
  explicit counted(std::atomic<int>& n) : alive(&n) { ++*alive; }
  ~counted() { --*alive; }
  std::atomic<int>* alive;
};

template <class F>
void in_a_thread(F f) {
  std::thread(f).join();
}

// The same through a policy that is not native: the thread's slot is kept without a record.
struct other_atoms : weft::native {};

template <class Domain>
class domain : public testing::Test {
 protected:
  std::atomic<int> alive{0};  // outlives the domain
  Domain d;
};
using domains = testing::Types<weft::basic_domain<weft::native, 4>, weft::domain,
                               weft::basic_domain<other_atoms, 4>>;
TYPED_TEST_SUITE(domain, domains);

TYPED_TEST(domain, frees_what_was_retired_once_no_pin_is_left) {
  auto& d = this->d;
  {
    auto guard = d.pin();
    guard.retire(new counted(this->alive));
    EXPECT_EQ(d.limbo_count(), 1u);
    d.reclaim();
    EXPECT_EQ(this->alive, 1) << "retired under a pin that still lives";
  }
  EXPECT_EQ(d.reclaim(), 1u);
  EXPECT_EQ(this->alive, 0);
  EXPECT_EQ(d.limbo_count(), 0u);
}

TYPED_TEST(domain, nested_pins_are_counted_and_the_outermost_leaves) {
  auto& d = this->d;
  auto outer = std::make_unique<decltype(d.pin())>(d.pin());
  {
    auto inner = d.pin();
    inner.retire(new counted(this->alive));
  }
  d.reclaim();
  EXPECT_EQ(this->alive, 1);
  outer.reset();
  d.reclaim();
  EXPECT_EQ(this->alive, 0);
}

TYPED_TEST(domain, guards_move_and_may_die_in_any_order) {
  auto& d = this->d;
  using guard = decltype(d.pin());
  static_assert(!std::is_copy_constructible_v<guard>);
  auto a = std::make_unique<guard>(d.pin());
  auto b = std::make_unique<guard>(std::move(*a));
  a.reset();
  b->retire(new counted(this->alive));
  auto c = std::make_unique<guard>(d.pin());
  b.reset();
  d.reclaim();
  EXPECT_EQ(this->alive, 1);
  c.reset();
  d.reclaim();
  EXPECT_EQ(this->alive, 0);
}

TYPED_TEST(domain, a_pin_of_another_thread_holds_back_what_it_may_read) {
  auto& d = this->d;
  std::atomic<counted*> shared{new counted(this->alive)};
  std::atomic<int> stage{0};
  std::thread reader([&] {
    {
      auto guard = d.pin();
      counted* p = guard.load(shared);
      stage = 1;
      stage.notify_all();
      stage.wait(1);
      EXPECT_EQ(p->alive, &this->alive);
    }
    stage = 3;
    stage.notify_all();
    d.leave();
  });
  stage.wait(0);
  {
    auto guard = d.pin();
    guard.retire(shared.exchange(nullptr));
  }
  for (int i = 0; i < 10; ++i) d.reclaim();
  EXPECT_EQ(this->alive, 1);
  stage = 2;
  stage.notify_all();
  stage.wait(2);
  reader.join();
  d.reclaim();
  EXPECT_EQ(this->alive, 0);
}

TYPED_TEST(domain, retiring_alone_frees_in_the_end) {
  auto& d = this->d;
  int most = 0;
  for (int i = 0; i < 10000; ++i) {
    auto guard = d.pin();
    guard.retire(new counted(this->alive));
    most = std::max(most, this->alive.load());
  }
  EXPECT_LE(most, 5 * 128);
  EXPECT_EQ(d.limbo_count(), std::uint64_t(this->alive));
}

TYPED_TEST(domain, takes_deleters_without_state_and_functions) {
  auto& d = this->d;
  static int by_lambda = 0, by_function = 0;
  by_lambda = by_function = 0;
  int x = 0, y = 0;
  {
    auto guard = d.pin();
    guard.retire(&x, [](int*) { ++by_lambda; });
    guard.retire(&y, +[](void*) { ++by_function; });
    guard.retire(static_cast<int*>(nullptr));
    guard.retire(nullptr, +[](void*) { ++by_function; });
  }
  EXPECT_EQ(d.limbo_count(), 2u);
  d.reclaim();
  EXPECT_EQ(by_lambda, 1);
  EXPECT_EQ(by_function, 1);
}

TYPED_TEST(domain, retire_on_cas_retires_only_what_it_replaced) {
  auto& d = this->d;
  auto* first = new counted(this->alive);
  std::atomic<counted*> at{first};
  {
    auto guard = d.pin();
    counted* wrong = nullptr;
    EXPECT_FALSE(guard.retire_on_cas(at, wrong, nullptr));
    EXPECT_EQ(wrong, first);
    EXPECT_EQ(d.limbo_count(), 0u);
    EXPECT_TRUE(guard.retire_on_cas(at, wrong, nullptr));
    EXPECT_EQ(at, nullptr);
    EXPECT_EQ(d.limbo_count(), 1u);
  }
  d.reclaim();
  EXPECT_EQ(this->alive, 0);
}

TYPED_TEST(domain, a_deleter_may_pin_and_retire) {
  struct chain {
    TypeParam* d;
    int left;
    std::atomic<int>* alive;
    ~chain() {
      --*alive;
      if (left == 0) return;
      auto guard = d->pin();
      ++*alive;
      guard.retire(new chain{d, left - 1, alive});
      d->reclaim();  // called inside a deleter it does nothing
    }
  };
  {
    auto guard = this->d.pin();
    ++this->alive;
    guard.retire(new chain{&this->d, 20, &this->alive});
  }
  this->d.reclaim();
  EXPECT_EQ(this->alive, 0);
}

TYPED_TEST(domain, frees_what_is_left_when_it_ends_also_what_deleters_retire) {
  struct chain {
    TypeParam* d;
    int left;
    std::atomic<int>* alive;
    ~chain() {
      --*alive;
      if (left == 0) return;
      ++*alive;
      d->pin().retire(new chain{d, left - 1, alive});
    }
  };
  {
    TypeParam own;
    ++this->alive;
    own.pin().retire(new chain{&own, 9, &this->alive});
    in_a_thread([&] {
      own.pin().retire(new counted(this->alive));
      own.leave();  // by hand, since under other atoms nothing does it at the thread's end
    });
    EXPECT_EQ(this->alive, 2);
  }
  EXPECT_EQ(this->alive, 0);
}

TYPED_TEST(domain, a_thread_that_left_gives_its_slot_and_its_objects_to_the_others) {
  auto& d = this->d;
  for (int i = 0; i < 20; ++i) {
    in_a_thread([&] {
      for (int n = 0; n < 3; ++n) d.pin().retire(new counted(this->alive));
      d.leave();
      d.pin().retire(new counted(this->alive));  // comes back
      d.leave();
    });
  }
  EXPECT_LE(d.slot_count(), 1u);
  d.reclaim();
  EXPECT_EQ(this->alive, 0);
  EXPECT_EQ(d.limbo_count(), 0u);
  EXPECT_EQ(d.leaked_count(), 0u);
}

TEST(domain_threads, that_end_leave_by_themselves) {
  std::atomic<int> alive{0};
  weft::basic_domain<weft::native, 4> d;
  for (int i = 0; i < 50; ++i) {
    in_a_thread([&] {
      for (int n = 0; n < 7; ++n) d.pin().retire(new counted(alive));
    });
  }
  EXPECT_EQ(d.slot_count(), 1u);
  d.reclaim();
  EXPECT_EQ(alive, 0);
}

TEST(domain_threads, may_outlive_a_domain_and_use_the_next) {
  std::atomic<int> alive{0};
  std::atomic<int> round{0};
  std::unique_ptr<weft::domain> d;
  std::thread user([&] {
    for (int i = 1; i <= 40; i += 2) {
      int seen;
      while ((seen = round) < i) round.wait(seen);
      d->pin().retire(new counted(alive));
      ++round;
      round.notify_all();
    }
  });
  for (int i = 0; i < 40; i += 2) {
    d = std::make_unique<weft::domain>();
    ++round;
    round.notify_all();
    int seen;
    while ((seen = round) < i + 2) round.wait(seen);
    d.reset();
    EXPECT_EQ(alive, 0);
  }
  user.join();
}

TEST(domain_threads, many_domains_in_one_thread_keep_apart) {
  std::atomic<int> alive{0};
  std::vector<std::unique_ptr<weft::domain>> all;
  for (int i = 0; i < 20; ++i) all.push_back(std::make_unique<weft::domain>());
  for (int round = 0; round < 3; ++round) {
    for (auto& d : all) d->pin().retire(new counted(alive));
  }
  auto guard = all[3]->pin();
  EXPECT_TRUE(weft::pin_held());
  for (auto& d : all) {
    EXPECT_EQ(d->slot_count(), 1u);
    d->reclaim();
  }
  EXPECT_EQ(alive, 3) << "only the pinned domain holds its objects back";
  {
    auto gone = std::move(guard);
  }
  EXPECT_FALSE(weft::pin_held());
  all[3]->reclaim();
  EXPECT_EQ(alive, 0);
}

TEST(domain_threads, share_the_default_domain) {
  std::atomic<int> alive{0};
  in_a_thread([&] { weft::default_domain().pin().retire(new counted(alive)); });
  weft::default_domain().reclaim();
  EXPECT_EQ(alive, 0);
}

TEST(domain_death, destroying_a_pinned_domain_names_the_mistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto d = std::make_unique<weft::domain>();
        auto guard = d->pin();
        d.reset();
      },
      "a reclamation domain is destroyed while a guard pins it");
}

TEST(domain_death, a_thread_that_ends_with_a_pin_names_the_mistake) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(in_a_thread([] {
                 auto* kept = new auto(weft::default_domain().pin());
                 (void)kept;
               }),
               "leaves a reclamation domain that it is using");
}

}  // namespace
