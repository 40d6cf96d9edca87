// SPDX-License-Identifier: Apache-2.0
// Actors that come and go under many threads: each message is handled once or is a dead letter
// once, each request ends, each end is told once, and nothing is left.
#include <support/duration.hpp>
#include <support/seed.hpp>

#include <weft/weft.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace {

using namespace std::chrono_literals;
using weft::ref;

// What is counted of every message: made, handled, and gone.
struct tally {
  std::atomic<long> sent{0}, handled{0}, alive{0};
};
class token {
 public:
  explicit token(tally* t) noexcept : of_(t) { of_->alive.fetch_add(1); }
  token(token&& o) noexcept : of_(std::exchange(o.of_, nullptr)) {}
  token& operator=(token&&) = delete;
  ~token() {
    if (of_) of_->alive.fetch_sub(1);
  }
  void handle() const { of_->handled.fetch_add(1); }

 private:
  tally* of_;
};
struct work {
  token t;
};
struct question {
  using reply = int;
  int n;
};
struct poison {};

class handler : public weft::actor<work, question, poison> {
 public:
  void on(work w) { w.t.handle(); }
  int on(question q) { return q.n + 1; }
  void on(poison) { throw std::runtime_error("poison"); }
};
class walker : public weft::actor<work, question, poison> {
 public:
  weft::task<> run() {
    for (;;) {
      auto m = co_await receive();
      if (auto* w = std::get_if<work>(&m)) w->t.handle();
      if (auto* q = std::get_if<weft::request<question>>(&m)) q->answer.reply(q->content.n + 1);
      if (std::get_if<poison>(&m)) throw std::runtime_error("poison");
    }
  }
};
using any = ref<work, question, poison>;

any fresh(weft::runtime& on, unsigned dice) {
  return dice % 2 == 0 ? weft::spawn_actor<handler>({.on = &on})
                       : weft::spawn_actor<walker>({.on = &on});
}

// References that threads pass to each other; a stale one is as good as any.
class board {
 public:
  explicit board(std::size_t n) : refs_(n) {}
  any get(std::size_t i) {
    std::scoped_lock hold{lock_};
    return refs_[i % refs_.size()];
  }
  any put(std::size_t i, any r) {
    std::scoped_lock hold{lock_};
    return std::exchange(refs_[i % refs_.size()], r);
  }

 private:
  std::mutex lock_;
  std::vector<any> refs_;
};

TEST(actor_race, come_and_go) {
  auto const seed = weft_test::seed();
  auto const dead_before = weft::dead_letters().count();
  tally t;
  std::atomic<long> answered{0}, refused{0}, asked{0}, monitors{0};
  weft::inbox<weft::down> ends;
  long told = 0;
  {
    weft::runtime own({.workers = 3});
    board all(16);
    for (unsigned i = 0; i < 16; ++i) all.put(i, fresh(own, i));
    auto const until = weft::clock::now() + weft_test::duration(500ms);
    std::vector<std::jthread> threads;
    for (unsigned id = 0; id < 6; ++id)
      threads.emplace_back([&, id] {
        std::mt19937 dice(static_cast<unsigned>(seed) + id);
        while (weft::clock::now() < until) {
          auto const who = all.get(dice());
          switch (dice() % 16) {
            case 0:
              who.kill();
              break;
            case 1:
              who.stop();
              break;
            case 2:
              who.drain();
              break;
            case 3:
              who.tell(poison{});
              break;
            case 4:
              weft::link(who, all.get(dice()));
              break;
            case 5:
              weft::unlink(who, all.get(dice()));
              break;
            case 6:
              weft::monitor(who, ends.self());
              ++monitors;
              break;
            case 7:
            case 8:
            case 9:
              all.put(dice(), fresh(own, static_cast<unsigned>(dice())));
              break;
            case 10:
            case 11:
              ++asked;
              try {
                EXPECT_EQ(who.ask(question{4}, 20s).wait(), 5);
                ++answered;
              } catch (weft::actor_error const& e) {
                EXPECT_NE(e.why(), weft::ask_failure::timed_out);
                ++refused;
              }
              break;
            default:
              ++t.sent;
              who.tell(work{token(&t)});
          }
        }
      });
    threads.clear();
  }
  while (auto m = ends.try_receive()) ++told;
  EXPECT_EQ(told, monitors);
  EXPECT_EQ(answered + refused, asked);
  EXPECT_EQ(t.alive, 0);
  EXPECT_LE(t.handled, t.sent);
  auto const dead = static_cast<long>(weft::dead_letters().count() - dead_before);
  EXPECT_GE(t.handled + dead, t.sent);
  std::printf("%ld messages, %ld handled, %ld dead letters, %ld answers of %ld\n", t.sent.load(),
              t.handled.load(), dead, answered.load(), asked.load());
}

// A supervisor whose children fail all the time keeps every other message.
TEST(actor_race, a_storm_of_failures) {
  tally t;
  weft::runtime own({.workers = 3});
  weft::supervisor pool{{.max_restarts = 1'000'000, .window = 1h}};
  for (int i = 0; i < 4; ++i) {
    pool.child<handler>("h" + std::to_string(i));
    pool.child<walker>("w" + std::to_string(i));
  }
  auto const sup = weft::spawn_actor<weft::supervisor>({.on = &own}, std::move(pool));
  std::vector<any> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(weft::supervised<handler>(sup, "h" + std::to_string(i)).wait());
    all.push_back(weft::supervised<walker>(sup, "w" + std::to_string(i)).wait());
  }
  auto const until = weft::clock::now() + weft_test::duration(300ms);
  std::vector<std::jthread> threads;
  for (unsigned id = 0; id < 4; ++id)
    threads.emplace_back([&, id] {
      std::mt19937 dice(static_cast<unsigned>(weft_test::seed()) + id);
      while (weft::clock::now() < until) {
        auto const& who = all[dice() % all.size()];
        if (dice() % 8 == 0) who.tell(poison{});
        ++t.sent;
        who.tell(work{token(&t)});
      }
    });
  threads.clear();
  for (auto const& who : all) EXPECT_EQ(who.ask(question{1}, 60s).wait(), 2);
  EXPECT_EQ(t.handled, t.sent);
  EXPECT_EQ(t.alive, 0);
  sup.stop();
  (void)weft::ended(sup).wait();
}

}  // namespace
