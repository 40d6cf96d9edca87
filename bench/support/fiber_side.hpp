// SPDX-License-Identifier: Apache-2.0
#pragma once

#if WEFT_BENCH_BOOST
#include <boost/fiber/all.hpp>

#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace bench {

/// Two threads that take ready fibers from one queue (algo::shared_work, suspending), which was
/// the best of Boost.Fiber's schedulers for two threads.
class fiber_threads {
 public:
  ~fiber_threads() {
    {
      std::scoped_lock hold{lock_};
      over_ = true;
    }
    changed_.notify_all();
  }

  /// Runs f() as a fiber of these threads, and waits for its end in the calling one.
  template <class F>
  void run(F f) {
    std::packaged_task<void()> work{std::move(f)};
    auto ended = work.get_future();
    {
      std::scoped_lock hold{lock_};
      work_ = &work;
    }
    changed_.notify_all();
    ended.get();
  }

 private:
  void serve() {
    boost::fibers::use_scheduling_algorithm<boost::fibers::algo::shared_work>(true);
    for (std::unique_lock hold{lock_};;) {
      changed_.wait(hold, [this] { return over_ || work_ != nullptr; });
      if (over_) return;
      auto* const work = std::exchange(work_, nullptr);
      hold.unlock();
      boost::fibers::fiber{[work] { (*work)(); }}.join();
      hold.lock();
    }
  }

  boost::fibers::mutex lock_;
  boost::fibers::condition_variable_any changed_;
  bool over_ = false;
  std::packaged_task<void()>* work_ = nullptr;
  std::jthread first_{[this] { serve(); }};
  std::jthread second_{[this] { serve(); }};
};

/// For per_op: f(n) as a fiber of two threads.
template <class F>
auto on_two_threads(F f) {
  return [f, threads = std::make_shared<fiber_threads>()](std::uint64_t n) {
    threads->run([&] { f(n); });
  };
}

}  // namespace bench
#endif
