// SPDX-License-Identifier: Apache-2.0
#include <weft/base/atoms.hpp>

#include <weft/base/backoff.hpp>
#include <weft/base/error.hpp>
#include <weft/base/list.hpp>
#include <weft/base/spin_lock.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <source_location>
#include <string>
#include <thread>
#include <vector>

namespace {

using weft::native;
using namespace std::chrono_literals;

TEST(park, returns_at_once_if_the_word_differs) {
  native::atomic<std::uint32_t> word{1};
  EXPECT_TRUE(native::park(word, 0));
}

TEST(park, ends_at_its_deadline) {
  native::atomic<std::uint32_t> word{0};
  auto const start = native::now();
  while (native::park(word, 0, start + 20ms)) {  // it may return early
  }
  EXPECT_GE(native::now(), start + 20ms);
  EXPECT_FALSE(native::park(word, 0, start));
  EXPECT_FALSE(native::park(word, 0, weft::time_point{}));
}

TEST(park, sleepers_are_woken_one_or_all) {
  native::atomic<std::uint32_t> word{0};
  std::atomic<int> awake{0};
  std::vector<std::thread> sleepers;
  for (int i = 0; i < 4; ++i) {
    sleepers.emplace_back([&] {
      while (word.load() == 0) native::park(word, 0);
      ++awake;
    });
  }
  word.store(1);
  native::unpark_one(&word);
  native::unpark_all(&word);
  for (auto& t : sleepers) t.join();
  EXPECT_EQ(awake, 4);
}

TEST(park, ping_pong_loses_no_wake_up) {
  native::atomic<std::uint32_t> word{0};
  constexpr std::uint32_t rounds = 5000;
  auto play = [&](std::uint32_t mine) {
    for (std::uint32_t i = mine; i < 2 * rounds; i += 2) {
      for (std::uint32_t seen; (seen = word.load()) != i;) native::park(word, seen);
      word.store(i + 1);
      native::unpark_one(&word);
    }
  };
  std::thread other(play, 1);
  play(0);
  other.join();
  EXPECT_EQ(word.load(), 2 * rounds);
}

// Store-load pairs: of two threads that each set a flag and look at the other's, one sees it.
template <class A, class B>
int both_blind(int times, A first_barrier, B second_barrier) {
  struct alignas(256) world {
    alignas(128) std::atomic<int> x{0};
    alignas(128) std::atomic<int> y{0};
    int saw_y = 0, saw_x = 0;
    std::atomic<int> arrived{0};
  };
  std::vector<world> worlds(static_cast<std::size_t>(times));
  auto meet = [](world& w) {
    ++w.arrived;
    for (int n = 0; w.arrived < 2; ++n) {
      if (n > 200) native::yield();
    }
  };
  std::thread other([&] {
    for (auto& w : worlds) {
      meet(w);
      w.y.store(1, std::memory_order_relaxed);
      second_barrier();
      w.saw_x = w.x.load(std::memory_order_relaxed);
    }
  });
  for (auto& w : worlds) {
    meet(w);
    w.x.store(1, std::memory_order_relaxed);
    first_barrier();
    w.saw_y = w.y.load(std::memory_order_relaxed);
  }
  other.join();
  int blind = 0;
  for (auto& w : worlds) blind += w.saw_x == 0 && w.saw_y == 0;
  return blind;
}

TEST(barriers, two_fences_order_a_store_before_a_load) {
  EXPECT_EQ(both_blind(20000, native::fence, native::fence), 0);
}

TEST(barriers, a_light_one_is_enough_against_a_heavy_one) {
  EXPECT_EQ(both_blind(20000, native::light, native::heavy), 0);
}

struct slot_tag;
TEST(thread_slot, is_each_threads_own) {
  using slot = native::thread_slot<int*, slot_tag>;
  int mine = 0, theirs = 0;
  slot::set(&mine);
  std::thread([&] {
    EXPECT_EQ(slot::get(), nullptr);
    slot::set(&theirs);
    EXPECT_EQ(slot::get(), &theirs);
  }).join();
  EXPECT_EQ(slot::get(), &mine);
  slot::set(nullptr);
}

TEST(allocate, honours_the_alignment) {
  for (std::size_t align : {16u, 64u, 128u, 4096u}) {
    void* p = native::allocate(100, align);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(p) % align, 0u);
    native::deallocate(p, align);
  }
}

TEST(spin_lock, lets_one_in_at_a_time) {
  weft::spin_lock lock;
  long value = 0;
  std::vector<std::thread> all;
  for (int t = 0; t < 8; ++t) {
    all.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        std::scoped_lock hold{lock};
        ++value;
      }
    });
  }
  for (auto& t : all) t.join();
  EXPECT_EQ(value, 40000);
  EXPECT_TRUE(lock.try_lock());
  EXPECT_FALSE(lock.try_lock());
  lock.unlock();
  EXPECT_TRUE(lock.try_lock());
  lock.unlock();
}

TEST(backoff, goes_on_for_ever) {
  weft::backoff pause;
  for (int i = 0; i < 20; ++i) pause();
}

struct item : weft::list_hook<item> {
  explicit item(int v) : value(v) {}
  int value;
};

std::vector<int> values(weft::list<item>& l) {
  std::vector<int> all;
  for (auto* x = l.front(); x; x = l.after(*x)) all.push_back(x->value);
  return all;
}

TEST(list, keeps_order_and_removes_by_object) {
  weft::list<item> l;
  item a{1}, b{2}, c{3};
  EXPECT_TRUE(l.empty());
  EXPECT_EQ(l.front(), nullptr);
  EXPECT_EQ(l.pop_front(), nullptr);
  for (auto* x : {&a, &b, &c}) l.push_back(*x);
  EXPECT_EQ(values(l), (std::vector{1, 2, 3}));
  l.erase(b);
  EXPECT_FALSE(b.linked());
  EXPECT_TRUE(a.linked());
  EXPECT_EQ(values(l), (std::vector{1, 3}));
  l.push_back(b);
  EXPECT_EQ(l.pop_front(), &a);
  EXPECT_EQ(values(l), (std::vector{3, 2}));
  l.erase(b);
  l.erase(c);
  EXPECT_TRUE(l.empty());
}

TEST(any, gives_every_number_below_the_bound_and_no_other) {
  std::vector<unsigned> times(3);
  for (int i = 0; i < 3000; ++i) ++times.at(native::any(3));
  for (auto n : times) EXPECT_GT(n, 500u);
  EXPECT_EQ(native::any(1), 0u);
}

struct place_of_all {
  native::atomic<int> at{7};
};

TEST(global, is_the_same_object_for_every_thread) {
  auto& mine = native::global<place_of_all>();
  EXPECT_EQ(mine.at.load(), 7);
  place_of_all* theirs = nullptr;
  std::thread([&] { theirs = &native::global<place_of_all>(); }).join();
  EXPECT_EQ(theirs, &mine);
}

TEST(start, the_body_runs_and_then_what_was_put_at_the_thread_s_exit_the_last_one_first) {
  std::string seen;
  auto const body = [](void* arg) noexcept {
    auto& to = *static_cast<std::string*>(arg);
    native::at_thread_exit([](void* a) { *static_cast<std::string*>(a) += 'c'; }, arg);
    native::at_thread_exit([](void* a) { *static_cast<std::string*>(a) += 'b'; }, arg);
    to += 'a';
  };
  auto const t = native::start(body, &seen);
  EXPECT_NE(t, native::thread::none);
  native::join(t);
  EXPECT_EQ(seen, "abc");
}

TEST(start, a_thread_that_was_let_go_runs_by_itself) {
  // Lives for ever: the thread may still be in unpark() when it is seen.
  static native::atomic<std::uint32_t> ran{0};
  native::let_go(native::start(
      [](void*) noexcept {
        ran.store(1);
        native::unpark_all(&ran);
      },
      nullptr));
  while (ran.load() == 0) native::park(ran, 0);
  EXPECT_EQ(ran.load(), 1u);
}

TEST(list, a_copy_of_an_object_stands_in_no_list) {
  weft::list<item> l;
  item a{1};
  l.push_back(a);
  item copy = a;
  EXPECT_FALSE(copy.linked());
  EXPECT_EQ(copy.value, 1);
  l.erase(a);
}

TEST(error, codes_have_a_category_and_a_text) {
  for (int c = 1; c <= static_cast<int>(weft::errc::forked); ++c) {
    auto const code = make_error_code(static_cast<weft::errc>(c));
    EXPECT_STREQ(code.category().name(), "weft");
    EXPECT_EQ(code.message().find("unknown"), std::string::npos) << c;
  }
  EXPECT_EQ(weft::category().message(999), "unknown weft error 999");
  std::error_code const closed = weft::errc::closed;
  EXPECT_EQ(closed, weft::errc::closed);
}

TEST(error, exceptions_say_what_they_are_and_are_system_errors) {
  try {
    throw weft::cancelled("shutting down");
  } catch (std::system_error const& e) {
    EXPECT_STREQ(e.what(), "cancelled: shutting down");
    EXPECT_EQ(e.code(), weft::errc::cancelled);
  }
  EXPECT_STREQ(weft::cancelled("").what(), "cancelled");
  EXPECT_EQ(weft::cancelled("why").reason(), "why");
  EXPECT_EQ(weft::timeout_error("t").code(), weft::errc::timed_out);
  EXPECT_EQ(weft::deadlock_error("d").code(), weft::errc::deadlock);
  EXPECT_EQ(weft::misuse_error("m").code(), weft::errc::misuse);
}

TEST(error, a_place_is_a_file_without_folders_and_a_line) {
  auto const here = std::source_location::current();
  EXPECT_EQ(weft::place(here), "atoms.cpp:" + std::to_string(here.line()));
}

TEST(error, die_names_what_where_and_the_cure) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(weft::detail::die("the lock is lost", "look under the table"),
               "weft: the lock is lost\n  at .*atoms.cpp:[0-9]+\n  look under the table");
}

}  // namespace
