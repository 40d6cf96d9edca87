// SPDX-License-Identifier: Apache-2.0
#include <weft/base/thread.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <pthread.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using weft::this_thread;
using weft::thread_record;

template <class F>
void in_a_thread(F f) {
  std::thread(f).join();
}

std::size_t records() {
  std::size_t n = 0;
  for (auto* r = weft::all_threads(); r; r = r->next()) ++n;
  return n;
}

TEST(thread_record, is_one_for_each_thread_and_listed) {
  auto* mine = this_thread();
  EXPECT_EQ(mine, this_thread());
  EXPECT_TRUE(mine->alive());
  EXPECT_EQ(mine->tid(), ::gettid());
  in_a_thread([&] {
    EXPECT_NE(this_thread(), mine);
    EXPECT_NE(this_thread()->slot(), mine->slot());
    bool listed = false;
    for (auto* r = weft::all_threads(); r; r = r->next()) listed |= r == this_thread();
    EXPECT_TRUE(listed);
  });
}

TEST(thread_record, is_used_again_with_a_new_generation) {
  thread_record* first = nullptr;
  unsigned generation = 0;
  in_a_thread([&] {
    first = this_thread();
    generation = first->generation();
    first->set(weft::room::scheme, &generation);
    first->set_name("first");
  });
  EXPECT_FALSE(first->alive());
  auto const before = records();
  bool reused = false;
  in_a_thread([&] {
    if (this_thread() == first) {
      reused = true;
      EXPECT_GT(first->generation(), generation);
      EXPECT_EQ(first->get(weft::room::scheme), nullptr);
      EXPECT_EQ(first->name(), "");
    }
  });
  EXPECT_TRUE(reused);
  EXPECT_EQ(records(), before);
}

TEST(thread_record, slots_do_not_grow_with_threads_that_end) {
  auto const before = records();
  std::atomic<unsigned> highest{0};
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> all;
    for (int t = 0; t < 8; ++t) {
      all.emplace_back([&] {
        auto const slot = this_thread()->slot();
        for (unsigned seen = highest; seen < slot && !highest.compare_exchange_weak(seen, slot);) {
        }
      });
    }
    for (auto& t : all) t.join();
  }
  EXPECT_LE(records(), before + 8);
  EXPECT_LT(highest, records());
}

std::string order;
template <char Mark>
void note(thread_record&, void*) noexcept {
  order += Mark;
}

TEST(thread_record, exit_hooks_run_in_reverse_order_and_may_add_others) {
  order.clear();
  in_a_thread([] {
    auto* r = this_thread();
    r->at_exit(note<'a'>, nullptr);
    r->at_exit([](thread_record& t, void*) noexcept { t.at_exit(note<'x'>, nullptr); }, nullptr);
    r->at_exit(note<'b'>, nullptr);
    EXPECT_EQ(order, "");
  });
  EXPECT_EQ(order, "bxa");
}

TEST(thread_record, an_exit_hook_gets_its_argument_and_its_own_thread) {
  static thread_record* seen;
  static bool same;
  int argument = 0;
  in_a_thread([&] {
    seen = this_thread();
    seen->at_exit(
        [](thread_record& r, void* arg) noexcept {
          same = &r == seen && &r == this_thread() && r.alive();
          *static_cast<int*>(arg) = 7;
        },
        &argument);
  });
  EXPECT_TRUE(same);
  EXPECT_EQ(argument, 7);
}

// Constructed before the record is first asked for, so destroyed after it was given back.
std::atomic<int> late_hooks{0};
struct late {
  int touched = 0;
  ~late() {
    this_thread()->at_exit([](thread_record&, void*) noexcept { ++late_hooks; }, nullptr);
  }
};
thread_local late local_of_a_stranger;

TEST(thread_record, asked_for_by_a_later_destructor_is_given_back_again) {
  auto const before = records();
  for (int i = 0; i < 20; ++i) {
    in_a_thread([] {
      local_of_a_stranger.touched = 1;
      (void)this_thread();
    });
  }
  EXPECT_EQ(late_hooks, 20);
  EXPECT_LE(records(), before + 1);
}

TEST(thread_record, name_is_cut_to_what_the_kernel_takes) {
  in_a_thread([] {
    this_thread()->set_name("a name that is much too long");
    EXPECT_EQ(this_thread()->name(), "a name that is ");
    char seen[32];
    ::pthread_getname_np(::pthread_self(), seen, sizeof seen);
    EXPECT_STREQ(seen, "a name that is ");
  });
}

TEST(thread_record, name_may_be_read_while_it_changes) {
  auto* r = this_thread();
  std::atomic<bool> stop{false};
  std::thread reader([&] {
    while (!stop) EXPECT_LE(r->name().size(), 15u);
  });
  for (int i = 0; i < 200; ++i) r->set_name(i % 2 ? "one" : "another_longer");
  stop = true;
  reader.join();
  r->set_name("");
}

}  // namespace
