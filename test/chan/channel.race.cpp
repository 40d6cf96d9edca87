// SPDX-License-Identifier: Apache-2.0
// Every value that was accepted arrives once, through any capacity, between tasks and threads.
#include <support/duration.hpp>

#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;

constexpr unsigned sides = 4;  // senders, and as many receivers; half of each are threads
constexpr unsigned each = 2000;

struct seen {
  std::array<std::atomic<std::uint8_t>, sides * each> times{};
  std::atomic<bool> out_of_order{false};
  std::atomic<unsigned> all{0};

  // A receiver sees the values of one sender in their order.
  struct last {
    std::array<unsigned, sides> of{};
  };
  void note(unsigned v, last& before) {
    ++times[v];
    ++all;
    auto& l = before.of[v / each];
    if (l > v) out_of_order = true;
    l = v;
  }
};

weft::task<> sends(weft::sender<unsigned> tx, unsigned from) {
  for (unsigned i = 0; i < each; ++i) (void)co_await tx.send(from + i);
}
weft::task<> receives(weft::receiver<unsigned> rx, seen& s) {
  seen::last before;
  for (;;) {
    auto v = co_await rx.recv();
    if (!v) co_return;
    s.note(*v, before);
  }
}
void send_in_a_thread(weft::sender<unsigned> tx, unsigned from) {
  for (unsigned i = 0; i < each; ++i) (void)tx.send(from + i).wait();
}
void receive_in_a_thread(weft::receiver<unsigned> rx, seen& s) {
  seen::last before;
  while (auto v = rx.recv().wait()) s.note(*v, before);
}

void pass_all(weft::runtime& rt, std::size_t capacity) {
  seen s;
  std::vector<std::thread> threads;
  {
    weft::group tasks{rt};
    {
      auto ends = weft::make_channel<unsigned>(capacity);
      for (unsigned i = 0; i < sides; ++i) {
        if (i % 2 == 0) {
          (void)tasks.spawn(&sends, ends.tx, i * each);
          (void)tasks.spawn(&receives, ends.rx, std::ref(s));
        } else {
          threads.emplace_back(&send_in_a_thread, ends.tx, i * each);
          threads.emplace_back(&receive_in_a_thread, ends.rx, std::ref(s));
        }
      }
    }  // the last sender that ends closes the channel
    tasks.join().wait();
  }
  for (auto& t : threads) t.join();
  EXPECT_EQ(s.all, sides * each);
  EXPECT_FALSE(s.out_of_order);
  for (auto& n : s.times) ASSERT_EQ(n, 1);
}

void pass_for_a_while(std::size_t capacity) {
  weft::runtime rt{{.workers = 4}};
  auto const end = weft::clock::now() + weft_test::duration(1s);
  do pass_all(rt, capacity);
  while (weft::clock::now() < end && !testing::Test::HasFailure());
}

TEST(channel_race, rendezvous) { pass_for_a_while(0); }
TEST(channel_race, one_place) { pass_for_a_while(1); }
TEST(channel_race, many_places) { pass_for_a_while(64); }

}  // namespace
