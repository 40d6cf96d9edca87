// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/domain.hpp>
#include <weft/mem/object_pool.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using testing::HasSubstr;

struct node {
  long key = 1;
  std::array<long, 7> rest{};
};

constexpr bool pooled = !weft::detail::pools_step_aside;

std::size_t resident() {
  std::size_t pages = 0;
  if (FILE* f = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(f, "%*u %zu", &pages) != 1) pages = 0;
    std::fclose(f);
  }
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(object_pool, makes_and_destroys_objects) {
  auto seen = std::make_shared<int>(0);
  struct holder {
    std::shared_ptr<int> what;
    int more;
  };
  weft::object_pool<holder> pool;
  holder* h = pool.acquire(seen, 7);
  EXPECT_EQ(h->more, 7);
  EXPECT_EQ(seen.use_count(), 2);
  EXPECT_EQ(pool.in_use(), 1u);
  pool.release(h);
  EXPECT_EQ(seen.use_count(), 1);
  EXPECT_EQ(pool.in_use(), 0u);
  pool.release(nullptr);
  pool.deallocate(nullptr);
}

TEST(object_pool, what_is_released_last_is_used_first) {
  if (!pooled) GTEST_SKIP() << "every object has memory of its own here";
  weft::object_pool<node> pool;
  node* const a = pool.acquire();
  pool.release(a);
  node* const b = pool.acquire();
  EXPECT_EQ(a, b);
  pool.release(b);
}

TEST(object_pool, a_constructor_that_throws_leaves_nothing_in_use) {
  struct never {
    never() { throw std::runtime_error{"no"}; }
    long filler = 0;
  };
  weft::object_pool<never> pool{weft::pool_options{.most = 2}};
  for (int i = 0; i < 5; ++i) EXPECT_THROW((void)pool.acquire(), std::runtime_error);
  EXPECT_EQ(pool.in_use(), 0u);
}

template <class T>
void expect_apart(std::size_t n) {
  weft::object_pool<T> pool;
  std::vector<T*> all;
  for (std::size_t i = 0; i < n; ++i) {
    all.push_back(pool.acquire());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back()) % alignof(T), 0u);
  }
  auto sorted = all;
  std::ranges::sort(sorted);
  for (std::size_t i = 1; i < n; ++i) EXPECT_LE(sorted[i - 1] + 1, sorted[i]);
  EXPECT_EQ(pool.in_use(), n);
  for (T* p : all) pool.release(p);
}

TEST(object_pool, objects_of_all_sizes_are_aligned_and_do_not_overlap) {
  struct alignas(256) wide {
    std::array<char, 300> text;
  };
  struct page {
    std::array<char, 5000> text;
  };
  struct huge {
    std::array<char, 200'000> text;
  };
  expect_apart<char>(10'000);
  expect_apart<node>(10'000);
  expect_apart<wide>(1000);
  expect_apart<page>(200);
  expect_apart<huge>(40);
}

TEST(object_pool, a_bounded_pool_refuses_and_says_so) {
  weft::object_pool<node> pool{weft::pool_options{.most = 3}};
  std::vector<node*> all;
  for (int i = 0; i < 3; ++i) all.push_back(pool.acquire());
  EXPECT_EQ(pool.try_acquire(), nullptr);
  EXPECT_EQ(pool.try_allocate(), nullptr);
  try {
    (void)pool.acquire();
    ADD_FAILURE() << "a fourth object of three";
  } catch (weft::pool_full const& e) {
    EXPECT_EQ(e.code(), weft::errc::busy);
    EXPECT_THAT(e.what(), HasSubstr("node> is full: all 3 objects are in use; release one"));
    EXPECT_THAT(e.what(), HasSubstr("object_pool<"));
  }
  pool.release(all.back());
  all.back() = pool.try_acquire();
  EXPECT_NE(all.back(), nullptr);
  for (node* p : all) pool.release(p);
}

// No place stays with a thread that does not use it.
TEST(object_pool, a_place_that_another_thread_released_is_free) {
  weft::object_pool<node> pool{weft::pool_options{.most = 50, .name = "nodes"}};
  for (int round = 0; round < 20; ++round) {
    std::thread([&] {
      std::vector<node*> all;
      for (int i = 0; i < 50; ++i) all.push_back(pool.acquire());
      for (node* p : all) pool.release(p);
    }).join();
    std::vector<node*> all;
    for (int i = 0; i < 50; ++i) all.push_back(pool.acquire());
    EXPECT_EQ(pool.try_acquire(), nullptr);
    for (node* p : all) pool.release(p);
  }
}

TEST(object_pool, owned_objects_find_their_pool) {
  weft::object_pool<node> a;
  weft::object_pool<node> b;
  auto one = a.make();
  weft::object_pool<node>::unique two = b.make();
  static_assert(sizeof(one) == sizeof(node*));
  EXPECT_EQ(a.in_use(), 1u);
  EXPECT_EQ(b.in_use(), 1u);
  std::swap(one, two);
  one.reset();
  EXPECT_EQ(a.in_use(), 1u);
  EXPECT_EQ(b.in_use(), 0u);
}

TEST(object_pool, retired_objects_come_back) {
  weft::object_pool<node> pool;
  weft::domain domain;
  for (int i = 0; i < 1000; ++i) {
    auto guard = domain.pin();
    guard.retire(pool.acquire(), pool.deleter());
  }
  while (domain.limbo_count() != 0) domain.reclaim();
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(object_pool, gives_memory_back_after_a_burst) {
  if (!pooled) GTEST_SKIP() << "the memory is operator new's here";
  constexpr std::size_t n = 2'000'000;  // 128 MB
  std::vector<node*> all(n);
  std::minstd_rand random(7);
  weft::object_pool<node> pool;
  auto const before = resident();
  for (auto& p : all) p = pool.acquire();
  auto const within = resident();
  EXPECT_GE(within - before, n * sizeof(node) * 9 / 10);
  std::ranges::shuffle(all, random);
  for (auto* p : all) pool.release(p);
  auto const after = resident();
  EXPECT_LE(after, before + (within - before) / 5);
  EXPECT_GE(pool.usage().bytes_given, n * sizeof(node) * 8 / 10);
  EXPECT_GE(pool.usage().peak_bytes, n * sizeof(node));
  pool.trim();
  EXPECT_EQ(pool.usage().bytes, 0u);
}

TEST(object_pool, memory_does_not_grow_with_use) {
  if (!pooled) GTEST_SKIP() << "the memory is operator new's here";
  weft::object_pool<node> pool;
  auto const pass = [&] {
    std::vector<node*> all;
    for (int i = 0; i < 3000; ++i) all.push_back(pool.acquire());
    std::thread([&] {
      for (node* p : all) pool.release(p);
    }).join();
  };
  for (int i = 0; i < 3; ++i) pass();
  auto const before = pool.usage().peak_bytes;
  for (int i = 0; i < 50; ++i) pass();
  EXPECT_EQ(pool.usage().peak_bytes, before);
  EXPECT_LE(pool.usage().threads, 2u);
}

TEST(object_pool, usage_adds_up) {
  if (!pooled) GTEST_SKIP() << "the memory is operator new's here";
  weft::object_pool<node> pool;
  EXPECT_EQ(pool.usage().bytes, 0u);
  std::vector<node*> all;
  for (int i = 0; i < 5000; ++i) all.push_back(pool.acquire());
  auto u = pool.usage();
  EXPECT_EQ(u.in_use, 5000u);
  EXPECT_GE(u.bytes, 5000 * sizeof(node));
  EXPECT_LE(u.cached, 64u);
  for (node* p : all) pool.release(p);
  u = pool.usage();
  EXPECT_EQ(u.in_use, 0u);
  EXPECT_LE(u.cached, 64u);
  EXPECT_LE(u.waiting, 128u);
  EXPECT_EQ(u.threads, 1u);
}

TEST(object_pool, many_pools_in_one_thread) {
  std::vector<std::unique_ptr<weft::object_pool<node>>> pools;
  std::vector<node*> all;
  for (int i = 0; i < 300; ++i) {
    pools.push_back(std::make_unique<weft::object_pool<node>>());
    all.push_back(pools.back()->acquire());
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(pools[i]->in_use(), 1u);
    pools[i]->release(all[i]);
  }
}

TEST(object_pool, a_thread_may_outlive_pools) {
  std::thread([] {
    for (int i = 0; i < 200; ++i) {
      weft::object_pool<node> pool;
      pool.release(pool.acquire());
    }
  }).join();
}

TEST(object_pool, an_exit_hook_may_use_a_pool_after_its_cache_has_left) {
  weft::object_pool<node> pool;
  std::thread([&] {
    weft::this_thread()->at_exit(
        [](weft::thread_record&, void* p) noexcept {
          auto& in = *static_cast<weft::object_pool<node>*>(p);
          in.release(in.acquire());
        },
        &pool);
    pool.release(pool.acquire());
  }).join();
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(object_pool_death, objects_in_use_at_its_end) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::object_pool<node> pool;
        (void)pool.acquire();
        (void)pool.acquire();
      },
      "object_pool<.*node> is destroyed while 2 of its objects are in use.*release every object");
}

TEST(object_pool_death, an_object_of_another_pool) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::object_pool<node> a;
        weft::object_pool<node> b;
        b.release(a.acquire());
        b.trim();
      },
      "released to a pool that it is not of");
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
TEST(object_pool_death, a_use_after_release_is_reported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::object_pool<node> pool;
        node* n = pool.acquire();
        pool.release(n);
        n->key = 2;
      },
      "heap-use-after-free");
}
TEST(object_pool_death, a_second_release_is_reported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        weft::object_pool<node> pool;
        node* n = pool.acquire();
        pool.release(n);
        pool.release(n);
      },
      "heap-use-after-free|double-free");
}
#endif
#endif

}  // namespace
