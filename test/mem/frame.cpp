// SPDX-License-Identifier: Apache-2.0
#include <weft/mem/frame.hpp>

#include <weft/base/spin_lock.hpp>
#include <weft/base/thread.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace {

struct piece {
  unsigned char* at;
  std::size_t bytes;
};

piece make(std::size_t bytes, unsigned char fill) {
  auto* p = static_cast<unsigned char*>(weft::frame_allocate(bytes));
  std::memset(p, fill, bytes);
  return {p, bytes};
}

bool whole(piece const& p) {
  for (std::size_t i = 1; i < p.bytes; ++i) {
    if (p.at[i] != p.at[0]) return false;
  }
  return true;
}

// Under sanitizers frames come from operator new, and no chunk is ever taken.
bool lists_in_use() {
  weft::frame_free(weft::frame_allocate(64), 64);
  return weft::frame_memory().chunks != 0;
}

TEST(frame, every_size_is_aligned_and_does_not_overlap) {
  std::vector<piece> all;
  for (std::size_t bytes = 1; bytes < 2600; bytes += 7) {
    all.push_back(make(bytes, static_cast<unsigned char>(bytes)));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back().at) % 16, 0u) << bytes;
  }
  for (auto& p : all) EXPECT_TRUE(whole(p)) << p.bytes;
  for (auto& p : all) weft::frame_free(p.at, p.bytes);
}

TEST(frame, sizes_at_the_edges_of_the_classes) {
  for (std::size_t edge : {32u, 240u, 256u, 480u, 512u, 768u, 1024u, 1536u, 2048u}) {
    for (std::size_t bytes : {edge - 1, edge, edge + 1}) {
      auto a = make(bytes, 1);
      auto b = make(bytes, 2);
      EXPECT_TRUE(whole(a) && whole(b)) << bytes;
      weft::frame_free(a.at, bytes);
      weft::frame_free(b.at, bytes);
    }
  }
}

TEST(frame, memory_is_reused_and_stays_within_the_most_that_was_alive) {
  if (!lists_in_use()) GTEST_SKIP() << "frames come from operator new here";
  auto round = [] {
    std::vector<void*> all;
    for (int i = 0; i < 5000; ++i) all.push_back(weft::frame_allocate(200));
    for (void* p : all) weft::frame_free(p, 200);
  };
  round();
  auto const before = weft::frame_memory().bytes;
  for (int i = 0; i < 20; ++i) round();
  EXPECT_EQ(weft::frame_memory().bytes, before);
}

TEST(frame, frames_freed_on_another_thread_come_back) {
  if (!lists_in_use()) GTEST_SKIP() << "frames come from operator new here";
  auto pass = [] {
    std::vector<void*> all;
    for (int i = 0; i < 3000; ++i) all.push_back(weft::frame_allocate(333));
    std::thread other([&] {
      for (void* p : all) weft::frame_free(p, 333);
    });
    other.join();
  };
  pass();
  pass();
  auto const before = weft::frame_memory().bytes;
  for (int i = 0; i < 20; ++i) pass();
  EXPECT_EQ(weft::frame_memory().bytes, before);
}

TEST(frame, lists_of_a_thread_that_ended_are_used_by_the_next) {
  if (!lists_in_use()) GTEST_SKIP() << "frames come from operator new here";
  auto touch_all = [] {
    std::thread([] {
      for (std::size_t bytes = 32; bytes <= 2048; bytes += 32) {
        weft::frame_free(weft::frame_allocate(bytes), bytes);
      }
    }).join();
  };
  touch_all();
  touch_all();
  auto const before = weft::frame_memory().bytes;
  for (int i = 0; i < 50; ++i) touch_all();
  EXPECT_EQ(weft::frame_memory().bytes, before);
}

TEST(frame, an_exit_hook_may_use_frames_after_the_lists_have_left) {
  std::thread([] {
    // Added first, so it runs last: after the hook of the frame lists.
    weft::this_thread()->at_exit(
        [](weft::thread_record&, void*) noexcept {
          weft::frame_free(weft::frame_allocate(64), 64);
        },
        nullptr);
    weft::frame_free(weft::frame_allocate(64), 64);
  }).join();
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
TEST(frame, a_use_after_free_is_reported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        auto p = make(100, 1);
        weft::frame_free(p.at, p.bytes);
        std::memset(p.at, 2, 1);
      },
      "heap-use-after-free");
}
#endif
#endif

// Eight threads pass frames round through a few shared places; each frame carries a canary.
TEST(frame, threads_that_pass_frames_round_never_share_one) {
  struct shelf {
    weft::spin_lock lock;
    piece held{};
  };
  std::array<shelf, 64> shelves;
  std::atomic<bool> good{true};
  auto work = [&](unsigned seed) {
    std::minstd_rand random(seed);
    for (int i = 0; i < 30000; ++i) {
      piece mine = make(1 + random() % 900, static_cast<unsigned char>(random()));
      auto& s = shelves[random() % shelves.size()];
      {
        std::scoped_lock hold{s.lock};
        std::swap(mine, s.held);
      }
      if (!mine.at) continue;
      if (!whole(mine)) good = false;
      weft::frame_free(mine.at, mine.bytes);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 8; ++i) threads.emplace_back(work, i + 1);
  for (auto& t : threads) t.join();
  for (auto& s : shelves) {
    if (s.held.at) weft::frame_free(s.held.at, s.held.bytes);
  }
  EXPECT_TRUE(good);
}

}  // namespace
